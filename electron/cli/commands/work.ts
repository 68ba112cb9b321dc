import { BenchError } from '../../../shared/errors/index.ts';
import { compareIdentity } from '../../../shared/identity/index.ts';
import { formatInstant } from '../../../shared/instants.ts';
import type { CaseView } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { LEFT_LAB } from '../../../shared/rma/index.ts';
import { type Context, caseOf, oneOf, pairs, portAt, wholeNumber } from '../context.ts';
import { type Result, table } from '../output.ts';
import { runResult, runToEnd } from '../run.ts';
import { uploadFile } from '../upload.ts';

export async function proceduresList({ client }: Context): Promise<Result> {
  const procedures = await client.procedures.list();
  return {
    document: procedures,
    text: table(
      ['id', 'version', 'kind', 'families', 'title'],
      procedures.map((p) => [
        p.id,
        String(p.version),
        p.shellCommands ? `${p.kind}, own commands` : p.kind,
        p.families.join(', ') || 'any',
        p.title,
      ]),
    ),
  };
}

/** Knows the unit, finds or opens its case, receives it, and runs its family's intake. */
export async function intake(
  context: Context,
  options: { port: string; case?: string; answer: string[]; fault?: string },
  quiet: boolean,
): Promise<Result> {
  const { client } = context;
  const port = await client.ports.identify({ id: (await portAt(context, options.port)).id });
  const view = await caseForIntake(context, port, options);
  const run = await runToEnd(
    context,
    {
      procedureId: `${port.family}-intake`,
      caseId: view.id,
      portId: port.id,
      answers: pairs(options.answer),
      inputs: {},
      confirm: null,
    },
    quiet,
  );
  return runResult(run, { case: await client.cases.get({ id: view.id }) });
}

async function caseForIntake(
  context: Context,
  port: PortView,
  options: { case?: string; fault?: string },
): Promise<CaseView> {
  const { client } = context;
  const { fault } = options;
  const known = options.case ? await caseOf(context, options.case) : null;
  const own = known ?? (port.caseId ? await client.cases.get({ id: port.caseId }) : null);
  if (!own) return client.cases.open({ portId: port.id, fields: fault ? { fault } : {} });
  await refuseOtherUnit(context, own, port);
  const here = own.status === 'announced' ? await client.cases.move({ id: own.id, to: 'received' }) : own;
  if (!fault || here.fault === fault) return here;
  if (!here.fault) return client.cases.edit({ id: here.id, seen: here.version, fields: { fault } });
  process.stderr.write(`${here.number} keeps the fault it has: ${here.fault}\n`);
  return here;
}

/** Before the case is received: is it this unit's? The run asks again. Throws `run.identity-conflict`. */
async function refuseOtherUnit({ client }: Context, own: CaseView, port: PortView): Promise<void> {
  const { identity } = port;
  const conflicts = identity && own.identifiers ? compareIdentity(identity, null, own.identifiers) : [];
  if (conflicts.length > 0) {
    const detail = conflicts.map(({ message }) => message).join(' ');
    throw new BenchError('run.identity-conflict', { caseNumber: own.number, detail });
  }
  if (!port.caseId || port.caseId === own.id) return;
  const { number, status } = await client.cases.get({ id: port.caseId });
  if (status === 'announced' || LEFT_LAB.has(status)) return;
  throw new BenchError('case.open-already', { number, status });
}

export async function runProcedure(
  context: Context,
  procedureId: string,
  options: { port?: string; case: string; answer: string[]; input: string[]; confirm?: string },
  quiet: boolean,
): Promise<Result> {
  const view = await caseOf(context, options.case);
  const run = await runToEnd(
    context,
    {
      procedureId,
      caseId: view.id,
      portId: options.port ? (await portAt(context, options.port)).id : null,
      answers: pairs(options.answer),
      inputs: pairs(options.input),
      confirm: options.confirm ?? null,
    },
    quiet,
  );
  return runResult(run);
}

export async function wipe(
  context: Context,
  options: { port: string; case: string; target?: string; confirm: string; answer: string[] },
  quiet: boolean,
): Promise<Result> {
  const { client } = context;
  const view = await caseOf(context, options.case);
  const port = await client.ports.identify({ id: (await portAt(context, options.port)).id });
  const target = options.target ?? (await onlyTarget(context, port, view));
  const run = await runToEnd(
    context,
    {
      procedureId: `${port.family}-wipe`,
      caseId: view.id,
      portId: port.id,
      answers: pairs(options.answer),
      inputs: port.family === 'console' ? { target } : {},
      confirm: options.confirm,
    },
    quiet,
  );
  const record = run.recordId ? await client.records.get({ id: run.recordId }) : null;
  return runResult(run, { record });
}

/** Without `--target` there must be nothing to choose. */
async function onlyTarget({ client }: Context, port: PortView, view: CaseView): Promise<string> {
  const targets = await client.runs.wipeTargets({ portId: port.id, caseId: view.id });
  const allowed = targets.filter((target) => target.allowed);
  const [only] = allowed;
  if (only && allowed.length === 1) return only.id;
  const list = targets.map((t) => `${t.id} (${t.allowed ? t.title : t.reasons.join('; ')})`).join('; ');
  throw new BenchError('input.invalid', {
    detail: `Name what to wipe with --target. There is: ${list || 'nothing'}.`,
  });
}

export async function wipeTargets(
  context: Context,
  options: { port: string; case: string },
): Promise<Result> {
  const { client } = context;
  const view = await caseOf(context, options.case);
  const port = await portAt(context, options.port);
  const targets = await client.runs.wipeTargets({ portId: port.id, caseId: view.id });
  return {
    document: targets,
    text: table(
      ['target', 'what', 'bytes', 'may be wiped'],
      targets.map((t) => [t.id, t.title, String(t.bytes ?? '–'), t.allowed ? 'yes' : t.reasons.join('; ')]),
    ),
  };
}

export async function runsList(
  context: Context,
  options: { case?: string; limit?: string },
): Promise<Result> {
  const { client, zone } = context;
  const runs = await client.runs.list({
    ...(options.case ? { caseId: (await caseOf(context, options.case)).id } : {}),
    limit: options.limit === undefined ? 100 : wholeNumber('--limit', options.limit),
  });
  const rows = runs.map((run) => [
    run.id,
    run.caseNumber,
    run.procedureTitle,
    run.outcome ?? run.state,
    formatInstant(run.startedAt, zone),
    run.startedBy,
  ]);
  return {
    document: runs,
    text:
      rows.length === 0
        ? 'No runs yet.'
        : table(['run', 'case', 'procedure', 'outcome', 'started', 'by'], rows),
  };
}

/** Asks a run to stop; whoever follows it sees its end. */
export async function abortRun(
  { client }: Context,
  id: string,
  options: { reason?: string },
): Promise<Result> {
  await client.runs.abort({ id, ...(options.reason ? { reason: options.reason } : {}) });
  const run = await client.runs.get({ id });
  const text = `${run.procedureTitle} on ${run.caseNumber} stops at its next safe point.`;
  return { document: run, text };
}

const ATTACHED = ['photo', 'log', 'report', 'other'] as const;

export async function attachFile(
  context: Context,
  number: string,
  path: string,
  options: { kind?: string },
): Promise<Result> {
  const kind = oneOf('--kind', options.kind ?? 'other', ATTACHED);
  const view = await caseOf(context, number);
  const artifact = await uploadFile(context, { caseId: view.id, runId: null, kind, path });
  return { document: artifact, text: `${artifact.id}  ${artifact.name}  ${artifact.size} bytes` };
}
