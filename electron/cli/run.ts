import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { RANGE_LIMIT } from '../../shared/contract/station.ts';
import { BenchError, ERRORS, type ErrorCode, type ErrorKind, EXIT_CODES } from '../../shared/errors/index.ts';
import type { Artifact, ArtifactKind } from '../../shared/model/evidence.ts';
import type { Progress, PromptView } from '../../shared/model/ports.ts';
import type { Outcome, RunView } from '../../shared/model/runs.ts';
import type { Context } from './context.ts';
import type { Result } from './output.ts';

/** 0 pass; 1 the unit failed or nothing proves the wipe; 3 the bench's trouble; 130 stopped by a person. */
const OUTCOME_EXIT: Readonly<Record<Outcome, number>> = {
  pass: 0,
  fail: 1,
  unverified: 1,
  error: 3,
  timeout: 3,
  interrupted: 3,
  aborted: 130,
};

export interface RunRequest {
  procedureId: string;
  caseId: string;
  portId: string | null;
  answers: Record<string, string>;
  inputs: Record<string, string>;
  confirm: string | null;
}

/** Starts a run and follows it to its end: progress on standard error, prompts when a person is there. */
export async function runToEnd(context: Context, request: RunRequest, quiet: boolean): Promise<RunView> {
  const { client } = context;
  const stop = new AbortController();
  const events = await client.station.events({ cursor: null }, { signal: stop.signal });
  const answers = await withUploadedPhotos(context, request);
  const started = await client.runs.start({ ...request, answers, interactive: somebodyIsThere() });
  let unanswered: string | null = null;
  const abort = () => void client.runs.abort({ id: started.id, reason: 'interrupted at the keyboard' });
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  const asked = new Set<string>();
  try {
    let run = await client.runs.get({ id: started.id });
    const step = async (prompt: PromptView | null) => {
      if (!prompt || asked.has(prompt.id)) return;
      asked.add(prompt.id);
      const value = await ask(prompt);
      if (value !== null) {
        const answer =
          prompt.kind === 'photo' ? await uploadPhotos(context, request.caseId, run.id, value) : value;
        await client.runs.answer({ id: run.id, promptId: prompt.id, value: answer });
        return;
      }
      unanswered = prompt.id;
      await client.runs.abort({ id: run.id, reason: `nobody answered “${prompt.id}”` });
    };
    await step(run.prompt);
    while (run.state === 'running') {
      const { value: event, done } = await events.next();
      if (done) break;
      if (event.type === 'run' && event.runId === run.id) {
        if (!quiet && event.progress) showProgress(event.progress);
        await step(event.prompt);
      } else if (
        event.type === 'reset' ||
        (event.type === 'changed' && event.topics.includes(`run:${run.id}`))
      ) {
        run = await client.runs.get({ id: run.id });
        await step(run.prompt);
      }
    }
    if (!quiet) process.stderr.write('\n');
    if (unanswered) {
      throw new BenchError('input.invalid', {
        detail: `The run asked “${unanswered}” and nobody is there to answer. Give --answer ${unanswered}=VALUE.`,
      });
    }
    return client.runs.get({ id: started.id });
  } finally {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
    stop.abort();
  }
}

/** Whether there is a terminal to ask at. */
const somebodyIsThere = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Asks at the terminal; null when there is none. */
async function ask(prompt: PromptView): Promise<string | null> {
  if (!somebodyIsThere()) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const choices = prompt.choices.map((choice) => `  ${choice.value}: ${choice.label}`).join('\n');
  try {
    return await terminal.question(`\n${prompt.text}\n${choices}${choices ? '\n' : ''}> `);
  } finally {
    terminal.close();
  }
}

/** `--answer photo-device=FILE[,FILE]`: pictures go in as evidence first, and their ids are the answer. */
async function withUploadedPhotos(context: Context, request: RunRequest): Promise<Record<string, string>> {
  const procedures = await context.client.procedures.list();
  const prompts = procedures.find(({ id }) => id === request.procedureId)?.prompts ?? [];
  const answers = { ...request.answers };
  for (const { id } of prompts.filter((prompt) => prompt.kind === 'photo')) {
    if (answers[id]) answers[id] = await uploadPhotos(context, request.caseId, null, answers[id]);
  }
  return answers;
}

async function uploadPhotos(
  context: Context,
  caseId: string,
  runId: string | null,
  paths: string,
): Promise<string> {
  const ids: string[] = [];
  for (const path of paths.split(',').map((each) => each.trim())) {
    ids.push((await uploadFile(context, { caseId, runId, kind: 'photo', path })).id);
  }
  return ids.join(',');
}

const MIME: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  txt: 'text/plain',
  log: 'text/plain',
};

/** Uploads a file in ranges, hashed on this side; the station refuses it when its own hash differs. */
export async function uploadFile(
  { client }: Context,
  { caseId, runId, kind, path }: { caseId: string; runId: string | null; kind: ArtifactKind; path: string },
): Promise<Artifact> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new BenchError('input.file', { path, detail: 'it cannot be opened' }, { cause });
  });
  try {
    const extension = path.split('.').pop()?.toLowerCase() ?? '';
    const mime = MIME[extension] ?? 'application/octet-stream';
    const { uploadId } = await client.artifacts.begin({ caseId, runId, kind, name: basename(path), mime });
    const hash = createHash('sha256');
    const piece = Buffer.alloc(RANGE_LIMIT);
    for (let offset = 0; ; ) {
      const { bytesRead } = await file.read(piece, 0, piece.length, offset);
      if (bytesRead === 0) break;
      const bytes = new Uint8Array(piece.subarray(0, bytesRead));
      hash.update(bytes);
      await client.artifacts.append({ uploadId, offset, bytes: new Blob([bytes]) });
      offset += bytesRead;
    }
    return await client.artifacts.finish({ uploadId, sha256: hash.digest('hex') });
  } finally {
    await file.close();
  }
}

function showProgress(progress: Progress): void {
  if (!process.stderr.isTTY) return;
  const amount = (n: number) => (progress.unit === 'bytes' ? `${(n / 1e6).toFixed(1)} MB` : String(n));
  const of = progress.total === null ? '' : ` of ${amount(progress.total)}`;
  const rate = progress.rate === null || progress.unit !== 'bytes' ? '' : ` · ${amount(progress.rate)}/s`;
  const left = progress.secondsLeft === null ? '' : ` · ${Math.ceil(progress.secondsLeft)} s left`;
  process.stderr.write(`\r\x1b[K${progress.label}: ${amount(progress.done)}${of}${rate}${left}`);
}

/** A run that was refused, or could not start for what was typed, says so; otherwise its outcome decides. */
function exitCodeOf(run: RunView, outcome: Outcome): number {
  const code = run.errorCode;
  const kind = code && code in ERRORS ? (ERRORS[code as ErrorCode] as { kind: ErrorKind }).kind : null;
  return outcome === 'error' && (kind === 'refused' || kind === 'input')
    ? EXIT_CODES[kind]
    : OUTCOME_EXIT[outcome];
}

/** A finished run as a command's result. */
export function runResult(run: RunView, extra: Record<string, unknown> = {}): Result {
  const outcome = run.outcome ?? 'interrupted';
  const lines = [`${run.procedureTitle} on ${run.caseNumber}: ${outcome}`];
  if (run.message) lines.push(run.message);
  for (const phase of run.phases) {
    lines.push(
      `  ${phase.outcome ?? phase.state}  ${phase.title}${phase.message ? `: ${phase.message}` : ''}`,
    );
    for (const m of phase.measurements) {
      const limits = [m.min === null ? '' : `≥ ${m.min}`, m.max === null ? '' : `≤ ${m.max}`]
        .filter(Boolean)
        .join(', ');
      lines.push(
        `        ${m.title}: ${m.value ?? '–'} ${m.unit ?? ''} ${limits} ${m.ok === false ? 'OUT OF LIMITS' : ''}`.trimEnd(),
      );
    }
  }
  return { document: { run, ...extra }, text: lines.join('\n'), exitCode: exitCodeOf(run, outcome) };
}
