import { BenchError } from '../../../shared/errors/index.ts';
import type { Progress, PromptView } from '../../../shared/model/ports.ts';
import type { Identity } from '../../../shared/model/units.ts';
import type { Actor } from '../storage/store.ts';
import { formatProblem, parseProcedure } from './load.ts';
import { planPhases } from './plan.ts';
import { createRunner, type RunnerOptions } from './runner.ts';
import { manualTime, type scriptedUnit, testActions, testAtActions } from './testing.ts';
import type { PhaseEnd } from './types.ts';

export const PERSON: Actor = { id: 'person-1', name: 'Ana' };

export interface Harness {
  readonly unit?: Pick<ReturnType<typeof scriptedUnit>, 'open'>;
  readonly check?: (identity: Identity) => string | null;
  readonly inputs?: Record<string, string>;
  readonly answers?: Record<string, string>;
  readonly interactive?: boolean;
  readonly mayGoOn?: () => void;
  readonly authorise?: RunnerOptions['authorise'];
  readonly rematch?: RunnerOptions['rematch'];
  /** The entry of the journal from which on the disk is full, from 0. */
  readonly journalFailsAt?: number;
  /** `destructive: true` and the kind that goes with it. */
  readonly wipe?: boolean;
}

/** A runner over a journal in memory and time by hand, for a procedure given as its phases. */
export function runnerFor(yaml: string, harness: Harness = {}) {
  const kind = harness.wipe ? 'wipe\ndestructive: true' : 'diagnosis';
  const head = `id: probe\nversion: 1\ntitle: Probe\nsummary: Test.\nkind: ${kind}\nfamilies: [${harness.unit ? 'at' : ''}]\n`;
  const parsed = parseProcedure('probe.yaml', new TextEncoder().encode(head + yaml), testActions);
  if (Array.isArray(parsed)) throw new Error(parsed.map(formatProblem).join('\n'));
  const time = manualTime();
  const lines: string[] = [];
  const ends = new Map<string, PhaseEnd>();
  const actors = new Map<string, Actor | null>();
  const events: { progress: Progress | null; prompt: PromptView | null }[] = [];
  const artifacts: { state: 'open' | 'finished' | 'discarded'; bytes: number }[] = [];
  let entries = 0;
  const write = (line: string) => {
    if (harness.journalFailsAt !== undefined && entries >= harness.journalFailsAt) {
      throw new BenchError('storage.full', { path: 'test' });
    }
    entries += 1;
    lines.push(line);
  };
  const runner = createRunner({
    plan: {
      procedure: parsed,
      phases: planPhases(parsed, testAtActions),
      actions: testAtActions,
      inputs: harness.inputs ?? {},
      answers: harness.answers ?? {},
      interactive: harness.interactive ?? false,
    },
    now: time.now,
    timers: time.timers,
    journal: {
      phaseStarted: (id) => write(`> ${id}`),
      phaseEnded(id, end, actor) {
        write(`< ${id} ${end.outcome ?? end.state}`);
        ends.set(id, end);
        actors.set(id, actor);
      },
    },
    unit: harness.unit
      ? { open: harness.unit.open.bind(harness.unit), check: harness.check ?? (() => 'unit-1') }
      : null,
    mayGoOn: harness.mayGoOn ?? (() => {}),
    authorise: harness.authorise ?? (() => Promise.reject(new Error('nothing to authorise'))),
    rematch: harness.rematch ?? (() => {}),
    async openArtifact() {
      const artifact: (typeof artifacts)[number] = { state: 'open', bytes: 0 };
      const id = `artifact-${artifacts.push(artifact) - 1}`;
      return {
        async write(bytes) {
          artifact.bytes += bytes.length;
        },
        async finish() {
          artifact.state = 'finished';
          return { id, size: artifact.bytes, sha256: '0'.repeat(64) };
        },
        async discard() {
          artifact.state = 'discarded';
        },
      };
    },
    checkAnswer(promptId, _, { artifactIds }) {
      if (artifactIds.some((id) => !id.startsWith('01890000'))) {
        throw new BenchError('procedure.bad-answer', { prompt: promptId, detail: 'no picture of this case' });
      }
    },
    notify: (progress, prompt) => events.push({ progress, prompt }),
    log: () => {},
  });
  return {
    runner,
    time,
    lines,
    ends,
    actors,
    events,
    artifacts,
    /** Phases that began and have no end. */
    open: () => lines.filter((line) => line.startsWith('> ')).filter((line) => !ends.has(line.slice(2))),
  };
}
