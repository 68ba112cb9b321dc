import { errorCatalogue } from './catalogue.ts';

/** What keeps a bench and its hub apart, on both sides; a hub refuses with the same codes. */
export const syncErrors = errorCatalogue({
  'sync.not-joined': {
    kind: 'refused',
    message: 'This bench has joined no hub.',
    hint: 'Make a code at the hub, then join it under Settings › Station, or with “repairbench hub enrol URL CODE”.',
  },
  'sync.joined-already': {
    kind: 'refused',
    message: 'This bench has joined the hub at {url}.',
    hint: 'Leave it first under Settings › Station, or with “repairbench hub leave”; nothing of the bench’s own work is lost.',
  },
  'sync.training': {
    kind: 'refused',
    message: 'A training bench does not join a hub: what it holds is not real.',
    hint: 'Set up a live bench in another folder.',
  },
  'sync.bad-address': {
    kind: 'input',
    message: '“{url}” is no address of a hub.',
    hint: 'Give it as https://hub.example:7420. Without TLS only this machine’s own address is taken.',
  },
  'sync.unreachable': {
    kind: 'bench',
    message: 'The hub at {url} cannot be reached ({detail}).',
    hint: 'Work goes on here and is sent as soon as the hub answers.',
  },
  'sync.not-a-hub': {
    kind: 'bench',
    message: 'What answers at {url} is no hub, or an older one: {detail}.',
    hint: 'Check the address, and a proxy in between.',
  },
  'sync.unknown-station': {
    kind: 'refused',
    message: 'The hub does not know this bench.',
    hint: 'Leave the hub and enrol with a new code; nothing is lost.',
  },
  'sync.revoked': {
    kind: 'refused',
    message: 'This bench was revoked at the hub.',
    hint: 'An administrator of the hub can let it in again. Work goes on here and is kept.',
  },
  'sync.bad-signature': {
    kind: 'refused',
    message: 'The hub does not take this bench’s signature.',
    hint: 'The hub may know another key for it: leave it and enrol with a new code.',
  },
  'sync.clock': {
    kind: 'bench',
    message: 'This computer’s clock is too far from the hub’s.',
    hint: 'Set the clock. Nothing is lost.',
  },
  'sync.bad-code': {
    kind: 'refused',
    message: 'The code is wrong, used up or too old.',
    hint: 'Make a new one at the hub; each works once, for a day.',
  },
  'sync.prefix-taken': {
    kind: 'refused',
    message: 'Another bench of the site has this prefix of case numbers.',
    hint: 'Choose another prefix under Settings, then enrol with the same code.',
  },
  'sync.already-enrolled': {
    kind: 'refused',
    message: 'The hub knows this bench already, with another key or at another site.',
    hint: 'An administrator of the hub has to revoke the old one first.',
  },
  'sync.hole': {
    kind: 'bench',
    message: 'Entries are missing between what the hub has and what was sent.',
    hint: 'It is sent again from where the hub left off.',
  },
  'sync.broken-chain': {
    kind: 'bench',
    message: 'The hub’s copy of this bench’s log is another one.',
    hint: 'Ask the hub’s administrator whether it was restored from a backup; keep this bench’s data.',
  },
  'sync.clone': {
    kind: 'refused',
    message: 'Two benches use this one’s identity: its data folder was copied.',
    hint: 'Keep one of them. Restore the other from a backup with “repairbench restore”, then ask the hub’s administrator.',
  },
  'sync.bad-entry': {
    kind: 'bench',
    message: 'An entry is not what was signed.',
    hint: 'Run “repairbench verify log” here.',
  },
  'sync.too-old': {
    kind: 'bench',
    message: 'This program is too old for the hub.',
    hint: 'Update it. Work goes on here and is sent afterwards; nothing is lost.',
  },
  'sync.too-new': {
    kind: 'bench',
    message: 'This program is too new for the hub.',
    hint: 'Update the hub. Work goes on here and is sent afterwards; nothing is lost.',
  },
  'sync.key-rotated': {
    kind: 'refused',
    message: 'The hub knows a newer key of this bench.',
    hint: 'It is an older copy of itself: ask the hub’s administrator to revoke the bench, then enrol it with a new code.',
  },
  'sync.database-away': {
    kind: 'bench',
    message: 'The hub’s database does not answer.',
    hint: 'It is tried again by itself. Work goes on here and is kept.',
  },
  'sync.rewritten': {
    kind: 'bench',
    message: 'The hub’s history is not the one this bench has read.',
    hint: 'The hub was restored, or somebody changed it: ask its administrator. Nothing of this bench is lost.',
  },
  'sync.bad-request': {
    kind: 'bench',
    message: 'The hub cannot understand the request.',
    hint: 'Bench and hub may be of different versions: update the older one.',
  },
  'blob.unannounced': {
    kind: 'bench',
    message:
      'The hub takes a file only when an entry that this bench has sent names it, with this hash and size.',
    hint: 'It is sent again after the entry.',
  },
  'blob.unknown': {
    kind: 'bench',
    message: 'The hub does not have the file.',
    hint: 'The bench on which it was added sends it as soon as it reaches the hub.',
  },
  'blob.wrong-offset': {
    kind: 'bench',
    message: 'The hub has more or less of the file than this bench believes.',
    hint: 'It goes on from where the hub is.',
  },
  'blob.wrong-content': {
    kind: 'bench',
    message: 'What arrived at the hub is not the file that was announced; the hub kept nothing of it.',
    hint: 'Verify the file on the bench where it was added.',
  },
  'blob.too-large': {
    kind: 'refused',
    message: 'The file is larger than the hub takes.',
    hint: 'It stays on this bench. The hub’s administrator can raise the limit.',
  },
  'blob.hub-full': {
    kind: 'bench',
    message: 'The hub’s disk is full.',
    hint: 'Its administrator has to make room. The file stays on this bench and is sent later.',
  },
  'blob.damaged': {
    kind: 'bench',
    message: 'The hub’s copy of the file is damaged, and nothing of it was kept.',
    hint: 'Try again later: the bench on which the file was added sends it anew.',
  },
});
