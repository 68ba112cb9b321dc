import { isTimeZone } from '../../../shared/contract/station.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import { given } from '../../../shared/given.ts';
import { withLocalTimes } from '../../../shared/instants.ts';
import {
  type CaseFields,
  type CaseFilter,
  type CaseSummary,
  type CaseView,
  type ConsentSubject,
  type OpenCase,
  type Status,
  TIERS,
  type TimelineEntry,
} from '../../../shared/model/cases.ts';
import type { Family, Identity, Unit } from '../../../shared/model/units.ts';
import type { Op } from '../../../shared/ops/define.ts';
import { type CaseFacts, checkMove, editBlocker } from '../../../shared/rma/index.ts';
import { type Policy, spanMs } from '../../../shared/rma/policy.ts';
import type { Outcome } from '../../../shared/sync/merge.ts';
import type { Actor } from '../storage/store.ts';
import { createCauseCommands } from './causes.ts';
import { createIdentityCommands } from './identity.ts';
import { casesNear } from './matching.ts';
import { openCase } from './opening.ts';
import { type CaseSort, findRows, listRows, openCasesOfUnit, openCounts } from './queries.ts';
import { type CaseRow, caseById, fieldsOf, shownStop, standingStop, type UnitRow, unitById } from './rows.ts';
import { createSafetyCommands } from './safety.ts';
import type { CasesOptions } from './sources.ts';
import { createUnits } from './units.ts';
import { createViews } from './views.ts';

export type Cases = ReturnType<typeof createCases>;

/** Cases and units: each method of the contract's `cases.*`, and what runs and ports need to know of them. */
export function createCases(options: CasesOptions) {
  const { store, facts, policies, settings } = options;
  const { db, clock } = store;
  const units = createUnits(store);
  const views = createViews(options);

  function rowOf(id: string): CaseRow {
    const row = caseById(db, id);
    if (!row) throw new BenchError('input.not-found', { what: 'case', id });
    return row;
  }

  function openRow(id: string): CaseRow {
    const row = rowOf(id);
    if (row.status === 'closed') throw new BenchError('case.closed', { number: row.number });
    return row;
  }

  /** The policy that the case was opened under; no other may speak for it. Throws `case.policy-missing`. */
  function policyOf(row: CaseRow): Policy {
    const policy = policies.byVersion(row.policy);
    if (policy) return policy;
    throw new BenchError('case.policy-missing', { policy: row.policy, number: row.number });
  }

  /** Reads, decides and appends in one transaction, and shows the case as it is then. */
  const change = (id: string, work: (row: CaseRow) => void, any = false): CaseView =>
    store.transaction(() => {
      work(any ? rowOf(id) : openRow(id));
      return views.view(rowOf(id));
    });

  function append(actor: Actor, row: CaseRow, kind: string, body: object, seen?: number): void {
    store.append(actor, [{ kind, entityId: row.id, caseId: row.id, body, baseVersion: seen }]);
  }

  /**
   * The case a unit is on, else an open one in the lab that knows one of its identifiers: a run on that one
   * will show where the two disagree.
   */
  function caseOfUnit(unitId: string): CaseRow | null {
    const unit = unitById(db, unitId);
    if (!unit) return null;
    const [near] = casesNear(db, unit.identity);
    return units.inLab(unit.id) ?? near ?? openCasesOfUnit(db, unit.id)[0] ?? null;
  }

  function unitView({ id, identity, label, family, firstSeenAt, lastSeenAt }: UnitRow): Unit {
    const row = caseOfUnit(id);
    const stop = row && row.unit_id === id ? standingStop(db, row) : null;
    return { id, identity, label, family, firstSeenAt, lastSeenAt, blocked: stop && shownStop(stop) };
  }

  const shared = { options, units, views, change, append, policyOf };

  return {
    ...createIdentityCommands(shared),
    ...createSafetyCommands(shared),
    ...createCauseCommands(shared),

    list(input: { filter: CaseFilter; sort: CaseSort; offset: number; limit: number }) {
      const { flag } = input.filter;
      const keep = flag === 'data-open' ? views.dataOpen : undefined;
      const among = flag === 'in-conflict' || flag === 'to-look-at' ? facts.inReview(flag) : null;
      const { total, rows } = listRows(db, { ...input, today: views.today(), among, keep });
      return { total, items: views.summaries(rows), counts: openCounts(db) };
    },

    find: (input: { text: string }): CaseSummary[] => views.summaries(findRows(db, input.text, 50)),

    /** By id or number, else by identifier when that names one case first. Throws `input.not-found`. */
    get(input: { id: string }): CaseView {
      const [row] = findRows(db, input.id, 1);
      if (!row) throw new BenchError('input.not-found', { what: 'case', id: input.id });
      return views.view(row);
    },

    timeline(input: { id: string }): TimelineEntry[] {
      const zone = settings().timeZone;
      return worthTelling(options.timeline(rowOf(input.id).id)).map((op, index) => ({
        seq: index + 1,
        id: op.id,
        bench: facts.benchName(op.stationId),
        outcome: shownOutcome(op.outcome),
        at: op.at,
        by: op.actorName,
        kind: op.kind,
        text: withLocalTimes(options.describe(op), isTimeZone(zone) ? zone : 'UTC'),
      }));
    },

    open: (actor: Actor, input: OpenCase): CaseView =>
      store.transaction(() => views.view(rowOf(openCase(options, units, actor, input)))),

    /** Throws `state.stale`, and what blocks the change (see `shared/rma`). */
    edit: (
      actor: Actor,
      input: {
        id: string;
        seen?: number | undefined;
        fields: { [K in keyof CaseFields]?: CaseFields[K] | undefined };
      },
    ): CaseView =>
      change(input.id, (row) => {
        const before = fieldsOf(row);
        const fields: Partial<CaseFields> = Object.fromEntries(
          Object.entries(given(input.fields)).filter(
            ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof CaseFields]),
          ),
        );
        const blocker = editBlocker(
          { ...row, fields: before },
          fields,
          (id) => facts.personName(id) !== null,
        );
        if (blocker) throw new BenchError(blocker.code, blocker.params);
        if (Object.keys(fields).length > 0) append(actor, row, 'case.fields', { fields }, input.seen);
      }),

    /** Throws what blocks the move (see `shared/rma`), `case.reason-needed`, `state.stale`. */
    move: (
      actor: Actor,
      input: { id: string; seen?: number | undefined; to: Status; reason?: string | undefined },
    ): CaseView =>
      change(
        input.id,
        (row) => {
          // What somebody else changed explains a refusal better than the refusal itself.
          if (input.seen !== undefined && input.seen !== row.version) {
            const what = `case ${row.number}`;
            throw new BenchError('state.stale', { what, seen: input.seen, now: row.version });
          }
          checkMove(views.factsOf(row), input.to, input.reason);
          const body = { from: row.status, to: input.to, reason: input.reason?.trim() || null };
          append(actor, row, 'case.moved', body, input.seen);
          const moved = rowOf(row.id);
          // From here on there is a unit, even one that nobody can read.
          if (input.to === 'received' && moved.unit_id === null) units.linkUnread(actor, moved.id, null);
        },
        true,
      ),

    note: (actor: Actor, input: { id: string; text: string }): CaseView =>
      change(
        input.id,
        (row) => append(actor, row, 'case.noted', { noteId: clock.id(), text: input.text }),
        true,
      ),

    consent: (
      actor: Actor,
      input: { id: string; by: string; ref: string; about?: ConsentSubject | undefined },
    ): CaseView =>
      change(input.id, (row) => {
        const { by, ref, about = 'wipe' } = input;
        append(actor, row, 'case.consented', { by, ref, about });
      }),

    /** Signs for the data instruction and the unit as they are now; others need another signature. */
    dataException: (actor: Actor, input: { id: string; reason: string; ref: string }): CaseView =>
      change(input.id, (row) => {
        const { reason, ref } = input;
        const { data_instruction: instruction, unit_id: unitId } = row;
        append(actor, row, 'case.data-exception', { instruction, unitId, reason, ref });
      }),

    /** Throws `case.tier-not-higher`. */
    escalate: (
      actor: Actor,
      input: { id: string; tier: 'L2' | 'L3'; reason: string; summary: string },
    ): CaseView =>
      change(input.id, (row) => {
        const from = fieldsOf(row).tier;
        if (TIERS.indexOf(input.tier) <= TIERS.indexOf(from)) {
          throw new BenchError('case.tier-not-higher', { number: row.number, tier: from });
        }
        const dueAt = new Date(Date.parse(clock.now()) + spanMs(policyOf(row).escalation)).toISOString();
        const { reason, summary } = input;
        append(actor, row, 'case.escalated', { from, to: input.tier, reason, summary, dueAt });
      }),

    /** What decides the case's moves and whether anything destructive may be done. */
    factsOf: (caseId: string): CaseFacts => views.factsOf(rowOf(caseId)),

    /** A unit by its id, or by one that a recorded change of identity superseded. */
    unit(unitId: string): Unit | null {
      const unit = unitById(db, unitId);
      return unit && unitView(unit);
    },

    /** Records what a port says, finding or making its unit; the case the unit is on is kept in step. */
    unitSeen: (actor: Actor, identity: Identity, family: Family, portId: string | null): Unit =>
      unitView(units.seen(actor, { identity, family, portId })),

    /** The case to show with a unit; null: none. */
    caseForUnit(unitId: string): CaseSummary | null {
      const row = caseOfUnit(unitId);
      return row ? (views.summaries([row])[0] ?? null) : null;
    },
  };
}

/** Where something became of an entry that people should know. */
function shownOutcome(outcome: Outcome | null): TimelineEntry['outcome'] {
  if (outcome === null || outcome.is === 'unjudged') return null;
  if (outcome.is === 'applied') return outcome.unseen.length > 0 ? 'look' : null;
  return outcome.is;
}

/**
 * The entries that tell a person something: not what led to the opening, and of a unit that is read again and says
 * the same only the first.
 */
function worthTelling<T extends Op>(ops: readonly T[]): T[] {
  const opened = ops.findIndex(({ kind }) => kind === 'case.opened');
  let said: string | null = null;
  return ops.slice(Math.max(0, opened)).filter((op) => {
    if (op.kind !== 'unit.seen') return true;
    const before = said;
    said = JSON.stringify((op.body as { identity: Identity }).identity);
    return before !== said;
  });
}
