import { z } from 'zod';
import { Day, Id, Instant, text } from './common.ts';
import { Artifact, RecordSummary } from './evidence.ts';
import { RunSummary } from './runs.ts';
import { LabelIdentity, Unit } from './units.ts';

/** The states of an RMA; what leads from one to another is the table in `shared/rma`. */
export const STATUSES = [
  'announced',
  'received',
  'diagnosing',
  'awaiting-approval',
  'awaiting-parts',
  'repairing',
  'wiping',
  'final-check',
  'ready',
  'shipped',
  'closed',
  'cancelled',
  'replaced',
  'refunded',
  'returned-unrepaired',
  'scrapped',
] as const;
export const Status = z.enum(STATUSES);
export type Status = z.infer<typeof Status>;

export const PRIORITIES = ['P1', 'P2', 'P3'] as const;
export const TIERS = ['L1', 'L2', 'L3'] as const;

/** What must happen to the customer's data before the unit leaves the lab. */
export const DATA_INSTRUCTIONS = ['wipe', 'keep', 'destroy', 'media-returned'] as const;
export const DataInstruction = z.enum(DATA_INSTRUCTIONS);
export type DataInstruction = z.infer<typeof DataInstruction>;

export const CAUSE_CLASSES = [
  'hardware',
  'user-damage',
  'software',
  'environmental',
  'no-fault-found',
  'technician-caused',
] as const;
export const CauseClass = z.enum(CAUSE_CLASSES);
export type CauseClass = z.infer<typeof CauseClass>;

/** One code of the versioned catalogue: class → component → failure mode. */
export const CauseCode = z.object({
  code: z.string(),
  class: CauseClass,
  component: z.string(),
  mode: z.string(),
  /** Other words technicians search for. */
  keywords: z.array(z.string()),
});
export type CauseCode = z.infer<typeof CauseCode>;
export const CauseCatalogue = z.object({ version: z.string(), codes: z.array(CauseCode) });
export type CauseCatalogue = z.infer<typeof CauseCatalogue>;

/** A root cause recorded on a case. Confirming is QA's. */
export const CaseCause = z.object({
  id: Id,
  code: z.string(),
  catalogueVersion: z.string(),
  class: CauseClass,
  component: z.string(),
  mode: z.string(),
  certainty: z.enum(['suspected', 'confirmed']),
  role: z.enum(['primary', 'contributing']),
  symptomReported: z.string().nullable(),
  symptomObserved: z.string().nullable(),
  action: z.string().nullable(),
  analysis: z.string().nullable(),
  removedPart: z.object({ serial: z.string().nullable(), lot: z.string().nullable() }).nullable(),
  at: Instant,
  by: z.string(),
});
export type CaseCause = z.infer<typeof CaseCause>;

/** Facts of a case that people edit; each field is merged on its own. */
export const CaseFields = z.object({
  fault: z.string().max(4000).nullable(),
  customer: z.string().max(200).nullable(),
  contact: z.string().max(400).nullable(),
  contract: z.string().max(200).nullable(),
  priority: z.enum(PRIORITIES),
  tier: z.enum(TIERS),
  /** What was promised to the customer. */
  promisedOn: Day.nullable(),
  purchasedOn: Day.nullable(),
  accessories: z.array(z.string().max(100)).max(50),
  condition: z.string().max(2000).nullable(),
  assigneeId: Id.nullable(),
  custodian: z.string().max(200).nullable(),
  place: z.string().max(200).nullable(),
  dataInstruction: DataInstruction,
});
export type CaseFields = z.infer<typeof CaseFields>;

export const Consent = z.object({ by: z.string(), ref: z.string(), at: Instant, recordedBy: z.string() });
/** A signed exception that lets a unit leave against its data instruction. */
export const DataException = z.object({ reason: z.string(), ref: z.string(), at: Instant, by: z.string() });

export const TimelineEntry = z.object({
  seq: z.number().int(),
  at: Instant,
  by: z.string(),
  kind: z.string(),
  /** One sentence, ready to read. */
  text: z.string(),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

/** A move the case could make: allowed, or blocked with every reason in words. */
export const MoveOption = z.object({
  to: Status,
  allowed: z.boolean(),
  reasons: z.array(z.object({ code: z.string(), message: z.string(), hint: z.string() })),
});
export type MoveOption = z.infer<typeof MoveOption>;

/** Why identifiers disagree, and the ways out a person has. */
export const IdentityConflict = z.object({
  field: z.enum(['serial', 'imei1', 'imei2']),
  unitSays: z.string().nullable(),
  labelSays: z.string().nullable(),
  caseSays: z.string().nullable(),
  message: z.string(),
  waysOut: z.array(z.enum(['re-read', 'other-imei', 'correct-label', 'identity-change', 'escalate'])),
});
export type IdentityConflict = z.infer<typeof IdentityConflict>;

export const CaseSummary = z.object({
  id: Id,
  number: z.string(),
  version: z.number().int(),
  status: Status,
  customer: z.string().nullable(),
  fault: z.string().nullable(),
  model: z.string().nullable(),
  serial: z.string().nullable(),
  imei1: z.string().nullable(),
  priority: z.enum(PRIORITIES),
  tier: z.enum(TIERS),
  assignee: z.string().nullable(),
  promisedOn: Day.nullable(),
  dataInstruction: DataInstruction,
  /** Set while identifiers disagree or a safety stop stands. */
  flags: z.array(z.enum(['identity-conflict', 'safety-stop', 'overdue', 'data-open'])),
  causeClass: CauseClass.nullable(),
  openedAt: Instant,
  changedAt: Instant,
});
export type CaseSummary = z.infer<typeof CaseSummary>;

export const Note = z.object({ id: Id, text: z.string(), at: Instant, by: z.string() });

export const CaseView = CaseSummary.extend({
  fields: CaseFields,
  policyVersion: z.string(),
  /** The unit of the case; null for claims without a unit. */
  unit: Unit.nullable(),
  conflicts: z.array(IdentityConflict),
  consent: Consent.nullable(),
  dataException: DataException.nullable(),
  notes: z.array(Note),
  causes: z.array(CaseCause),
  runs: z.array(RunSummary),
  artifacts: z.array(Artifact),
  records: z.array(RecordSummary),
  moves: z.array(MoveOption),
});
export type CaseView = z.infer<typeof CaseView>;

/** What may be known when a case is opened; every part may be missing. */
export const OpenCase = z.object({
  portId: Id.optional(),
  label: LabelIdentity.optional(),
  /** A claim without a unit: nothing will arrive. */
  withoutUnit: z.boolean().default(false),
  /** Not here yet: the case starts as announced, not received. */
  announced: z.boolean().default(false),
  fields: CaseFields.partial().default({}),
});
export type OpenCase = z.infer<typeof OpenCase>;

export const CaseFilter = z.object({
  /** Matches number, serial, IMEI, customer, model, fault: all words must occur. */
  text: text(200).optional(),
  statuses: z.array(Status).max(STATUSES.length).optional(),
  open: z.boolean().optional(),
  assigneeId: Id.optional(),
  flag: z.enum(['identity-conflict', 'safety-stop', 'overdue', 'data-open']).optional(),
  priority: z.enum(PRIORITIES).optional(),
});
export type CaseFilter = z.infer<typeof CaseFilter>;
