import { type BenchError, isBenchError, toBenchError } from '../../../shared/errors/index.ts';
import type { Outcome } from '../../../shared/model/runs.ts';

/**
 * How a phase can end: a closed set, each with what it causes. `goesOn` says whether the next phase of the
 * same section runs; a teardown goes on whatever happens, as long as there is something to talk to.
 */
export const PHASE_RESULTS = {
  /** Everything expected was so, and every measurement is within its limits. */
  pass: { outcome: 'pass', goesOn: true },
  /** Left out because it is optional and the unit cannot do it, or nobody answered. Says nothing. */
  skip: { outcome: null, goesOn: true },
  /** The unit is bad, and the procedure wants to know the rest too. The run ends as `fail` at best. */
  'fail-and-continue': { outcome: 'fail', goesOn: true },
  /** The unit is bad: the rest of the section is left out, the teardown runs. */
  'fail-and-stop': { outcome: 'fail', goesOn: false },
  /** The bench is bad, but the connection still works and the procedure wants the rest. `error` at best. */
  'error-and-continue': { outcome: 'error', goesOn: true },
  /** The bench is bad, or a rule said no: the rest is left out. */
  'error-and-stop': { outcome: 'error', goesOn: false },
  /** It took too long, was stopped and did stop; the procedure wants the rest. `timeout` at best. */
  'timeout-and-continue': { outcome: 'timeout', goesOn: true },
  /** It took too long: the rest is left out. */
  'timeout-and-stop': { outcome: 'timeout', goesOn: false },
  /** A person stopped the run: the rest is left out. */
  abort: { outcome: 'aborted', goesOn: false },
  /** The unit or the station went away: nothing more can be asked of the unit, in the teardown neither. */
  interrupt: { outcome: 'interrupted', goesOn: false },
} as const satisfies Readonly<Record<string, { outcome: Outcome | null; goesOn: boolean }>>;
export type PhaseResultName = keyof typeof PHASE_RESULTS;

/** The unit went away: nothing can be asked of this connection any more. */
export const isGone = (error: unknown): boolean => isBenchError(error, 'port.gone');

/** What an error says about the unit and the bench. */
export function outcomeOfError(error: BenchError): Exclude<Outcome, 'pass' | 'unverified'> {
  switch (error.code) {
    case 'port.gone':
    case 'run.station-stopped':
    case 'bench.interrupted':
      return 'interrupted';
    case 'procedure.phase-timeout':
    case 'procedure.run-timeout':
      return 'timeout';
    default:
      if (error.kind === 'unit') return 'fail';
      return error.kind === 'aborted' ? 'aborted' : 'error';
  }
}

/** The result that an error gives a phase. */
export function resultOfError(error: BenchError, onFail: 'stop' | 'continue'): PhaseResultName {
  const outcome = outcomeOfError(error);
  switch (outcome) {
    case 'interrupted':
      return 'interrupt';
    case 'aborted':
      return 'abort';
    case 'fail':
      return `fail-and-${onFail}`;
    case 'timeout':
      // The whole run's time is up, whatever the procedure wants of the rest.
      return error.code === 'procedure.run-timeout' ? 'timeout-and-stop' : `timeout-and-${onFail}`;
    default:
      // A refusal is a rule's no: going on would ignore it. A stuck unit cannot be asked anything more.
      return error.kind === 'refused' || error.code === 'procedure.unit-stuck'
        ? 'error-and-stop'
        : `error-and-${onFail}`;
  }
}

/**
 * Which error counts when work ends after it was told to stop: its own, when it says something (the unit went
 * away), else the reason it was told to stop.
 */
export function decisiveError(error: unknown, stopReason: BenchError | null): BenchError {
  if (stopReason === null) return toBenchError(error);
  const isOwn = isBenchError(error) && error.code !== 'run.aborted' && error !== stopReason;
  // A driver that hits the deadline may report it as its own time-out; that is the same news.
  return isOwn && error.code !== 'port.timeout' ? error : stopReason;
}
