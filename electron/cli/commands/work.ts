import { BenchError } from '../../../shared/errors/index.ts';
import type { CaseView } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { type Context, caseOf, portAt } from '../context.ts';
import { type Result, table } from '../output.ts';
import { runResult, runToEnd, uploadFile } from '../run.ts';

/** `KEY=VALUE`, as often as given. */
export function pairs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new BenchError('input.invalid', { detail: `“${text}” is not KEY=VALUE.` });
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

export async function proceduresList({ client }: Context): Promise<Result> {
  const procedures = await client.procedures.list();
  return {
    document: procedures,
    text: table(
      ['id', 'version', 'kind', 'families', 'title'],
      procedures.map((p) => [p.id, String(p.version), p.kind, p.families.join(', ') || 'any', p.title]),
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
  const known = options.case ? await caseOf(context, options.case) : null;
  const own = known ?? (port.caseId ? await client.cases.get({ id: port.caseId }) : null);
  if (!own) {
    return client.cases.open({ portId: port.id, fields: options.fault ? { fault: options.fault } : {} });
  }
  if (own.status !== 'announced') return own;
  return client.cases.move({ id: own.id, to: 'received' });
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

export async function attachFile(
  context: Context,
  number: string,
  path: string,
  options: { kind?: string },
): Promise<Result> {
  const view = await caseOf(context, number);
  const kind = options.kind === 'photo' ? 'photo' : options.kind === 'log' ? 'log' : 'other';
  const artifact = await uploadFile(context, { caseId: view.id, runId: null, kind, path });
  return { document: artifact, text: `${artifact.id}  ${artifact.name}  ${artifact.size} bytes` };
}
