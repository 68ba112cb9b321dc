import { BenchError } from '../../../shared/errors/index.ts';
import {
  CASE_FLAGS,
  type CaseCause,
  type CaseFilter,
  type CaseView,
  PRIORITIES,
  Status,
} from '../../../shared/model/cases.ts';
import { type Context, caseOf, oneOf, personNamed, portAt, wholeNumber } from '../context.ts';
import { type Result, table, unitName } from '../output.ts';

export function showCase(view: CaseView): string {
  const unit = view.unit?.identity;
  const lines = [
    `${view.number}  ${view.status}  ${view.priority} ${view.tier}  data: ${view.dataInstruction}`,
    `unit      ${unitName(unit) ?? '–'}`,
    `serial    ${view.serial ?? '–'}`,
    `IMEI      ${[unit?.imei1 ?? view.imei1, unit?.imei2].filter(Boolean).join(', ') || '–'}`,
    `firmware  ${unit?.firmware ?? '–'}`,
    `fault     ${view.fault ?? '–'}`,
    `cause     ${view.causes.map((cause) => `${cause.code} (${cause.certainty})`).join(', ') || '–'}`,
    `consent   ${view.consent ? `${view.consent.by}, ${view.consent.ref}` : '–'}`,
  ];
  for (const conflict of view.conflicts) lines.push(`CONFLICT  ${conflict.message}`);
  for (const run of view.runs)
    lines.push(`run       ${run.id}  ${run.procedureTitle}: ${run.outcome ?? run.state}`);
  for (const artifact of view.artifacts) {
    const where = artifact.here ? '' : `  on ${artifact.stationName}, not here yet`;
    lines.push(`artifact  ${artifact.id}  ${artifact.name}  ${artifact.size} bytes${where}`);
  }
  for (const record of view.records) lines.push(`record    ${record.id}  ${record.verdict}`);
  for (const move of view.moves) {
    lines.push(
      `move      ${move.to}${move.allowed ? '' : `  no: ${move.reasons.map((r) => r.message).join(' ')}`}`,
    );
  }
  return lines.join('\n');
}

/** A changed case as a command's result: where it stands and what could come next. */
export function caseResult(view: CaseView): Result {
  const next = view.moves.filter((move) => move.allowed).map((move) => move.to);
  const lines = [`${view.number} is ${view.status}.`];
  for (const conflict of view.conflicts) lines.push(conflict.message);
  if (next.length > 0) lines.push(`Next: ${next.join(', ')}`);
  return { document: view, text: lines.join('\n') };
}

export async function caseOpen(
  context: Context,
  options: {
    port?: string;
    serial?: string;
    imei?: string;
    fault?: string;
    announced?: boolean;
    withoutUnit?: boolean;
    policy?: string;
    customer?: string;
  },
): Promise<Result> {
  const { client } = context;
  let portId: string | undefined;
  if (options.port)
    portId = (await client.ports.identify({ id: (await portAt(context, options.port)).id })).id;
  const label = {
    ...(options.serial ? { serial: options.serial } : {}),
    ...(options.imei ? { imei1: options.imei } : {}),
  };
  return caseResult(
    await client.cases.open({
      ...(portId ? { portId } : {}),
      ...(Object.keys(label).length > 0 ? { label } : {}),
      ...(options.announced ? { announced: true } : {}),
      ...(options.withoutUnit ? { withoutUnit: true } : {}),
      ...(options.policy ? { policy: options.policy } : {}),
      fields: {
        ...(options.fault ? { fault: options.fault } : {}),
        ...(options.customer ? { customer: options.customer } : {}),
      },
    }),
  );
}

export async function caseShow(context: Context, text: string): Promise<Result> {
  const view = await caseOf(context, text);
  return { document: view, text: showCase(view) };
}

const ORDERS = ['changed', 'number', 'promised', 'priority'] as const;

export async function caseList(
  context: Context,
  options: {
    status?: string;
    text?: string;
    open?: boolean;
    flag?: string;
    priority?: string;
    assignee?: string;
    sort?: string;
    from?: string;
    limit?: string;
  },
): Promise<Result> {
  const { assignee } = options;
  const filter: CaseFilter = {
    ...(options.text ? { text: options.text } : {}),
    ...(options.status ? { statuses: options.status.split(',').map(status) } : {}),
    ...(options.open ? { open: true } : {}),
    ...(options.flag ? { flag: oneOf('--flag', options.flag, CASE_FLAGS) } : {}),
    ...(options.priority ? { priority: oneOf('--priority', options.priority, PRIORITIES) } : {}),
    ...(assignee ? { assigneeId: (await personNamed(context, assignee)).id } : {}),
  };
  const page = await context.client.cases.list({
    filter,
    sort: oneOf('--sort', options.sort ?? 'changed', ORDERS),
    offset: options.from === undefined ? 0 : wholeNumber('--from', options.from),
    limit: options.limit === undefined ? 100 : wholeNumber('--limit', options.limit),
  });
  const rows = page.items.map((item) => [
    item.number,
    item.status,
    item.priority,
    item.model ?? '–',
    item.serial ?? item.imei1 ?? '–',
    item.customer ?? '–',
  ]);
  const none =
    page.total > 0
      ? `There are no more: ${page.total} in all.`
      : Object.keys(filter).length > 0
        ? 'No case fits.'
        : 'No cases yet. Open one with “repairbench case open --serial SERIAL”.';
  const text =
    rows.length === 0
      ? none
      : `${table(['number', 'status', 'prio', 'model', 'serial', 'customer'], rows)}\n${page.total} in all`;
  return { document: page, text };
}

function status(text: string): Status {
  const parsed = Status.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new BenchError('input.invalid', {
    detail: `“${text}” is no status. There are: ${Status.options.join(', ')}.`,
  });
}

export async function caseMove(
  context: Context,
  number: string,
  to: string,
  options: { reason?: string },
): Promise<Result> {
  const view = await caseOf(context, number);
  const reason = options.reason ? { reason: options.reason } : {};
  return caseResult(
    await context.client.cases.move({ id: view.id, seen: view.version, to: status(to), ...reason }),
  );
}

export async function caseCause(
  context: Context,
  number: string,
  code: string | undefined,
  options: { confirm?: string; symptom?: string; action?: string; contributing?: boolean },
): Promise<Result> {
  const view = await caseOf(context, number);
  if (options.confirm !== undefined) {
    const cause = causeOf(view, code);
    return caseResult(
      await context.client.cases.confirmCause({ id: view.id, causeId: cause.id, analysis: options.confirm }),
    );
  }
  if (!code)
    throw new BenchError('input.invalid', { detail: 'Name the code of a cause, e.g. HW.BATTERY.CAPACITY.' });
  return caseResult(
    await context.client.cases.addCause({
      id: view.id,
      code,
      symptomObserved: options.symptom ?? null,
      action: options.action ?? null,
      ...(options.contributing ? { role: 'contributing' as const } : {}),
    }),
  );
}

/**
 * The cause of that code on the case; without a code the only one there is. What is confirmed stays in the
 * signed log, so nothing is guessed. Throws `input.not-found`, `input.invalid`.
 */
function causeOf(view: CaseView, code: string | undefined): CaseCause {
  const found = code === undefined ? view.causes : view.causes.filter((cause) => cause.code === code);
  const [cause] = found;
  if (cause && found.length === 1) return cause;
  const codes = view.causes.map((each) => each.code).join(', ') || 'none';
  if (code === undefined && cause) {
    throw new BenchError('input.invalid', { detail: `Name the code of the cause. On this case: ${codes}.` });
  }
  throw new BenchError('input.not-found', { what: `cause on ${view.number}`, id: code ?? 'any' });
}

export async function causeRemove(
  context: Context,
  number: string,
  code: string,
  options: { reason: string },
): Promise<Result> {
  const view = await caseOf(context, number);
  const { id: causeId } = causeOf(view, code);
  return caseResult(await context.client.cases.removeCause({ id: view.id, causeId, reason: options.reason }));
}

export async function caseConsent(
  context: Context,
  number: string,
  options: { by: string; ref: string; about?: string },
): Promise<Result> {
  const view = await caseOf(context, number);
  const { by, ref, about = 'wipe' } = options;
  if (about !== 'wipe' && about !== 'repair') {
    throw new BenchError('input.invalid', { detail: 'A consent is about “wipe” or “repair”.' });
  }
  return caseResult(await context.client.cases.consent({ id: view.id, by, ref, about }));
}

export async function caseNote(context: Context, number: string, text: string): Promise<Result> {
  const view = await caseOf(context, number);
  return caseResult(await context.client.cases.note({ id: view.id, text }));
}

export async function causesList({ client }: Context, options: { text?: string }): Promise<Result> {
  const catalogue = await client.causes.catalogue();
  const words = (options.text ?? '').toLowerCase();
  const codes = catalogue.codes.filter((code) =>
    [code.code, code.class, code.component, code.mode, ...code.keywords]
      .join(' ')
      .toLowerCase()
      .includes(words),
  );
  return {
    document: { version: catalogue.version, codes },
    text: table(
      ['code', 'class', 'component', 'failure mode'],
      codes.map((code) => [code.code, code.class, code.component, code.mode]),
    ),
  };
}
