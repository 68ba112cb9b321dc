import { formatInstant, withLocalTimes } from '../../../shared/instants.ts';
import type { ChangeMade, Conflict } from '../../../shared/model/sync.ts';
import { type Context, caseOf } from '../context.ts';
import type { Result } from '../output.ts';

/** Where benches disagree and nobody has chosen yet, the oldest first. */
export async function conflictsList(context: Context, options: { case?: string }): Promise<Result> {
  const caseId = options.case === undefined ? undefined : (await caseOf(context, options.case)).id;
  const open = await context.client.conflicts.list({ caseId });
  return {
    document: open,
    text: open.map((conflict) => conflictText(conflict, context.zone)).join('\n\n') || 'All benches agree.',
  };
}

/** @param options.take parts to take over, by their keys, with commas; the others stay as they stand */
export async function conflictsSettle(
  { client }: Context,
  id: string,
  options: { take?: string; reason?: string },
): Promise<Result> {
  const take = (options.take ?? '')
    .split(',')
    .map((key) => key.trim())
    .filter(Boolean);
  const done = await client.conflicts.settle({ id, take, reason: options.reason ?? null });
  const text =
    take.length > 0 ? `Settled: ${take.join(', ')} taken over.` : 'Settled: all stays as it stands.';
  return { document: done, text };
}

/** Both sides, what differs, and how it is settled. */
export function conflictText(conflict: Conflict, zone: string): string {
  const { id, caseNumber, title, needsChoice, before, change, parts, other } = conflict;
  const made = ({ by, bench, at, text }: ChangeMade) =>
    `${text} (${by} on ${bench}, ${formatInstant(at, zone)})`;
  const lines = [
    `${caseNumber}  ${title}`,
    ...before.map((each) => `  first: ${made(each)}`),
    `  ${needsChoice ? 'did not hold' : 'look at'}: ${made(change)}`,
    ...parts.map(
      ({ key, stands, wanted, blocked }) =>
        `  ${key}: stands “${stands}”, wanted “${wanted}”${blocked === null ? '' : ` (cannot be taken: ${blocked})`}`,
    ),
    ...(other ? [`  the other case: ${other.number}`] : []),
    `  conflicts settle ${id}${takeable(parts)}`,
  ];
  return withLocalTimes(lines.join('\n'), zone);
}

function takeable(parts: Conflict['parts']): string {
  const keys = parts.filter(({ blocked }) => blocked === null).map(({ key }) => key);
  return keys.length > 0 ? ` [--take ${keys.join(',')}]` : '';
}
