import { h } from './dom.js';
import { ago, bytes, counted, exactly, lasting, number, since } from './words.js';

/** @typedef {import('../http/admin-answers.ts').Overview} Overview */

/** Without a plan, a backup of a working lab should not be older, in seconds. */
const OLD_S = 48 * 3600;

/**
 * The four answers an administrator looks for first.
 * @param {Overview} all
 */
export function health({
  health: { databaseMs, databaseVersion, backup, backupEveryS, sites },
  stations,
  reviews,
}) {
  const stopped = stations.filter(({ state }) => state === 'quarantined').length;
  const conflicts = reviews.filter(({ isConflict }) => isConflict).length;
  const isOld = !backup || since(backup.madeAt) > (backupEveryS ? backupEveryS * 2 : OLD_S);
  const [version = ''] = databaseVersion.split(' ');
  return [
    tile('passed', 'Database', `Answers in ${databaseMs} ms`, `PostgreSQL ${version}`),
    tile(
      isOld ? 'needs' : 'passed',
      'Newest backup',
      backup ? ago(backup.madeAt) : 'None yet',
      backup ? `${bytes(backup.bytes)} in ${backup.folder}` : 'npm run hub -- backup --to DIR',
      backupEveryS
        ? `The hub makes one every ${lasting(backupEveryS)}.`
        : 'The hub makes none by itself: start it with --backup-to.',
    ),
    ...sites.map(({ name, n, lastRestoredAt }) =>
      tile(
        'ready',
        `History of ${name}`,
        counted(n, 'entry', 'entries'),
        lastRestoredAt ? `Restored from a backup ${exactly(lastRestoredAt)}` : 'Never restored from a backup',
      ),
    ),
    tile(
      stopped + conflicts > 0 ? 'needs' : 'passed',
      'Needs somebody',
      conflicts + stopped === 0
        ? 'Nothing'
        : [conflicts && counted(conflicts, 'conflict'), stopped && `${number(stopped)} stopped`]
            .filter(Boolean)
            .join(', '),
      `${counted(stations.length, 'bench', 'benches')} joined`,
    ),
  ];
}

/**
 * @param {'ready' | 'passed' | 'needs'} tone
 * @param {string} title @param {string} answer @param {string[]} more
 */
function tile(tone, title, answer, ...more) {
  return h(
    'article',
    { class: 'tile', 'data-tone': tone, 'aria-label': title },
    h('h2', {}, title),
    h('strong', {}, answer),
    more.map((line) => h('span', { class: 'dim small' }, line)),
  );
}
