import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../../../shared/errors/index.ts';
import type { ProcedureSummary } from '../../../shared/model/runs.ts';
import { FILE_LIMIT, type Mistake, readYaml, TOO_LARGE } from '../yaml/read.ts';
import { checkProcedure } from './check.ts';
import type { ActionTables } from './check-work.ts';
import { fieldsAt } from './fields.ts';
import { type Procedure, ProcedureFile } from './format.ts';
import { SECTIONS } from './plan.ts';
import { promptView } from './prompts.ts';
import { type Finding, findingsOf } from './sentences.ts';

/** A mistake in a procedure file: where, and a sentence. */
export interface ProcedureProblem extends Mistake {
  /** Name of the file, without the folder. */
  readonly file: string;
}

export interface LoadedProcedures {
  /** Valid ones, by id. */
  readonly procedures: ReadonlyMap<string, Procedure>;
  /** What is wrong with the others; a file with any problem is not among `procedures`. */
  readonly problems: readonly ProcedureProblem[];
}

/** More problems of one file help nobody. */
const PROBLEM_LIMIT = 50;

/**
 * Reads every `*.yaml` of a folder. A file with mistakes never hides the others and never runs; one that
 * cannot be read is a problem too. Throws `input.file` only when the folder itself cannot be read.
 */
export async function loadProcedures(folder: string, actions: ActionTables): Promise<LoadedProcedures> {
  const procedures = new Map<string, Procedure>();
  const problems: ProcedureProblem[] = [];
  for (const file of await listFiles(folder)) {
    const loaded = await readProcedure(join(folder, file), file, actions);
    if (Array.isArray(loaded)) problems.push(...loaded);
    else procedures.set(loaded.id, loaded);
  }
  return { procedures, problems };
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new BenchError('input.file', { path: folder, detail }, { cause });
  }
}

async function readProcedure(
  path: string,
  file: string,
  actions: ActionTables,
): Promise<Procedure | ProcedureProblem[]> {
  const start = { file, line: 1, column: 1 };
  try {
    const { size } = await lstat(path);
    if (size > FILE_LIMIT) return [{ ...start, message: TOO_LARGE }];
    return parseProcedure(file, await readFile(path), actions);
  } catch (error) {
    return [
      { ...start, message: `The file cannot be read: ${error instanceof Error ? error.message : error}.` },
    ];
  }
}

/** Parses and checks one file; the procedure, or everything that is wrong with it, in the file's order. */
export function parseProcedure(
  file: string,
  bytes: Uint8Array,
  actions: ActionTables,
): Procedure | ProcedureProblem[] {
  const read = readYaml(bytes);
  if (!read.ok) return limited(read.mistakes.map((mistake) => ({ file, ...mistake })));
  const checked = check(file, read.value, actions);
  if ('procedure' in checked) {
    return { ...checked.procedure, file, hash: createHash('sha256').update(bytes).digest('hex') };
  }
  return limited(
    checked.findings.map(({ path, aim, message }) => ({
      file,
      ...read.placeOf(path, aim),
      message,
    })),
  );
}

function check(
  file: string,
  value: unknown,
  actions: ActionTables,
): { procedure: ProcedureFile } | { findings: Finding[] } {
  if (value === null || value === undefined)
    return { findings: [{ path: [], message: 'The file is empty.' }] };
  const parsed = ProcedureFile.safeParse(value);
  if (!parsed.success) {
    return { findings: parsed.error.issues.flatMap((issue) => findingsOf(issue, value, fieldsAt)) };
  }
  const findings = checkProcedure(parsed.data, actions);
  if (file !== `${parsed.data.id}.yaml`) {
    const message = `The id “${parsed.data.id}” belongs into a file named “${parsed.data.id}.yaml”.`;
    findings.unshift({ path: ['id'], message });
  }
  return findings.length > 0 ? { findings } : { procedure: parsed.data };
}

const limited = (problems: ProcedureProblem[]): ProcedureProblem[] =>
  problems.sort((a, b) => a.line - b.line || a.column - b.column).slice(0, PROBLEM_LIMIT);

/** `at-intake.yaml:12:5: Another phase is named “battery” already.`, as compilers write it. */
export const formatProblem = ({ file, line, column, message }: ProcedureProblem): string =>
  `${file}:${line}:${column}: ${message}`;

/** A problem as the error that starting the procedure gives. */
export const problemError = ({ file, line, column, message }: ProcedureProblem): BenchError =>
  new BenchError('procedure.invalid', { file, line, column, detail: message });

/** What people choose from, and what they must or may give when they start it. */
export function summaryOf(procedure: Procedure): ProcedureSummary {
  const { id, version, title, summary, kind, families, destructive, shellCommands, hash } = procedure;
  const inputs = Object.entries(procedure.inputs).map(([name, input]) => ({
    name,
    title: input.title,
    default: input.default ?? null,
  }));
  const prompts = SECTIONS.flatMap((section) => procedure[section]).flatMap((phase) =>
    phase.prompt ? [{ ...promptView(phase, phase.prompt), optional: phase.optional }] : [],
  );
  const needsPort = families.length > 0;
  const about = { id, version, title, summary, kind, families, destructive, shellCommands, hash };
  return { ...about, needsPort, inputs, prompts };
}
