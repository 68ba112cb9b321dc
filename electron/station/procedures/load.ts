import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Alias, type Document, LineCounter, parseDocument, visit } from 'yaml';
import { BenchError } from '../../../shared/errors/index.ts';
import type { ProcedureSummary } from '../../../shared/model/runs.ts';
import { checkProcedure } from './check.ts';
import type { ActionTables } from './check-work.ts';
import { fieldsAt } from './fields.ts';
import { type Procedure, ProcedureFile } from './format.ts';
import { at, type Place, placeOf } from './locate.ts';
import { SECTIONS } from './plan.ts';
import { promptView } from './prompts.ts';
import { type Finding, findingsOf } from './sentences.ts';

/** A mistake in a procedure file: where, and a sentence. */
export interface ProcedureProblem extends Place {
  /** Name of the file, without the folder. */
  readonly file: string;
  readonly message: string;
}

export interface LoadedProcedures {
  /** Valid ones, by id. */
  readonly procedures: ReadonlyMap<string, Procedure>;
  /** What is wrong with the others; a file with any problem is not among `procedures`. */
  readonly problems: readonly ProcedureProblem[];
}

/** Larger files are refused unread: a procedure is a page or two. */
const FILE_LIMIT = 256 * 1024;
/** Few aliases: the nested ones of a “billion laughs” would fill the memory. */
const ALIAS_LIMIT = 20;
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
    if (size > FILE_LIMIT)
      return [{ ...start, message: `The file is larger than ${FILE_LIMIT / 1024} KiB.` }];
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
  const counter = new LineCounter();
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return [{ file, line: 1, column: 1, message: 'The file is not UTF-8 text.' }];
  }
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, stringKeys: true });
  const mistakes = [...document.errors, ...document.warnings].map((error) => ({
    file,
    ...at(counter, error.pos[0]),
    message: yamlSentence(error.code, error.message),
  }));
  if (mistakes.length > 0) return limited(mistakes);
  const content = contentOf(document);
  if ('message' in content) return [{ file, ...at(counter, content.offset), message: content.message }];
  const checked = check(file, content.value, actions);
  if ('procedure' in checked) {
    return { ...checked.procedure, file, hash: createHash('sha256').update(bytes).digest('hex') };
  }
  return limited(
    checked.findings.map(({ path, aim, message }) => ({
      file,
      ...placeOf(document, counter, path, aim),
      message,
    })),
  );
}

function contentOf(document: Document): { value: unknown } | { message: string; offset: number } {
  let aliases = 0;
  let lost: Alias | undefined;
  visit(document, {
    Alias(_, alias) {
      aliases += 1;
      if (alias.resolve(document) && aliases <= ALIAS_LIMIT) return undefined;
      lost = alias;
      return visit.BREAK;
    },
  });
  if (lost) {
    const missing = `There is nothing named “&${lost.source}” before this.`;
    const message =
      aliases > ALIAS_LIMIT ? `More than ${ALIAS_LIMIT} aliases (*name) are not read.` : missing;
    return { message, offset: lost.range?.[0] ?? 0 };
  }
  try {
    return { value: document.toJS({ maxAliasCount: ALIAS_LIMIT }) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { message: `The file cannot be read: ${detail}.`, offset: 0 };
  }
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

const YAML_SENTENCES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces; this line begins with a tab.',
  DUPLICATE_KEY: 'This field is there twice.',
  BAD_INDENT: 'This line is indented differently than the ones it belongs to.',
  MISSING_CHAR: 'A character is missing here',
  MULTIPLE_DOCS: 'One file holds one procedure; here begins a second document.',
};

const yamlSentence = (code: string, message: string): string => {
  const known = YAML_SENTENCES[code];
  if (known?.endsWith('.')) return known;
  return `This is not valid YAML: ${message.replace(/\.?$/, '.')}`;
};

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
  const { id, version, title, summary, kind, families, destructive, hash } = procedure;
  const inputs = Object.entries(procedure.inputs).map(([name, input]) => ({
    name,
    title: input.title,
    default: input.default ?? null,
  }));
  const prompts = SECTIONS.flatMap((section) => procedure[section]).flatMap((phase) =>
    phase.prompt ? [{ ...promptView(phase, phase.prompt), optional: phase.optional }] : [],
  );
  const needsPort = families.length > 0;
  return { id, version, title, summary, kind, families, needsPort, destructive, hash, inputs, prompts };
}
