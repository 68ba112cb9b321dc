import { ask } from './api.js';
import { confirmThat, h, pill, showOnce, tell } from './dom.js';
import { ago, counted, exactly, lasting, number } from './words.js';

/** @typedef {import('../http/admin-answers.ts').Overview} Overview */
/** @typedef {import('../http/admin-answers.ts').StationView} Station */

/** Beyond this a bench's clock is asked about, in seconds; the hub itself asks at 300. */
const CLOCK_S = 5;

/**
 * The benches, and what can be done about them.
 * @param {Overview} all
 * @param {() => Promise<void>} reload
 */
export function stations({ stations: all, health: { sites } }, reload) {
  const head = h(
    'div',
    { class: 'head' },
    h('h2', { id: 'stations-title' }, 'Benches'),
    h('button', { type: 'button', class: 'primary', id: 'make-code', onclick: makeCode }, 'Make a code'),
  );
  if (all.length === 0) {
    return [head, h('p', { class: 'dim' }, 'None has joined yet. Make a code and type it in at the bench.')];
  }
  const titles = ['Bench', 'State', 'Last contact', 'Clock', 'Sent', 'Read', 'In a backup', 'What to do'];
  const lengths = new Map(sites.map(({ id, n }) => [id, n]));
  const table = h(
    'table',
    {},
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        titles.map((title) => h('th', { scope: 'col' }, title)),
      ),
    ),
    h(
      'tbody',
      {},
      all.map((station) => row(station, titles, lengths.get(station.siteId) ?? 0, reload)),
    ),
  );
  return [head, h('div', { class: 'table' }, table)];
}

/**
 * @param {Station} station @param {string[]} titles @param {number} length of the site's history
 * @param {() => Promise<void>} reload
 */
function row(station, titles, length, reload) {
  const { id, name, prefix, lastSeq, lastAt, seenAt, readN, backedUp } = station;
  const unread = Math.max(0, length - readN);
  const unsaved = Math.max(0, lastSeq - backedUp);
  const cells = [
    stateOf(station),
    h('span', { title: exactly(seenAt) }, ago(seenAt)),
    clockOf(station),
    [counted(lastSeq, 'entry', 'entries'), lastAt && h('small', {}, `last made ${exactly(lastAt)}`)],
    unread === 0 ? 'Everything' : `${number(unread)} behind`,
    unsaved === 0 ? 'Everything' : `${number(unsaved)} not yet`,
    changeOf(station, reload),
  ];
  return h(
    'tr',
    { 'data-station': id },
    h('th', { scope: 'row' }, name, h('small', { class: 'mono' }, prefix)),
    cells.map((cell, index) => h('td', { 'data-label': titles[index + 1] ?? '' }, cell)),
  );
}

/** @param {Station} station */
function stateOf({ state, why }) {
  if (state === 'active') return pill('passed', 'Active');
  if (state === 'revoked') return [pill('failed', 'Revoked'), h('small', {}, why ?? '')];
  return [pill('needs', 'Stopped'), h('small', {}, 'two benches use its identity')];
}

/** @param {Station} station */
function clockOf({ clockOffsetS: s }) {
  if (Math.abs(s) <= CLOCK_S) return 'Right';
  return pill('needs', `${lasting(s)} ${s > 0 ? 'fast' : 'slow'}`);
}

/** @param {Station} station @param {() => Promise<void>} reload */
function changeOf({ id, name, state }, reload) {
  /** @param {string} path @param {string} done */
  const change = (path, done) => async () => {
    await ask('POST', `/v1/admin/stations/${id}/${path}`, {});
    await reload();
    tell(done);
  };
  const admit = {
    title: `Let ${name} in again?`,
    consequences:
      state === 'revoked'
        ? ['It sends what it kept meanwhile, and reads what the others did.']
        : [
            'Two benches spoke with this one’s identity: its data folder was copied.',
            'Switch one of them off first, and restore it from a backup before it is used again.',
            'If both still run, both are stopped again.',
          ],
    ...{ yes: `Let ${name} in`, no: 'Not now' },
  };
  const revoke = {
    title: `Revoke ${name}?`,
    consequences: [
      'The hub takes nothing more from it, and it reads nothing more of the others.',
      'Work goes on at the bench and is kept there; it is sent when the bench is let in again.',
      'What it has sent stays. A bench that was stolen keeps what it has read.',
    ],
    ...{ yes: `Revoke ${name}`, no: 'Keep it', isDangerous: true },
  };
  const button = (/** @type {string} */ word, /** @type {() => void} */ onclick) =>
    h('button', { type: 'button', id: `${word}-${id}`, 'aria-label': `${word} ${name}`, onclick }, word);
  const isActive = state === 'active';
  return h(
    'div',
    { class: 'buttons' },
    isActive ? null : button('Let in', () => confirmThat(admit, change('admit', `${name} is let in.`))),
    state === 'revoked'
      ? null
      : button('Revoke', () => confirmThat(revoke, change('revoke', `${name} is revoked.`))),
  );
}

async function makeCode() {
  try {
    const { code, expiresAt } = await ask('POST', '/v1/admin/codes', {});
    showOnce('A code for one bench', {
      ...{ secret: code, isCode: true },
      notes: [
        h('p', {}, `It is shown this once, works once, and ends ${exactly(expiresAt)}.`),
        h('p', {}, 'At the bench: Settings, Hub, or'),
        h('p', { class: 'mono' }, `repairbench hub enrol ${location.origin} ${code}`),
      ],
    });
  } catch (error) {
    const { message, hint } = /** @type {import('./api.js').HubError} */ (error);
    tell(`${message} ${hint}`);
  }
}
