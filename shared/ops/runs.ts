import { z } from 'zod';
import { WipeTarget } from '../contract/work.ts';
import { Id, Sha256 } from '../model/common.ts';
import { Measurement, Outcome, PHASE_SECTIONS, PROCEDURE_KINDS } from '../model/runs.ts';
import { Identity } from '../model/units.ts';
import { opKind } from './define.ts';

const PhaseId = z.string().min(1).max(60);
const message = z.string().max(8000).nullable();
const errorCode = z.string().max(80).nullable();

export const RunStarted = z.object({
  caseId: Id,
  caseNumber: z.string().max(80),
  unitId: Id.nullable(),
  portId: Id.nullable(),
  portLabel: z.string().max(80).nullable(),
  procedure: z.object({
    id: z.string().max(80),
    version: z.number().int(),
    title: z.string().max(200),
    kind: z.enum(PROCEDURE_KINDS),
    destructive: z.boolean(),
    hash: Sha256,
  }),
  inputs: z.record(z.string().max(80), z.string().max(400)),
  /** Everything that will be done, in order, so that a run cut off shows what is missing. */
  phases: z.array(
    z.object({
      id: PhaseId,
      title: z.string().max(200),
      section: z.enum(PHASE_SECTIONS),
      /** The driver's action; null for questions, checks and what the bench itself adds. */
      action: z.string().max(60).nullable(),
      destructive: z.boolean(),
    }),
  ),
  programVersion: z.string().max(80),
});
export type RunStarted = z.infer<typeof RunStarted>;

export const RunPhaseStarted = z.object({ phaseId: PhaseId });
export type RunPhaseStarted = z.infer<typeof RunPhaseStarted>;

export const RunPhaseEnded = z.object({
  phaseId: PhaseId,
  /** As people know the phase; missing in old entries. */
  title: z.string().max(200).optional(),
  state: z.enum(['done', 'skipped']),
  outcome: Outcome.nullable(),
  /** Monotonic; null when nobody was there to see the end. */
  durationMs: z.number().nonnegative().nullable(),
  message,
  errorCode,
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullable()),
  measurements: z.array(Measurement),
  artifactIds: z.array(Id),
  /** The unit it turned out to be, where the phase identified it. */
  unitId: Id.nullable(),
  /** Who the unit said it was, where the phase asked. */
  identity: Identity.nullable(),
  /** What was to be wiped, where the phase looked. */
  target: WipeTarget.nullable(),
});
export type RunPhaseEnded = z.infer<typeof RunPhaseEnded>;

export const RunEnded = z.object({
  outcome: Outcome,
  message,
  errorCode,
  /** The signed record of a wipe. */
  recordId: Id.nullable(),
});
export type RunEnded = z.infer<typeof RunEnded>;

const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  pass: 'passed',
  fail: 'failed',
  error: 'ended with a trouble of the bench',
  timeout: 'took too long',
  aborted: 'was stopped',
  interrupted: 'was interrupted',
  unverified: 'ended without proof',
};

/**
 * What a run writes: when it starts, before and after each phase, and when it ends. Phase ends carry the case,
 * because they carry what was read of the unit; phase starts carry nothing and do not clutter its timeline.
 */
export const runOps = {
  'run.started': opKind({
    class: 'ledger',
    entity: 'run',
    synced: true,
    body: RunStarted,
    touches: ({ caseId }) => [caseId],
    describe: ({ procedure, portLabel }) =>
      `“${procedure.title}” started${portLabel === null ? '' : ` on ${portLabel}`}`,
  }),
  'run.phase-started': opKind({
    class: 'ledger',
    entity: 'run',
    synced: true,
    body: RunPhaseStarted,
    describe: ({ phaseId }) => `Step “${phaseId}” begun`,
  }),
  'run.phase-ended': opKind({
    class: 'ledger',
    entity: 'run',
    synced: true,
    body: RunPhaseEnded,
    describe: ({ phaseId, title = phaseId, outcome, message: words }) =>
      `Step “${title}” ${outcome === null ? 'was left out' : OUTCOME_WORDS[outcome]}${words ? `: ${words}` : ''}`,
  }),
  'run.ended': opKind({
    class: 'ledger',
    entity: 'run',
    synced: true,
    body: RunEnded,
    describe: ({ outcome, message: words }) =>
      `The run ${OUTCOME_WORDS[outcome]}${words ? `: ${words}` : ''}`,
  }),
};
