import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import {
  CaseCause,
  CaseFields,
  CaseFilter,
  CaseSummary,
  CaseView,
  CauseCatalogue,
  ConsentSubject,
  FAULT_LIMIT,
  IdentityField,
  OpenCase,
  Status,
  TimelineEntry,
} from '../model/cases.ts';
import { Id, text } from '../model/common.ts';
import { ARTIFACT_KINDS, Artifact, RecordSummary, SearchHit, VerifyReport } from '../model/evidence.ts';
import { ProcedureSummary, RunSummary, RunView } from '../model/runs.ts';
import { BlobsView, Conflict, SyncReport, SyncView } from '../model/sync.ts';
import { LabelIdentity } from '../model/units.ts';
import { administering, confirming, doing, managing, reading } from './base.ts';
import { bytes } from './bytes.ts';
import { RANGE_LIMIT } from './station.ts';

const ok = z.object({ ok: z.literal(true) });
/** The version the person saw; the call is refused as stale when the case has moved on since. */
const seen = z.number().int().optional();

export const cases = {
  list: reading
    .input(
      z.object({
        filter: CaseFilter.default({}),
        sort: z.enum(['changed', 'number', 'promised', 'priority']).default('changed'),
        offset: z.number().int().nonnegative().default(0),
        limit: z.number().int().min(1).max(500).default(100),
      }),
    )
    .output(
      z.object({
        total: z.number().int(),
        items: z.array(CaseSummary),
        /** Open cases by status, for the filter chips. */
        counts: z.record(z.string(), z.number().int()),
      }),
    ),
  /** By id, case number, serial, IMEI 1 or 2. Several matches: the open case first, then the newest. */
  find: reading.input(z.object({ text: text(200) })).output(z.array(CaseSummary)),
  get: reading.input(z.object({ id: z.string().min(1).max(200) })).output(CaseView),
  timeline: reading.input(z.object({ id: Id })).output(z.array(TimelineEntry)),
  open: doing.input(OpenCase).output(CaseView),
  edit: doing.input(z.object({ id: Id, seen, fields: CaseFields.partial() })).output(CaseView),
  move: doing
    .input(z.object({ id: Id, seen, to: Status, reason: z.string().trim().max(2000).optional() }))
    .output(CaseView),
  note: doing.input(z.object({ id: Id, text: text(4000) })).output(CaseView),
  /** The customer's consent to the wipe, or approval of the repair and its price. */
  consent: doing
    .input(z.object({ id: Id, by: text(200), ref: text(200), about: ConsentSubject.default('wipe') }))
    .output(CaseView),
  dataException: confirming.input(z.object({ id: Id, reason: text(2000), ref: text(200) })).output(CaseView),
  /** Sets what the label says; compared with the unit and the case. */
  label: doing.input(z.object({ id: Id, label: LabelIdentity })).output(CaseView),
  /** A recorded change of identity (board swap): a second person signs with their own PIN. */
  identityChange: doing
    .input(
      z.object({
        id: Id,
        field: IdentityField,
        to: text(40),
        reason: text(2000),
        partSerial: z.string().max(100).nullable().default(null),
        witness: z.object({ name: text(60), pin: z.string() }),
      }),
    )
    .output(CaseView),
  /** The unit was never this case's: it is taken off, and what was done on it stays with it. */
  wrongUnit: doing.input(z.object({ id: Id, reason: text(2000) })).output(CaseView),
  escalate: doing
    .input(z.object({ id: Id, tier: z.enum(['L2', 'L3']), reason: text(2000), summary: text(4000) }))
    .output(CaseView),
  /** A suspected cause; without `symptomReported` it is the case's reported fault. */
  addCause: doing
    .input(
      z.object({
        id: Id,
        code: text(80),
        role: CaseCause.shape.role.default('primary'),
        symptomReported: z.string().max(FAULT_LIMIT).nullable().optional(),
        symptomObserved: z.string().max(2000).nullable().default(null),
        action: z.string().max(2000).nullable().default(null),
        removedPart: CaseCause.shape.removedPart.default(null),
      }),
    )
    .output(CaseView),
  confirmCause: confirming
    .input(
      z.object({
        id: Id,
        causeId: Id,
        analysis: text(4000),
        removedPart: CaseCause.shape.removedPart.default(null),
      }),
    )
    .output(CaseView),
  /** A confirmed one only by who may confirm. */
  removeCause: doing.input(z.object({ id: Id, causeId: Id, reason: text(2000) })).output(CaseView),
  /** Swollen battery, heat, smoke: blocks the unit at once and starts the hour to tell product safety. */
  safetyStop: doing.input(z.object({ id: Id, reason: text(2000) })).output(CaseView),
  /** Product safety has been told. */
  safetyReported: doing.input(z.object({ id: Id, to: text(200), ref: text(200) })).output(CaseView),
  /** Only a manager lifts the block, and only after product safety was told. */
  safetyRelease: managing.input(z.object({ id: Id, reason: text(2000) })).output(CaseView),
};

export const causes = {
  catalogue: reading.output(CauseCatalogue),
};

export const procedures = {
  list: reading.output(z.array(ProcedureSummary)),
};

/** A place that a wipe could overwrite, and why not where it may not. */
export const WipeTarget = z.object({
  /** `/dev/mmcblk0`, or `phone` for a maker's reset. */
  id: z.string(),
  title: z.string(),
  kind: z.enum(['disk', 'partition', 'phone']),
  bytes: z.number().int().nonnegative().nullable(),
  model: z.string().nullable(),
  serial: z.string().nullable(),
  allowed: z.boolean(),
  reasons: z.array(z.string()),
});
export type WipeTarget = z.infer<typeof WipeTarget>;

export const runs = {
  get: reading.input(z.object({ id: Id })).output(RunView),
  list: reading
    .input(
      z.object({
        caseId: Id.optional(),
        unitId: Id.optional(),
        limit: z.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.array(RunSummary)),
  start: doing
    .input(
      z.object({
        procedureId: text(80),
        caseId: Id,
        portId: Id.nullable().default(null),
        /** Answers given beforehand, by prompt id. */
        answers: z.record(z.string(), z.string().max(4000)).default({}),
        /** Values for the procedure's inputs, e.g. `target` of a wipe. */
        inputs: z.record(z.string(), z.string().max(400)).default({}),
        /** The last four of the IMEI, else of the serial; demanded by destructive procedures. */
        confirm: z.string().trim().max(40).nullable().default(null),
        /**
         * Somebody watches and answers. Otherwise questions that have a default or may be left out are not
         * asked, so that an unattended run does not wait for nobody.
         */
        interactive: z.boolean().default(false),
      }),
    )
    .output(RunView),
  answer: doing.input(z.object({ id: Id, promptId: z.string(), value: z.string().max(4000) })).output(ok),
  abort: doing.input(z.object({ id: Id, reason: z.string().trim().max(400).optional() })).output(ok),
  /** Everything on the unit that could be wiped; opens the port and looks. */
  wipeTargets: doing.input(z.object({ portId: Id, caseId: Id })).output(z.array(WipeTarget)),
};

const range = {
  offset: z.number().int().nonnegative(),
  length: z.number().int().min(1).max(RANGE_LIMIT),
};

export const artifacts = {
  get: reading.input(z.object({ id: Id })).output(Artifact),
  /** Brings the content of an artifact of another bench here; ends when it is here, verified. */
  fetch: reading
    .input(z.object({ id: Id }))
    .output(eventIterator(z.object({ received: z.number().int(), size: z.number().int() }))),
  /**
   * Bytes of the content, authenticated before they leave the station; fewer than were asked for at its end. Nothing
   * but the bytes, which the wire takes as they are: wrapped into an object they would take half as long again.
   */
  read: reading.input(z.object({ id: Id, ...range })).output(bytes(RANGE_LIMIT)),
  search: reading
    .input(
      z.object({
        id: Id,
        query: text(400),
        regex: z.boolean().default(false),
        caseSensitive: z.boolean().default(false),
        fromLine: z.number().int().positive().default(1),
        limit: z.number().int().min(1).max(1000).default(200),
      }),
    )
    .output(
      z.object({
        hits: z.array(SearchHit),
        /** Where to go on, or null at the end. */
        nextLine: z.number().int().nullable(),
        scannedBytes: z.number(),
      }),
    ),
  /** Upload in pieces: begin, append in order, finish with the hash of the whole. */
  begin: doing
    .input(
      z.object({
        caseId: Id,
        runId: Id.nullable().default(null),
        kind: z.enum(ARTIFACT_KINDS),
        name: z.string().min(1).max(200),
        mime: z.string().max(100),
      }),
    )
    .output(z.object({ uploadId: Id })),
  append: doing
    .input(z.object({ uploadId: Id, offset: z.number().int().nonnegative(), bytes: bytes(RANGE_LIMIT) }))
    .output(z.object({ received: z.number().int() })),
  finish: doing.input(z.object({ uploadId: Id, sha256: Artifact.shape.sha256 })).output(Artifact),
};

export const records = {
  list: reading.input(z.object({ caseId: Id })).output(z.array(RecordSummary)),
  /** The signed statement: a DSSE envelope, exactly as it was signed. */
  get: reading.input(z.object({ id: Id })).output(z.object({ summary: RecordSummary, envelope: z.string() })),
};

/** How this bench and its hub stand. */
export const hub = {
  /** Null when the bench belongs to none. */
  state: reading.output(SyncView.nullable()),
  /** The content of artifacts that waits to be sent; null when the bench belongs to none. */
  blobs: reading.output(BlobsView.nullable()),
  enrol: administering.input(z.object({ url: z.string().max(400), code: text(64) })).output(SyncView),
  leave: administering.output(z.object({ ok: z.literal(true) })),
  /** Another key for this bench, because the old one may be known to somebody. */
  rotateKey: administering.output(z.object({ ok: z.literal(true) })),
  /** One exchange now; fails with what keeps bench and hub apart. */
  sync: doing.output(SyncReport),
};

/** Changes that meet changes of another bench: what did not hold, and what somebody should look at. */
export const conflicts = {
  /** Those that nobody has settled, oldest first; of one case when it is named. */
  list: reading.input(z.object({ caseId: Id.optional() })).output(z.array(Conflict)),
  /**
   * Settles one: what is named in `take` is changed to what was wanted, the rest stays as it stands. Refused as any
   * change is, and then nothing is settled.
   */
  settle: doing
    .input(z.object({ id: Id, take: z.array(z.string().max(60)).max(50), reason: text(2000).nullable() }))
    .output(z.object({ ok: z.literal(true) })),
};

export const verify = {
  log: reading.output(VerifyReport),
  artifact: reading.input(z.object({ id: Id })).output(VerifyReport),
  record: reading.input(z.object({ id: Id })).output(VerifyReport),
};
