import { type Entry, metaOf } from '../../../shared/sync/entry.ts';
import { BATCH, type PushRequest } from '../../../shared/sync/protocol.ts';
import { genesis } from '../storage/chain.ts';
import type { OpRow } from '../storage/history.ts';
import type { LogStore } from '../storage/log.ts';

/** A push of this many characters of content is big enough. */
const CONTENT_LIMIT = 4_000_000;

/**
 * The log itself is the outbox: an entry is on its way from the moment it is committed until the hub has it on its
 * disk. What is the bench's own business travels without its content, so that the chain has no holes.
 */
export function outbox(log: LogStore) {
  // A restore happens only before a bench opens, and finding it means reading the whole log: once is enough.
  let restores: PushRequest['lineage'] | null = null;
  return {
    /** The next push after `acknowledged`; without entries when there is nothing to send. */
    next(acknowledged: number): PushRequest {
      restores ??= lineage(log);
      const rows: OpRow[] = [];
      let content = 0;
      for (const row of log.rows(acknowledged, BATCH)) {
        content += row.body?.length ?? 0;
        if (rows.length > 0 && content > CONTENT_LIMIT) break;
        rows.push(row);
      }
      const last = rows.at(-1) ?? log.rows(log.head() - 1, 1)[0];
      return {
        incarnation: log.incarnation,
        lineage: restores,
        entries: rows.map(toEntry),
        end: {
          seq: last?.seq ?? 0,
          hash: (last?.hash ?? genesis(log.stationId)).toString('base64'),
          // By the key of now, which may sign what an earlier one has signed.
          signature: log.sign(last?.hash ?? genesis(log.stationId)).toString('base64'),
        },
      };
    },
  };
}

/** The incarnations this bench was restored from, and the last entry that each left it. */
function lineage(log: LogStore): PushRequest['lineage'] {
  return log.byKind('station.restored').map(({ seq, body }) => ({
    incarnation: (body as { from: string }).from,
    seq: seq - 1,
  }));
}

const toEntry = (row: OpRow): Entry => ({
  ...metaOf(row, row.synced === 1),
  body: row.synced === 1 ? row.body : null,
  salt: row.synced === 1 ? (row.salt?.toString('base64') ?? null) : null,
  commitment: row.commitment.toString('base64'),
});
