import { isTimeZone } from '../../../shared/contract/station.ts';
import { compareIdentity } from '../../../shared/identity/index.ts';
import type { CaseCause, CaseSummary, CaseView, Review, SafetyStop } from '../../../shared/model/cases.ts';
import type { RunSummary } from '../../../shared/model/runs.ts';
import type { Op } from '../../../shared/ops/define.ts';
import {
  type CaseFacts,
  dataSettled,
  type MediumState,
  mediaOfUnit,
  moveOptions,
} from '../../../shared/rma/index.ts';
import { sql } from '../storage/statements.ts';
import type { DataRow } from './queries.ts';
import {
  approvalOf,
  type CaseRow,
  caseSide,
  consentOf,
  escalationsOf,
  exceptionOf,
  fieldsOf,
  identifiersOf,
  labelOf,
  shownStop,
  standingStop,
  unitById,
  unitSide,
  visitedOf,
} from './rows.ts';
import type { CasesOptions, CaseWipe } from './sources.ts';
import { createSwaps } from './swaps.ts';

export type Views = ReturnType<typeof createViews>;

/** Reads cases out of the tables and other services' facts into what the contract shows. */
export function createViews({ store, facts, settings, timeline, knew }: CasesOptions) {
  const { db, clock } = store;

  let calendar: { zone: string; format: Intl.DateTimeFormat } | null = null;

  /** Today at the site, as `YYYY-MM-DD`. */
  function today(): string {
    const zone = settings().timeZone;
    // Making a formatter costs more than everything else a view does.
    if (calendar?.zone !== zone) {
      const timeZone = isTimeZone(zone) ? zone : 'UTC';
      calendar = { zone, format: new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }) };
    }
    return calendar.format.format(new Date(clock.now()));
  }

  const isUnit = (row: DataRow, unitId: string | null): boolean =>
    unitId !== null && row.unit_id !== null && unitById(db, unitId)?.id === row.unit_id;

  const sinceSwap = createSwaps({ timeline, knew });
  const isRun = (runId: string) => (op: Op) => op.kind === 'run.started' && op.entityId === runId;

  const mediaOf = (row: DataRow, wipes: readonly CaseWipe[]): MediumState[] =>
    mediaOfUnit(
      wipes.filter(
        ({ caseId, unitId, runId }) =>
          caseId === row.id && isUnit(row, unitId) && sinceSwap(row)(isRun(runId)),
      ),
    );

  function signedFor(row: DataRow): CaseFacts['signedFor'] {
    const paper = exceptionOf(row);
    if (!paper || !sinceSwap(row)(({ kind }) => kind === 'case.data-exception')) return null;
    // Old entries do not say for which unit they were signed.
    const { unitId = row.unit_id } = paper;
    const isOwn = unitId === null ? row.unit_id === null : isUnit(row, unitId);
    return isOwn ? (paper.instruction ?? null) : null;
  }

  /** Whether the newest diagnosis or inspection of the unit as it is now that came to a result passed. */
  function passed(row: CaseRow, runs: readonly RunSummary[]): boolean {
    const newest = runs.find(
      ({ id, kind, outcome, unitId }) =>
        (kind === 'diagnosis' || kind === 'inspection') &&
        (outcome === 'pass' || outcome === 'fail') &&
        (unitId === null || isUnit(row, unitId)) &&
        sinceSwap(row)(isRun(id)),
    );
    return newest?.outcome === 'pass';
  }

  const causesOf = (caseId: string): CaseCause[] =>
    (
      sql(db, 'SELECT cause FROM case_causes WHERE case_id = ? ORDER BY seq').all(caseId) as {
        cause: string;
      }[]
    ).map(({ cause }) => JSON.parse(cause));

  /** Everything about a case that more than one part of its view needs, read once. */
  function load(row: CaseRow) {
    const unit = row.unit_id === null ? null : unitById(db, row.unit_id);
    return {
      unit,
      conflicts: compareIdentity(unitSide(unit), labelOf(row), caseSide(row)),
      stop: standingStop(db, row),
      causes: causesOf(row.id),
      runs: facts.runs(row.id),
    };
  }
  type Loaded = ReturnType<typeof load>;

  /** What decides the case's moves, gathered. */
  function factsOf(row: CaseRow, { conflicts, stop, causes, runs }: Loaded = load(row)): CaseFacts {
    return {
      status: row.status,
      withoutUnit: row.without_unit === 1,
      unitArrived: row.unit_arrived === 1,
      conflicts,
      safetyStop: stop,
      dataInstruction: row.data_instruction,
      wipeConsent: row.consent !== null,
      approvalAwaited: row.approval_awaited === 1,
      approval: row.approval !== null,
      media: mediaOf(row, facts.wipes([row.id])),
      signedFor: signedFor(row),
      causes,
      passedRun: passed(row, runs),
      running: runs.find((run) => run.state === 'running')?.procedureTitle ?? null,
    };
  }

  /** Of cases in the lab, those whose data instruction is not fulfilled yet. */
  function dataOpen(rows: readonly DataRow[]): Set<string> {
    const isOpen = (row: DataRow, media: readonly MediumState[]): boolean =>
      !dataSettled({ dataInstruction: row.data_instruction, signedFor: signedFor(row), media });
    const open = new Map(
      rows
        .filter((row) => row.unit_arrived === 1 && row.in_lab === 1 && isOpen(row, []))
        .map((row) => [row.id, row]),
    );
    const unwiped = [...open.values()].filter((row) => row.data_instruction === 'wipe');
    const wipes = new Map<string, CaseWipe[]>();
    for (const wipe of facts.wipes(
      unwiped.map(({ id }) => id),
      'proven',
    )) {
      const ofCase = wipes.get(wipe.caseId);
      if (ofCase) ofCase.push(wipe);
      else wipes.set(wipe.caseId, [wipe]);
    }
    for (const [id, ofCase] of wipes) {
      const row = open.get(id);
      if (row && !isOpen(row, mediaOf(row, ofCase))) open.delete(id);
    }
    return new Set(open.keys());
  }

  function summary(
    row: CaseRow,
    open: boolean,
    day: string,
    reviews: readonly Review[],
    stop: SafetyStop | null = standingStop(db, row),
  ): CaseSummary {
    const fields = fieldsOf(row);
    const flags: CaseSummary['flags'] = [];
    if (row.conflict === 1) flags.push('identity-conflict');
    if (stop !== null) flags.push('safety-stop');
    flags.push(...reviews);
    if (fields.promisedOn !== null && fields.promisedOn < day && row.in_lab === 1) {
      flags.push('overdue');
    }
    if (open) flags.push('data-open');
    return {
      id: row.id,
      number: row.number,
      version: row.version,
      status: row.status,
      customer: fields.customer,
      fault: fields.fault,
      model: row.model,
      serial: row.serial,
      imei1: row.imei1,
      priority: fields.priority,
      tier: fields.tier,
      assignee: fields.assigneeId && facts.personName(fields.assigneeId),
      promisedOn: fields.promisedOn,
      dataInstruction: row.data_instruction,
      flags,
      causeClass: row.cause_class,
      openedAt: row.opened_at,
      changedAt: row.changed_at,
      statusSince: row.status_since,
    };
  }

  function summaries(rows: readonly CaseRow[]): CaseSummary[] {
    const open = dataOpen(rows);
    const day = today();
    const reviews = facts.reviews(rows.map(({ id }) => id));
    return rows.map((row) => summary(row, open.has(row.id), day, reviews.get(row.id) ?? []));
  }

  function unitOf(row: CaseRow, { unit, stop }: Loaded): CaseView['unit'] {
    if (!unit) return null;
    const { id, identity, family, firstSeenAt, lastSeenAt } = unit;
    // The label as it was read for this case; an older case may have seen another.
    const label = labelOf(row) ?? unit.label;
    return { id, identity, label, family, firstSeenAt, lastSeenAt, blocked: stop && shownStop(stop) };
  }

  function view(row: CaseRow): CaseView {
    const loaded = load(row);
    const decisive = factsOf(row, loaded);
    const open = row.in_lab === 1 && decisive.unitArrived && !dataSettled(decisive);
    return {
      ...summary(row, open, today(), facts.reviews([row.id]).get(row.id) ?? [], loaded.stop),
      fields: fieldsOf(row),
      policyVersion: row.policy,
      visited: visitedOf(row),
      withoutUnit: decisive.withoutUnit,
      receivedAt: row.received_at,
      identifiers: identifiersOf(row),
      unit: unitOf(row, loaded),
      conflicts: loaded.conflicts,
      consent: consentOf(row),
      approval: approvalOf(row),
      dataException: exceptionOf(row),
      dataState: { settled: dataSettled(decisive), media: [...decisive.media] },
      safety: loaded.stop && shownStop(loaded.stop),
      escalations: escalationsOf(row),
      notes: sql(db, 'SELECT id, text, at, by FROM case_notes WHERE case_id = ? ORDER BY at, id').all(
        row.id,
      ) as CaseView['notes'],
      causes: loaded.causes,
      runs: loaded.runs,
      artifacts: facts.artifacts(row.id),
      records: facts.records(row.id),
      moves: moveOptions(decisive),
    };
  }

  return { today, factsOf, dataOpen, summaries, view, causesOf };
}
