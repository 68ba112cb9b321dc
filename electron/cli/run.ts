import { BenchError, ERRORS, type ErrorCode, type ErrorKind, EXIT_CODES } from '../../shared/errors/index.ts';
import type { Progress } from '../../shared/model/ports.ts';
import type { Outcome, RunView } from '../../shared/model/runs.ts';
import type { Context } from './context.ts';
import type { Result } from './output.ts';
import { createAsker, somebodyIsThere } from './questions.ts';
import { interruption, onStop } from './stop.ts';
import { uploadPhotos } from './upload.ts';

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

const AT_THE_KEYBOARD = 'interrupted at the keyboard';

/** Shorter than the shortest session: whoever follows a run stays signed in until its end. */
const STAY_SIGNED_IN_MS = 60_000;

/**
 * Starts a run and follows it to its end: progress on standard error, questions when a person is there. Ctrl-C asks
 * the run to stop, which it does at its next safe point; a second one does not wait for that. However this ends, it
 * leaves no run that nobody follows.
 */
export async function runToEnd(context: Context, request: RunRequest, quiet: boolean): Promise<RunView> {
  const { client } = context;
  const answers = await withUploadedPhotos(context, request);
  let id: string | null = null;
  let stopped = false;
  const abort = async (reason: string) => {
    // It may have ended meanwhile, or the station may be gone: then there is nothing to stop.
    if (id !== null) await client.runs.abort({ id, reason }).catch(() => {});
  };
  const impatience = interruption();
  const stop = () => {
    if (stopped) return impatience.raise(new BenchError('run.aborted'));
    stopped = true;
    asker.close();
    process.stderr.write('\nStopping at the next safe point … Ctrl-C again: not waiting for it.\n');
    void abort(AT_THE_KEYBOARD);
  };
  const asker = createAsker({
    stop,
    answer: async (prompt, given) => {
      if (id === null) return;
      const isPhoto = prompt.kind === 'photo' && given.trim() !== '';
      const value = isPhoto ? await uploadPhotos(context, request.caseId, id, given) : given;
      await client.runs.answer({ id, promptId: prompt.id, value });
    },
    unanswered: (prompt) => abort(`nobody answered “${prompt.id}”`),
  });
  const work = async () => {
    const events = await client.station.events({ cursor: null }, { signal: watching.signal });
    if (stopped) throw new BenchError('run.aborted');
    const started = await client.runs.start({ ...request, answers, interactive: somebodyIsThere() });
    id = started.id;
    if (stopped) await abort(AT_THE_KEYBOARD);
    try {
      return await follow(context, id, events, asker, quiet);
    } catch (error) {
      await abort('the command that followed it failed');
      throw error;
    }
  };
  const release = onStop(stop);
  const watching = new AbortController();
  const stay = setInterval(() => void client.session.me().catch(() => {}), STAY_SIGNED_IN_MS);
  try {
    const run = await Promise.race([work(), impatience.raised]);
    if (asker.left === null) return run;
    throw new BenchError('input.invalid', {
      detail: `The run asked “${asker.left}” and nobody is there to answer. Give --answer ${asker.left}=VALUE.`,
    });
  } finally {
    clearInterval(stay);
    asker.close();
    release();
    watching.abort();
  }
}

type Events = Awaited<ReturnType<Context['client']['station']['events']>>;

/** Shows how far the run is and what it asks, until it has ended. */
async function follow(
  { client }: Context,
  id: string,
  events: Events,
  asker: ReturnType<typeof createAsker>,
  quiet: boolean,
): Promise<RunView> {
  let run = await client.runs.get({ id });
  asker.show(run.prompt);
  while (run.state === 'running') {
    const next = await Promise.race([events.next(), asker.failed]);
    const event = next.done ? null : next.value;
    if (event?.type === 'run' && event.runId === id) {
      if (!quiet && event.progress && !asker.asking) showProgress(event.progress);
      asker.show(event.prompt);
    } else if (
      event === null ||
      event.type === 'reset' ||
      (event.type === 'changed' && event.topics.includes(`run:${id}`))
    ) {
      run = await client.runs.get({ id });
      asker.show(run.prompt);
      if (event === null && run.state === 'running') throw new BenchError('bench.interrupted');
    }
  }
  if (!quiet) process.stderr.write('\n');
  return run;
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
