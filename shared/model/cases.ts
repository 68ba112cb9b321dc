import { z } from 'zod';
import { Day, Id, Instant, text } from './common.ts';
import { Artifact, RecordSummary } from './evidence.ts';
import { RunSummary } from './runs.ts';
import { Family, LabelIdentity, Unit } from './units.ts';

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
/** A status or a data instruction within a sentence: `awaiting approval`. */
export const statusWords = (code: string): string => code.replaceAll('-', ' ');

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

/** What a case waits for a person for because benches disagree: a choice, or a look. */
export const REVIEWS = ['in-conflict', 'to-look-at'] as const;
export type Review = (typeof REVIEWS)[number];

/** What is to be known of a case in a list: each marks it, and finds it. */
export const CASE_FLAGS = ['identity-conflict', 'safety-stop', ...REVIEWS, 'overdue', 'data-open'] as const;
export const CaseFlag = z.enum(CASE_FLAGS);
export type CaseFlag = z.infer<typeof CaseFlag>;

/** Longest fault text, in characters; a cause quotes it whole. */
export const FAULT_LIMIT = 4000;

/** Facts of a case that people edit; each field is merged on its own. */
export const CaseFields = z.object({
  fault: z.string().max(FAULT_LIMIT).nullable(),
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

/** What the customer agreed to: that the data is wiped, or that the repair is done at its price. */
export const CONSENT_SUBJECTS = ['wipe', 'repair'] as const;
export const ConsentSubject = z.enum(CONSENT_SUBJECTS);
export type ConsentSubject = z.infer<typeof ConsentSubject>;
export const Consent = z.object({ by: z.string(), ref: z.string(), at: Instant, recordedBy: z.string() });
export type Consent = z.infer<typeof Consent>;
/**
 * The signed paper of a data instruction, with its reference:
 * - `wipe`: an exception, the unit may leave without a verified wipe
 * - `keep`: the customer's waiver
 * - `destroy`: the record of destruction
 * - `media-returned`: the receipt for the media handed over
 */
export const DataException = z.object({
  reason: z.string(),
  ref: z.string(),
  at: Instant,
  by: z.string(),
  /** The instruction it was signed under; it counts for no other. */
  instruction: DataInstruction.optional(),
  /** The unit it was signed for; it counts for no other. Null: the case had none. */
  unitId: Id.nullable().optional(),
});
export type DataException = z.infer<typeof DataException>;

/** One hand-over to a higher technical tier. */
export const Escalation = z.object({
  from: z.enum(TIERS),
  to: z.enum(TIERS),
  reason: z.string(),
  summary: z.string(),
  /** When the higher tier must have taken it up, by the case's policy. */
  dueAt: Instant,
  at: Instant,
  by: z.string(),
});
export type Escalation = z.infer<typeof Escalation>;

/** A safety stop: every further step is blocked until product safety was told and a manager releases it. */
export const SafetyStop = z.object({
  reason: z.string(),
  since: Instant,
  by: z.string(),
  /** When product safety must have been told. */
  reportDueAt: Instant,
  reportedAt: Instant.nullable(),
});
export type SafetyStop = z.infer<typeof SafetyStop>;

/** The strong identifiers a case expects of its unit. Null: not known. */
export const CaseIdentifiers = z.object({
  serial: z.string().nullable(),
  imei1: z.string().nullable(),
  imei2: z.string().nullable(),
  meid: z.string().nullable(),
  /** Prove nothing, but tell another unit where a serial number alone, or nothing at all, is said. */
  maker: z.string().nullable().optional(),
  model: z.string().nullable().optional(),
  family: Family.nullable().optional(),
});
export type CaseIdentifiers = z.infer<typeof CaseIdentifiers>;

export const TimelineEntry = z.object({
  seq: z.number().int(),
  at: Instant,
  by: z.string(),
  kind: z.string(),
  /** One sentence, ready to read. */
  text: z.string(),
  id: Id,
  /** The bench it was made on; null: this one. */
  bench: z.string().nullable(),
  /** What became of it, where it does not simply hold; null where it does. */
  outcome: z.enum(['superseded', 'conflict', 'refused', 'look']).nullable(),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

/** What became of an entry of the timeline, in words. */
export const ENTRY_WORDS: Readonly<Record<NonNullable<TimelineEntry['outcome']>, string>> = {
  superseded: 'was so already',
  conflict: 'did not hold',
  refused: 'had no effect',
  look: 'look at it',
};

/** A move the case could make: allowed, or blocked with every reason in words. */
export const MoveOption = z.object({
  to: Status,
  allowed: z.boolean(),
  reasons: z.array(z.object({ code: z.string(), message: z.string(), hint: z.string() })),
  /** The move must say why. */
  needsReason: z.boolean().optional(),
});
export type MoveOption = z.infer<typeof MoveOption>;

/** What sides can disagree in, and what a recorded change of identity replaces. */
export const IDENTITY_FIELDS = ['serial', 'imei1', 'imei2', 'meid', 'maker', 'model'] as const;
export const IdentityField = z.enum(IDENTITY_FIELDS);
export type IdentityField = z.infer<typeof IdentityField>;

/** Why identifiers disagree, and the ways out a person has. */
export const IdentityConflict = z.object({
  field: IdentityField,
  unitSays: z.string().nullable(),
  labelSays: z.string().nullable(),
  caseSays: z.string().nullable(),
  message: z.string(),
  waysOut: z.array(
    z.enum(['re-read', 'other-imei', 'correct-label', 'identity-change', 'wrong-unit', 'escalate']),
  ),
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
  flags: z.array(CaseFlag),
  causeClass: CauseClass.nullable(),
  openedAt: Instant,
  changedAt: Instant,
  /** When it entered its present status. */
  statusSince: Instant,
});
export type CaseSummary = z.infer<typeof CaseSummary>;

export const Note = z.object({ id: Id, text: z.string(), at: Instant, by: z.string() });

export const CaseView = CaseSummary.extend({
  fields: CaseFields,
  policyVersion: z.string(),
  /** The statuses it has been in, in order, each once; the present one included. */
  visited: z.array(Status),
  /** Nothing will arrive: a claim after loss or theft, say. */
  withoutUnit: z.boolean().optional(),
  receivedAt: Instant.nullable().optional(),
  /** What the unit must say before anything destructive. */
  identifiers: CaseIdentifiers.optional(),
  /** The unit of the case; null for claims without a unit. */
  unit: Unit.nullable(),
  conflicts: z.array(IdentityConflict),
  /** The customer's consent to the wipe. */
  consent: Consent.nullable(),
  /** The customer's approval of the repair and its price, given since the case last awaited it. */
  approval: Consent.nullable().optional(),
  dataException: DataException.nullable(),
  /** What of the data instruction is done, as the guard of the moves that leave the lab judges it. */
  dataState: z.object({
    /** The instruction is fulfilled, or a paper was signed for it. */
    settled: z.boolean(),
    /** The media that the newest wipe listed; none while no wipe has looked. */
    media: z.array(z.object({ path: z.string(), label: z.string(), wiped: z.boolean() })),
  }),
  safety: SafetyStop.nullable().optional(),
  escalations: z.array(Escalation).optional(),
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
  /** Id of the policy it is opened under; the bench's default when left out. */
  policy: z.string().trim().min(1).max(60).optional(),
  fields: CaseFields.partial().default({}),
});
export type OpenCase = z.infer<typeof OpenCase>;

export const CaseFilter = z.object({
  /** Matches number, serial, IMEI, customer, model, fault: all words must occur. */
  text: text(200).optional(),
  statuses: z.array(Status).max(STATUSES.length).optional(),
  open: z.boolean().optional(),
  assigneeId: Id.optional(),
  flag: CaseFlag.optional(),
  priority: z.enum(PRIORITIES).optional(),
});
export type CaseFilter = z.infer<typeof CaseFilter>;
