import { z } from 'zod';
import { Id, Instant, Sha256 } from './common.ts';
import { Progress, PromptView } from './ports.ts';

/**
 * How a run ended. Only `pass` says the unit is good.
 * - `fail`: the unit is bad (a measurement outside limits, an expectation not met)
 * - `error`: the bench is bad (cable, port, program)
 * - `timeout`: a phase took longer than its procedure allows
 * - `aborted`: a person stopped it
 * - `interrupted`: the station or the unit went away in the middle
 * - `unverified`: everything was done, but nothing readable proves the result (wipes)
 */
export const OUTCOMES = ['pass', 'fail', 'error', 'timeout', 'aborted', 'interrupted', 'unverified'] as const;
export const Outcome = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof Outcome>;

/** One value with its unit and limits (inclusive); null: not limited on that side. */
export const Measurement = z.object({
  id: z.string(),
  title: z.string(),
  value: z.union([z.number(), z.string(), z.boolean()]).nullable(),
  unit: z.string().nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  equals: z.string().nullable(),
  /** Where the limit comes from: a data sheet, a policy, a norm. */
  source: z.string().nullable().optional(),
  /** Null when nothing is demanded of the value. */
  ok: z.boolean().nullable(),
});
export type Measurement = z.infer<typeof Measurement>;

export const PHASE_SECTIONS = ['setup', 'main', 'teardown'] as const;
export const PhaseResult = z.object({
  id: z.string(),
  title: z.string(),
  section: z.enum(PHASE_SECTIONS),
  state: z.enum(['pending', 'running', 'done', 'skipped']),
  outcome: Outcome.nullable(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** Monotonic duration in milliseconds. */
  durationMs: z.number().nullable(),
  /** A sentence for people when the phase did not pass. */
  message: z.string().nullable(),
  errorCode: z.string().nullable(),
  measurements: z.array(Measurement),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullable()),
  artifactIds: z.array(Id),
});
export type PhaseResult = z.infer<typeof PhaseResult>;

export const PROCEDURE_KINDS = ['intake', 'diagnosis', 'wipe', 'inspection'] as const;
export const RunSummary = z.object({
  id: Id,
  caseId: Id,
  caseNumber: z.string(),
  unitId: Id.nullable(),
  portId: Id.nullable(),
  portLabel: z.string().nullable(),
  procedureId: z.string(),
  procedureVersion: z.number().int(),
  procedureTitle: z.string(),
  procedureHash: Sha256,
  kind: z.enum(PROCEDURE_KINDS),
  /** `ended` runs have an outcome, others do not. */
  state: z.enum(['running', 'ended']),
  outcome: Outcome.nullable(),
  message: z.string().nullable(),
  /** Code of the error that decided the outcome; the command line's exit code follows from its kind. */
  errorCode: z.string().nullable().optional(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  startedBy: z.string(),
  programVersion: z.string(),
});
export type RunSummary = z.infer<typeof RunSummary>;

export const RunView = RunSummary.extend({
  phases: z.array(PhaseResult),
  progress: Progress.nullable(),
  prompt: PromptView.nullable(),
  recordId: Id.nullable(),
});
export type RunView = z.infer<typeof RunView>;

export const ProcedureSummary = z.object({
  id: z.string(),
  version: z.number().int().positive(),
  title: z.string(),
  summary: z.string(),
  kind: z.enum(PROCEDURE_KINDS),
  families: z.array(z.string()),
  /** Whether it needs a port; a manual inspection does not. */
  needsPort: z.boolean(),
  destructive: z.boolean(),
  /** It sends commands of its own to the unit, which the bench cannot judge: they may change anything. */
  shellCommands: z.boolean().optional(),
  hash: Sha256,
  /** Values to give when it is started; without a default they must be given. */
  inputs: z
    .array(z.object({ name: z.string(), title: z.string(), default: z.string().nullable() }))
    .optional(),
  /** What it will ask, so that answers can be given beforehand. */
  prompts: z.array(PromptView.extend({ optional: z.boolean() })).optional(),
});
export type ProcedureSummary = z.infer<typeof ProcedureSummary>;
