import { OPS } from '../../shared/ops/index.ts';
import {
  alsoNeeds,
  isJudged,
  judge,
  needs,
  type Outcome,
  type Placed,
  type State,
  type States,
} from '../../shared/sync/merge.ts';
import type { Sql } from '../storage/database.ts';

/** An entry that gets a place in the feed, before it has one. */
export interface Arrived {
  readonly id: string;
  readonly author: string;
  readonly kind: string;
  readonly entityId: string;
  readonly base: number | null;
  readonly body: string | null;
  readonly at: string;
  readonly actorName: string;
}

const MALFORMED: Outcome = { is: 'refused', reason: 'Its content is not what its kind demands.' };

/** The content of an entry as its kind reads it; `undefined` when it is not what the kind demands. */
export function contentOf({ kind, body }: Pick<Arrived, 'kind' | 'body'>): unknown {
  if (body === null || !isJudged(kind)) return null;
  const schema = OPS[kind]?.body;
  try {
    const parsed = schema?.safeParse(JSON.parse(body));
    return parsed?.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Judges operations in the order of their numbers, against the states in the database, and writes back what they
 * changed. The caller holds the site's row, so nobody else does the same meanwhile.
 */
export async function judgeAll(
  sql: Sql,
  siteId: string,
  ops: readonly (Placed | null)[],
): Promise<Outcome[]> {
  const states = await loadStates(
    sql,
    siteId,
    ops.flatMap((op) => (op ? needs(op) : [])),
  );
  const outcomes = ops.map((op) => (op ? judge(op, states) : MALFORMED));
  await states.save();
  return outcomes;
}

async function loadStates(sql: Sql, siteId: string, keys: readonly string[]) {
  const known = new Map<string, State>();
  const changed = new Set<string>();
  const load = async (wanted: readonly string[]): Promise<State[]> => {
    const missing = [...new Set(wanted)].filter((key) => !known.has(key));
    if (missing.length === 0) return [];
    const { rows } = await sql.query<{ key: string; state: string }>(
      'SELECT key, state FROM states WHERE site_id = $1 AND key = ANY ($2::text[])',
      [siteId, missing],
    );
    return rows.map(({ key, state }) => {
      const value = JSON.parse(state) as State;
      known.set(key, value);
      return value;
    });
  };
  await load((await load(keys)).flatMap(alsoNeeds));
  const states: States = {
    get: (key) => known.get(key),
    set(key, state) {
      known.set(key, state);
      changed.add(key);
    },
  };
  return {
    ...states,
    async save(): Promise<void> {
      if (changed.size === 0) return;
      const rows = [...changed];
      await sql.query(
        `INSERT INTO states (site_id, key, state)
         SELECT $1, * FROM unnest($2::text[], $3::text[])
         ON CONFLICT (site_id, key) DO UPDATE SET state = excluded.state`,
        [siteId, rows, rows.map((key) => JSON.stringify(known.get(key)))],
      );
    },
  };
}
