import { compareIdentity } from '../../../shared/identity/index.ts';
import type { CaseCause, CaseSummary, CaseView, SafetyStop } from '../../../shared/model/cases.ts';
import type { RunSummary } from '../../../shared/model/runs.ts';
import { type CaseFacts, dataSettled, moveOptions } from '../../../shared/rma/index.ts';
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
} from './rows.ts';
import type { CasesOptions, VerifiedWipe } from './sources.ts';
import { sql } from './sql.ts';

/** Reads cases out of the tables and other services' facts into what the contract shows. */
export function createViews({ store, facts, settings }: CasesOptions) {
  const { db, clock } = store;

  let calendar: { zone: string; format: Intl.DateTimeFormat } | null = null;

  /** Today at the site, as `YYYY-MM-DD`. */
  function today(): string {
    const zone = settings().timeZone;
    // Making a formatter costs more than everything else a view does.
    if (calendar?.zone !== zone) {
      calendar = { zone, format: new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }) };
    }
    return calendar.format.format(new Date(clock.now()));
  }

  const isUnit = (row: DataRow, unitId: string | null): boolean =>
    unitId !== null && row.unit_id !== null && unitById(db, unitId)?.id === row.unit_id;

  /** A wipe counts for the unit as it is now: not for another one, and not for the board before a swap. */
  const provesWipe = (row: DataRow, wipe: VerifiedWipe): boolean =>
    wipe.caseId === row.id &&
    isUnit(row, wipe.unitId) &&
    (row.identity_changed_at === null || wipe.at > row.identity_changed_at);

  const passed = (row: CaseRow, run: RunSummary): boolean =>
    run.outcome === 'pass' &&
    (run.kind === 'diagnosis' || run.kind === 'inspection') &&
    (run.unitId === null || isUnit(row, run.unitId));

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
      conflicts: compareIdentity(unit?.identity ?? null, labelOf(row), caseSide(row)),
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
      verifiedWipe: facts.verifiedWipes([row.id]).some((wipe) => provesWipe(row, wipe)),
      signedFor: row.signed_for,
      causes,
      passedRun: runs.some((run) => passed(row, run)),
    };
  }

  /** Of cases in the lab, those whose data instruction is not fulfilled yet. */
  function dataOpen(rows: readonly DataRow[]): Set<string> {
    const candidates = rows.filter((row) => row.unit_arrived === 1 && row.in_lab === 1);
    if (candidates.length === 0) return new Set();
    const wipes = new Map<string, VerifiedWipe[]>();
    for (const wipe of facts.verifiedWipes(candidates.map((row) => row.id))) {
      wipes.set(wipe.caseId, [...(wipes.get(wipe.caseId) ?? []), wipe]);
    }
    const open = candidates.filter(
      (row) =>
        !dataSettled({
          dataInstruction: row.data_instruction,
          signedFor: row.signed_for,
          verifiedWipe: (wipes.get(row.id) ?? []).some((wipe) => provesWipe(row, wipe)),
        }),
    );
    return new Set(open.map((row) => row.id));
  }

  function summary(
    row: CaseRow,
    open: boolean,
    day: string,
    stop: SafetyStop | null = standingStop(db, row),
  ): CaseSummary {
    const fields = fieldsOf(row);
    const flags: CaseSummary['flags'] = [];
    if (row.conflict === 1) flags.push('identity-conflict');
    if (stop !== null) flags.push('safety-stop');
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
    };
  }

  function summaries(rows: readonly CaseRow[]): CaseSummary[] {
    const open = dataOpen(rows);
    const day = today();
    return rows.map((row) => summary(row, open.has(row.id), day));
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
      ...summary(row, open, today(), loaded.stop),
      fields: fieldsOf(row),
      policyVersion: row.policy,
      withoutUnit: decisive.withoutUnit,
      receivedAt: row.received_at,
      identifiers: identifiersOf(row),
      unit: unitOf(row, loaded),
      conflicts: loaded.conflicts,
      consent: consentOf(row),
      approval: approvalOf(row),
      dataException: exceptionOf(row),
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
