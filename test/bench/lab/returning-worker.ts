import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { HEADERS, signingForm } from '../../../shared/sync/protocol.ts';
import { BareStation } from '../../support/hub.ts';
import { fillLog } from './history.ts';
import type { Benches } from './returning.ts';

/*
 * Some of the benches that come back: each sends its work and reads the feed to its end. The first checks every link
 * of what it reads; of what the others read only the numbers are looked at, so that the hub is what is measured and not
 * the two hundred computers it serves.
 */
const { url, codes, work, feedEnd } = JSON.parse(process.argv[2] ?? '{}') as Benches;
/** Pause after a failure, growing as a station's. */
const FIRST_PAUSE_MS = 1_000;

interface Bench {
  readonly station: BareStation;
  readonly key: KeyObject;
}
const benches: Bench[] = [];
for (const { prefix, code } of codes) {
  const pair = generateKeyPairSync('ed25519');
  const station = new BareStation(url, prefix, pair);
  await station.enrol(code);
  fillLog(station, work);
  benches.push({ station, key: pair.privateKey });
}
let bytes = 0;
let failures = 0;
process.send?.('ready');
await once(process, 'message');
await Promise.all(benches.map(({ station }) => patiently(() => station.push(0))));
process.send?.('sent');
await Promise.all(
  benches.map(({ station, key }, index) =>
    index === 0 ? readChecked(station) : readTo(feedEnd, station, key),
  ),
);
process.send?.({ bytes, failures });
// What it used is read before it ends.
await once(process, 'disconnect');

async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
    try {
      return await attempt();
    } catch {
      failures += 1;
      await after(pause);
    }
  }
}

async function readChecked(station: BareStation): Promise<void> {
  while (station.readN < feedEnd) await patiently(() => station.pull(5));
}

async function readTo(end: number, station: BareStation, key: KeyObject): Promise<void> {
  let n = 0;
  while (n < end) n = await patiently(() => readPage(station.id, key, n));
}

/** One page of the feed; gives its last number. */
async function readPage(stationId: string, key: KeyObject, after: number): Promise<number> {
  const path = `/v1/feed?after=${after}&wait=5`;
  const at = new Date().toISOString();
  const bodyHash = createHash('sha256').digest('hex');
  const form = signingForm({ method: 'GET', path, stationId, at, bodyHash });
  const answer = await fetch(new URL(path, url), {
    headers: {
      [HEADERS.station]: stationId,
      [HEADERS.at]: at,
      [HEADERS.signature]: sign(null, Buffer.from(form), key).toString('base64'),
    },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  bytes += Number(answer.headers.get('content-length') ?? text.length);
  const head = /^"head":\{"n":(\d+)/.exec(text.slice(text.lastIndexOf('"head":{')));
  const n = Number(head?.[1]);
  if (!(n >= after)) throw new Error('a page without its head');
  return n;
}
