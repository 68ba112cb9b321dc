import { BenchError } from '../../../shared/errors/index.ts';
import { CaseFields } from '../../../shared/model/cases.ts';
import { type Context, caseOf } from '../context.ts';
import { type Result, table } from '../output.ts';
import { caseResult } from './cases.ts';
import { pairs } from './work.ts';

/** Words that a command needs, said with an option. */
export type Options<K extends string> = Record<K, string>;

/** Fields as `KEY=VALUE`; an empty value clears, lists take commas. */
export async function caseSet(context: Context, number: string, texts: readonly string[]): Promise<Result> {
  const view = await caseOf(context, number);
  const given = Object.fromEntries(
    Object.entries(pairs(texts)).map(([key, value]) => [
      key,
      key === 'accessories'
        ? value
            .split(',')
            .map((item) => item.trim())
            .filter(Boolean)
        : value || null,
    ]),
  );
  const fields = CaseFields.partial().strict().safeParse(given);
  if (!fields.success) {
    const issue = fields.error.issues[0];
    const known = Object.keys(CaseFields.shape).join(', ');
    const detail = `${issue?.path.join('.') || 'field'}: ${issue?.message}. Fields: ${known}.`;
    throw new BenchError('input.invalid', { detail });
  }
  return caseResult(
    await context.client.cases.edit({ id: view.id, seen: view.version, fields: fields.data }),
  );
}

export async function caseLabel(
  context: Context,
  number: string,
  options: { serial?: string; imei?: string; imei2?: string; model?: string },
): Promise<Result> {
  const view = await caseOf(context, number);
  const { serial, imei: imei1, imei2, model } = options;
  const label = Object.fromEntries(
    Object.entries({ serial, imei1, imei2, model }).filter(([, value]) => value !== undefined),
  );
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

/** The witness signs with a PIN of their own, from `REPAIRBENCH_WITNESS_PIN`. */
export async function identityChange(
  context: Context,
  number: string,
  options: Options<'field' | 'to' | 'reason' | 'witness'> & { part?: string },
): Promise<Result> {
  const { field, to, reason, witness, part } = options;
  if (field !== 'serial' && field !== 'imei1' && field !== 'imei2') {
    throw new BenchError('input.invalid', { detail: 'The field is serial, imei1 or imei2.' });
  }
  const pin = process.env.REPAIRBENCH_WITNESS_PIN;
  if (!pin) {
    throw new BenchError('input.invalid', { detail: 'Put the witness’s PIN into REPAIRBENCH_WITNESS_PIN.' });
  }
  const view = await caseOf(context, number);
  return caseResult(
    await context.client.cases.identityChange({
      id: view.id,
      field,
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
  return {
    document: entries,
    text: table(
      ['when', 'who', 'what'],
      entries.map((entry) => [entry.at, entry.by, entry.text]),
    ),
  };
}
