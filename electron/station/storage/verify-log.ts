import { createPublicKey } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { VerifyReport } from '../../../shared/model/evidence.ts';
import { metaOf } from '../../../shared/sync/entry.ts';
import { commitTo, entryHash, genesis, verifyHash } from './chain.ts';
import type { OpRow } from './history.ts';
import { verifyFeed } from './verify-feed.ts';

const keyOf = (der: Buffer) => createPublicKey({ key: der, format: 'der', type: 'spki' });

const PAGE = 500;
const FINDINGS_SHOWN = 50;
const counted = (findings: number): string =>
  findings === 1
    ? 'one finding'
    : findings === FINDINGS_SHOWN
      ? `${findings} findings or more`
      : `${findings} findings`;

/**
 * Re-checks the whole log: seq without holes, each entry's commitment, hash, link and signature, and that
 * nothing was cut off its end (entities say how many entries there must be). Where the bench has a hub, what it read
 * of the site's history is checked too.
 * Yields between pages so that the station stays responsive.
 */
export async function verifyLog(db: Database): Promise<VerifyReport> {
  const station = db.prepare('SELECT id, public_key FROM station WHERE one = 1').get() as {
    id: string;
    public_key: Buffer;
  };
  const made = db.prepare("SELECT body ->> '$.publicKey' FROM ops WHERE kind = 'station.made' LIMIT 1");
  const first = made.pluck().get() as string | undefined;
  let key = keyOf(first === undefined ? station.public_key : Buffer.from(first, 'base64'));
  const page = db.prepare('SELECT * FROM ops WHERE seq > ? ORDER BY seq LIMIT ?');
  const findings: VerifyReport['findings'] = [];
  const found = (seq: number, code: string, detail: string) => {
    if (findings.length < FINDINGS_SHOWN) findings.push({ where: `entry ${seq}`, code, detail });
  };
  let previous: Buffer = genesis(station.id);
  let seq = 0;
  let checked = 0;
  for (;;) {
    const rows = page.all(seq, PAGE) as OpRow[];
    if (rows.length === 0) break;
    for (const row of rows) {
      if (row.seq !== seq + 1) found(row.seq, 'log.hole', `entries ${seq + 1} to ${row.seq - 1} are missing`);
      checkEntry(row);
      if (row.kind === 'station.key-rotated' && row.body !== null) {
        key = keyOf(Buffer.from((JSON.parse(row.body) as { publicKey: string }).publicKey, 'base64'));
      }
      previous = row.hash;
      seq = row.seq;
      checked += 1;
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const expected = db.prepare('SELECT coalesce(sum(entries), 0) AS n FROM entity_versions').get() as {
    n: number;
  };
  if (expected.n > seq) {
    found(
      seq,
      'log.cut',
      `the log ends here, but ${expected.n} changes were made: entries were cut off its end`,
    );
  }
  const operations = await verifyFeed(db, (where, code, detail) => {
    if (findings.length < FINDINGS_SHOWN) findings.push({ where, code, detail });
  });
  checked += operations;
  const ok = findings.length === 0;
  const summary = ok
    ? `The log is whole: ${seq} entries, each signed and linked.${operations > 0 ? ` So are the ${operations} of the site’s history.` : ''}`
    : `The log was changed after it was written: ${counted(findings.length)} in ${checked} entries.`;
  return { ok, what: 'log', checked, summary, findings };

  function checkEntry(row: OpRow): void {
    if (!row.previous.equals(previous)) {
      found(row.seq, 'log.link', 'it does not follow the entry before it');
    }
    // Nothing in this version erases content, so whoever did wanted an entry to be forgotten.
    if (row.body === null || row.salt === null) found(row.seq, 'log.body', 'its content was taken away');
    else if (!commitTo(row.salt, row.body).equals(row.commitment)) {
      found(row.seq, 'log.body', 'its content is not what was signed');
    }
    const meta = { stationId: station.id, ...metaOf(row, row.synced === 1) };
    const hash = entryHash(meta, row.commitment, row.previous);
    if (!hash.equals(row.hash)) found(row.seq, 'log.meta', 'its kind, time, person or place was changed');
    if (!verifyHash(row.hash, row.signature, key)) {
      found(row.seq, 'log.signature', 'its signature is not by this station');
    }
  }
}
