import { errorCatalogue } from './catalogue.ts';

/** What can go wrong for those who run a hub: on its command line and behind the administrator's link. */
export const hubErrors = errorCatalogue({
  'hub.bad-option': {
    kind: 'input',
    message: '{option}: {detail}.',
    hint: 'The README’s part on the hub names the commands and their options.',
  },
  'hub.held': {
    kind: 'bench',
    message: 'A hub runs on {path} already.',
    hint: 'Stop it first, or choose another folder with --data.',
  },
  'hub.closed-folder': {
    kind: 'input',
    message: 'PostgreSQL runs as a user of its own, who may not enter {path}.',
    hint: 'Choose another folder with --data, or start the hub as a user that is not root.',
  },
  'hub.database': {
    kind: 'bench',
    message: 'The hub’s PostgreSQL cannot be started: {detail}.',
    hint: 'Its own words stand above.',
  },
  'hub.database-away': {
    kind: 'bench',
    message: 'The database does not answer ({detail}).',
    hint: 'Start it, or check DATABASE_URL.',
  },
  'hub.newer-database': {
    kind: 'bench',
    message: 'The database has schema {found}, this program knows {known}.',
    hint: 'Install the newer hub. Nothing was changed.',
  },
  'hub.tls': {
    kind: 'input',
    message: 'The certificate cannot be used: {detail}.',
    hint: 'Give --tls-cert and --tls-key as PEM files that belong together.',
  },
  'hub.address': {
    kind: 'bench',
    message: 'The hub cannot listen on {address}: {detail}.',
    hint: 'Choose another --port or --host.',
  },
  'hub.not-empty': {
    kind: 'refused',
    message: 'There is something in {path} already.',
    hint: 'Restore into a new folder, or an empty database; nothing is ever overwritten.',
  },
  'hub.not-a-backup': {
    kind: 'input',
    message: '{path} is no whole backup of a hub: {detail}.',
    hint: 'Name another backup. Nothing was restored.',
  },
  'hub.damaged': {
    kind: 'unit',
    message: 'The hub’s history does not hold together: {detail}.',
    hint: 'Restore a backup from before; benches send again what it lacks.',
  },
  'hub.disk': {
    kind: 'bench',
    message: '{path} cannot be written: {detail}.',
    hint: 'Make room, or name another folder.',
  },
  'hub.not-admitted': {
    kind: 'refused',
    message: 'Administrators only.',
    hint: 'Open your one-time link. Where it is lost, “npm run hub -- admin-link” prints another.',
  },
  'hub.used-link': {
    kind: 'refused',
    message: 'This link was used already, or is too old.',
    hint: 'Ask another administrator for a new one, or print one with “npm run hub -- admin-link”.',
  },
  'hub.last-administrator': {
    kind: 'refused',
    message: 'The last administrator stays.',
    hint: 'Make a link for another one first.',
  },
  'hub.unknown': {
    kind: 'input',
    message: 'The hub does not know this {what}.',
    hint: 'Load the page again: it may have been removed meanwhile.',
  },
});
