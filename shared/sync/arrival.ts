import { OPS } from '../ops/index.ts';
import type { Entry } from './entry.ts';
import { baseOnPath } from './epochs.ts';
import { isFact, isJudged, judge, needs, type Outcome, type Placed, type States } from './merge.ts';
import type { Epoch } from './protocol.ts';

/** An operation that came to its place in the feed, as it is stored: its content is text. */
export type Arrived = Omit<Placed, 'body'> & { readonly body: string | null };

/** An entry as it is judged at its place in a history whose path is `epochs`. */
export function arrivedOf(
  entry: Entry & { readonly n: number; readonly stationId: string },
  epochs: readonly Epoch[],
): Arrived {
  const { n, seq, id, kind, entityId, body, at, actorName, stationId, incarnation } = entry;
  const base = baseOnPath(entry, epochs);
  return { n, author: `${stationId}/${incarnation}`, seq, id, kind, entityId, base, body, at, actorName };
}

/** What became of it, and its content as its kind reads it; null where it has none that this version can read. */
export interface Arrival {
  readonly outcome: Outcome;
  readonly content: unknown;
}

const MALFORMED: Outcome = { is: 'refused', reason: 'Its content is not what its kind demands.' };

/** The content of an entry as its kind reads it; null when it is not known or erased, `undefined` when it is malformed. */
export function contentOf({ kind, body }: Pick<Arrived, 'kind' | 'body'>): unknown {
  if (body === null || !isJudged(kind)) return null;
  try {
    const parsed = OPS[kind]?.body.safeParse(JSON.parse(body));
    return parsed?.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What a version of the program knows of operations. There is one in each program; several meet where benches and hubs
 * of different versions do.
 */
export interface Rules {
  isJudged(kind: string): boolean;
  isFact(kind: string): boolean;
  contentOf(op: Pick<Arrived, 'kind' | 'body'>): unknown;
  needs(op: Placed): string[];
  judge(op: Placed, states: States): Outcome;
}
export const RULES: Rules = { isJudged, isFact, contentOf, needs, judge };

/**
 * Judges an operation that came over the wire, after all those before it; writes the states it changes.
 * @param content where the caller has read it already
 */
export function arrive(
  op: Arrived,
  states: States,
  rules: Rules = RULES,
  content: unknown = rules.contentOf(op),
): Arrival {
  if (content === undefined) return { outcome: MALFORMED, content: null };
  return { outcome: rules.judge({ ...op, body: content }, states), content };
}

/** Keys of the states to have at hand before `arrive`, as far as the operation and its content tell. */
export function arrivalNeeds(op: Arrived, content: unknown, rules: Rules = RULES): string[] {
  return content === undefined ? [] : rules.needs({ ...op, body: content });
}
