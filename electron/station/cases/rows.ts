import type { Database } from 'better-sqlite3';
import type { CaseSide, IdentifierKey, StrongField } from '../../../shared/identity/index.ts';
import type {
  CaseFields,
  CaseIdentifiers,
  CauseClass,
  Consent,
  DataException,
  DataInstruction,
  Escalation,
  SafetyStop,
  Status,
} from '../../../shared/model/cases.ts';
import type { Family, Identity, LabelIdentity } from '../../../shared/model/units.ts';
import { sql } from '../storage/statements.ts';

/** A row of `cases`, as stored. */
export interface CaseRow {
  readonly n: number;
  readonly id: string;
  readonly number: string;
  readonly version: number;
  readonly status: Status;
  readonly in_lab: 0 | 1;
  readonly without_unit: 0 | 1;
  readonly policy: string;
  readonly fields: string;
  readonly data_instruction: DataInstruction;
  readonly identifiers: string;
  readonly identifiers_from: IdentifiersFrom;
  readonly former: string;
  readonly label: string | null;
  readonly unit_id: string | null;
  readonly received_at: string | null;
  readonly unit_arrived: 0 | 1;
  readonly identity_changed_at: string | null;
  readonly consent: string | null;
  readonly approval: string | null;
  readonly approval_awaited: 0 | 1;
  readonly data_exception: string | null;
  readonly signed_for: DataInstruction | null;
  readonly escalations: string;
  readonly status_since: string;
  readonly visited: string;
  readonly opened_at: string;
  readonly changed_at: string;
  readonly model: string | null;
  readonly serial: string | null;
  readonly imei1: string | null;
  readonly conflict: 0 | 1;
  readonly cause_class: CauseClass | null;
}

/** Who told the identifiers that a case expects. */
export type IdentifiersFrom = 'customer' | 'label' | 'unit';

/** A row of `units`, read. */
export interface UnitRow {
  readonly id: string;
  readonly family: Family | null;
  readonly identity: Identity;
  readonly label: LabelIdentity;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly lastPortId: string | null;
}

export interface Former {
  readonly field: StrongField;
  readonly value: string;
}

// What these columns hold was validated when it entered the log; only projectors write it.
export const fieldsOf = (row: CaseRow): CaseFields => JSON.parse(row.fields);
export const identifiersOf = (row: CaseRow): CaseIdentifiers => JSON.parse(row.identifiers);
export const formerOf = (row: CaseRow): Former[] => JSON.parse(row.former);
export const labelOf = (row: CaseRow): LabelIdentity | null => row.label && JSON.parse(row.label);
export const consentOf = (row: CaseRow): Consent | null => row.consent && JSON.parse(row.consent);
export const approvalOf = (row: CaseRow): Consent | null => row.approval && JSON.parse(row.approval);
export const exceptionOf = (row: Pick<CaseRow, 'data_exception'>): DataException | null =>
  row.data_exception && JSON.parse(row.data_exception);
export const visitedOf = (row: CaseRow): Status[] => JSON.parse(row.visited);
export const escalationsOf = (row: CaseRow): Escalation[] => JSON.parse(row.escalations);
/** What the case says in a comparison of identities. */
export const caseSide = (row: CaseRow): CaseSide => ({ ...identifiersOf(row), former: formerOf(row) });

export const caseById = (db: Database, id: string): CaseRow | null =>
  (sql(db, 'SELECT * FROM cases WHERE id = ?').get(id) as CaseRow | undefined) ?? null;

interface StoredUnit {
  id: string;
  family: Family | null;
  identity: string;
  label: string;
  first_seen_at: string;
  last_seen_at: string;
  last_port_id: string | null;
  superseded_by: string | null;
}

/** A unit by its id; the record that took over when the id was superseded. */
export function unitById(db: Database, id: string): UnitRow | null {
  const row = sql(db, 'SELECT * FROM units WHERE id = ?').get(id) as StoredUnit | undefined;
  if (!row) return null;
  if (row.superseded_by !== null) return unitById(db, row.superseded_by);
  return {
    id: row.id,
    family: row.family,
    identity: JSON.parse(row.identity),
    label: JSON.parse(row.label),
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    lastPortId: row.last_port_id,
  };
}

/** Who made a unit: as it says itself, else as its label was read. */
export const makerOf = (unit: UnitRow): string | null => unit.identity.maker ?? unit.label.maker ?? null;

/** A unit's side in a comparison of identities. */
export const unitSide = (unit: UnitRow | null) => unit && { ...unit.identity, family: unit.family };

/** The identifiers a unit is found by now; replaced ones are left out. */
export const unitKeys = (db: Database, unitId: string): IdentifierKey[] =>
  sql(db, "SELECT kind, value FROM unit_identifiers WHERE unit_id = ? AND source <> 'former'").all(
    unitId,
  ) as IdentifierKey[];

/** A stop that nobody has released: raised on the case, or on its unit through another case. */
export function standingStop(db: Database, row: CaseRow): (SafetyStop & { id: string }) | null {
  const columns = `id, reason, since, by, report_due_at AS reportDueAt, reported_at AS reportedAt`;
  const stop =
    sql(db, `SELECT ${columns} FROM safety_stops WHERE released_at IS NULL AND case_id = ?`).get(row.id) ??
    (row.unit_id === null
      ? undefined
      : sql(db, `SELECT ${columns} FROM safety_stops WHERE released_at IS NULL AND unit_id = ?`).get(
          row.unit_id,
        ));
  return (stop as (SafetyStop & { id: string }) | undefined) ?? null;
}

/** A stop as the contract shows it. */
export const shownStop = ({ reason, since, by, reportDueAt, reportedAt }: SafetyStop): SafetyStop => ({
  reason,
  since,
  by,
  reportDueAt,
  reportedAt,
});
