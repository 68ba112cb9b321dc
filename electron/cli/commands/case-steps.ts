import { BenchError } from '../../../shared/errors/index.ts';
import { formatInstant, withLocalTimes } from '../../../shared/instants.ts';
import { CaseFields, ENTRY_WORDS } from '../../../shared/model/cases.ts';
import { type Context, caseOf, oneOf, pairs, personNamed, secretFrom } from '../context.ts';
import { type Result, table } from '../output.ts';
import { caseResult } from './cases.ts';

/** Words that a command needs, said with an option. */
export type Options<K extends string> = Record<K, string>;

/** Fields as `KEY=VALUE`; an empty value clears, lists take commas. */
export async function caseSet(context: Context, number: string, texts: readonly string[]): Promise<Result> {
  const view = await caseOf(context, number);
  const { assignee, ...rest } = pairs(texts);
  const given = {
    ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, fieldValue(key, value)])),
    ...(assignee === undefined
      ? {}
      : { assigneeId: (assignee && (await personNamed(context, assignee)).id) || null }),
  };
  const fields = CaseFields.partial().strict().safeParse(given);
  if (!fields.success) {
    const issue = fields.error.issues[0];
    const known = [...Object.keys(CaseFields.shape), 'assignee'].join(', ');
    const detail = `${issue?.path.join('.') || 'field'}: ${issue?.message}. Fields: ${known}.`;
    throw new BenchError('input.invalid', { detail });
  }
  return caseResult(
    await context.client.cases.edit({ id: view.id, seen: view.version, fields: fields.data }),
  );
}

const fieldValue = (key: string, value: string): string | string[] | null =>
  key === 'accessories'
    ? value
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean)
    : value || null;

export async function caseLabel(
  context: Context,
  number: string,
  options: { serial?: string; imei?: string; imei2?: string; meid?: string; model?: string },
): Promise<Result> {
  const view = await caseOf(context, number);
  const { serial, imei: imei1, imei2, meid, model } = options;
  const given = Object.fromEntries(
    Object.entries({ serial, imei1, imei2, meid, model }).filter(([, value]) => value !== undefined),
  );
  // The call sets the whole label; what was not given stays.
  const label = { ...view.unit?.label, ...given };
  return caseResult(await context.client.cases.label({ id: view.id, label }));
}

export async function caseException(
  context: Context,
  number: string,
  { reason, ref }: Options<'reason' | 'ref'>,
): Promise<Result> {
  const view = await caseOf(context, number);
  return caseResult(await context.client.cases.dataException({ id: view.id, reason, ref }));
}

export async function caseEscalate(
  context: Context,
  number: string,
  tier: string,
  { reason, summary }: Options<'reason' | 'summary'>,
): Promise<Result> {
  if (tier !== 'L2' && tier !== 'L3')
    throw new BenchError('input.invalid', { detail: 'Escalate to L2 or L3.' });
  const view = await caseOf(context, number);
  return caseResult(await context.client.cases.escalate({ id: view.id, tier, reason, summary }));
}

export async function safetyStop(
  context: Context,
  number: string,
  { reason }: Options<'reason'>,
): Promise<Result> {
  const view = await caseOf(context, number);
  return caseResult(await context.client.cases.safetyStop({ id: view.id, reason }));
}

export async function safetyReported(
  context: Context,
  number: string,
  { to, ref }: Options<'to' | 'ref'>,
): Promise<Result> {
  const view = await caseOf(context, number);
  return caseResult(await context.client.cases.safetyReported({ id: view.id, to, ref }));
}

export async function safetyRelease(
  context: Context,
  number: string,
  { reason }: Options<'reason'>,
): Promise<Result> {
  const view = await caseOf(context, number);
  return caseResult(await context.client.cases.safetyRelease({ id: view.id, reason }));
}

const IDENTIFIERS = ['serial', 'imei1', 'imei2', 'meid'] as const;

/** The witness signs with a PIN of their own, from `REPAIRBENCH_WITNESS_PIN`. */
export async function identityChange(
  context: Context,
  number: string,
  options: Options<'field' | 'to' | 'reason' | 'witness'> & { part?: string },
): Promise<Result> {
  const { field, to, reason, witness, part } = options;
  const changed = oneOf('--field', field, IDENTIFIERS);
  const pin = secretFrom('REPAIRBENCH_WITNESS_PIN', 'the witness’s PIN');
  const view = await caseOf(context, number);
  return caseResult(
    await context.client.cases.identityChange({
      id: view.id,
      field: changed,
      to,
      reason,
      partSerial: part ?? null,
      witness: { name: witness, pin },
    }),
  );
}

export async function timeline(context: Context, number: string): Promise<Result> {
  const view = await caseOf(context, number);
  const entries = await context.client.cases.timeline({ id: view.id });
  const { zone } = context;
  return {
    document: entries,
    text: table(
      ['when', 'who', 'what'],
      entries.map(({ at, by, bench, text, outcome }) => [
        formatInstant(at, zone),
        bench === null ? by : `${by} on ${bench}`,
        `${withLocalTimes(text, zone)}${outcome === null ? '' : ` [${ENTRY_WORDS[outcome]}]`}`,
      ]),
    ),
  };
}
