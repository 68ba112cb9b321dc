import type { Database } from 'better-sqlite3';
import {
  compareIdentity,
  type IdentifierKey,
  type Identifiers,
  STRONG_FIELDS,
  strongKey,
  strongKeys,
} from '../../../shared/identity/index.ts';
import { sql } from '../storage/statements.ts';
import { type CaseRow, caseById, caseSide, fieldsOf, labelOf, unitById, unitSide } from './rows.ts';

/** Text as it is searched: compatible forms folded, marks taken off, lower case. */
export const searchable = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/**
 * Draws anew what a case shows of its unit, label, fields and causes: the columns of the list, whether
 * identifiers disagree, the words it is searched by and the identifiers it is found by.
 */
export function refreshCase(db: Database, caseId: string): void {
  const row = caseById(db, caseId);
  if (!row) return;
  const unit = row.unit_id === null ? null : unitById(db, row.unit_id);
  const label = labelOf(row);
  const side = caseSide(row);
  const identity = unit?.identity ?? null;
  const said = (field: 'serial' | 'imei1'): string | null => {
    // First what the case expects: a unit that says something else may be the wrong one.
    const values = [side[field], identity?.[field], label?.[field]];
    // "unknown" is what some firmware says; the label knows better.
    return values.find((value) => strongKey(field, value) !== null) ?? values.find(Boolean) ?? null;
  };
  const cause = sql(
    db,
    "SELECT class FROM case_causes WHERE case_id = ? ORDER BY role = 'primary' DESC, seq LIMIT 1",
  ).get(caseId) as { class: string } | undefined;
  sql(
    db,
    `UPDATE cases SET model = ?, serial = ?, imei1 = ?, conflict = ?, cause_class = ? WHERE id = ?`,
  ).run(
    identity?.model ?? label?.model ?? unit?.label.model ?? null,
    said('serial'),
    said('imei1'),
    compareIdentity(unitSide(unit), label, side).length > 0 ? 1 : 0,
    cause?.class ?? null,
    caseId,
  );
  const names = [identity?.maker, identity?.model, label?.maker, label?.model];
  // An equal text is left alone: its trigrams would be taken out and put in again.
  sql(
    db,
    `INSERT INTO case_texts VALUES (?, ?)
     ON CONFLICT DO UPDATE SET search = excluded.search WHERE search <> excluded.search`,
  ).run(row.n, searchText(row, [identity, label, side], names));
  refreshIdentifiers(db, row, unit?.id ?? null);
}

type Sayings = readonly (Identifiers | null)[];

function searchText(row: CaseRow, sayings: Sayings, names: readonly (string | null | undefined)[]): string {
  const { customer, contact, contract, fault } = fieldsOf(row);
  const identifiers = sayings.flatMap((from) =>
    from === null ? [] : STRONG_FIELDS.map((field) => from[field]),
  );
  const former = caseSide(row).former ?? [];
  const words = [
    row.number,
    ...identifiers,
    ...former.map((entry) => entry.value),
    ...names,
    customer,
    contact,
    contract,
    fault,
  ].filter((word) => typeof word === 'string');
  // Identifiers as digits too, so that a search finds them however a label spaces them.
  const compact = [...identifiers, ...former.map((entry) => entry.value)]
    .filter((word) => typeof word === 'string')
    .map((word) => word.replace(/[\s./-]/g, ''));
  return searchable([...new Set([...words, ...compact])].join('\n'));
}

function refreshIdentifiers(db: Database, row: CaseRow, unitId: string | null): void {
  const former = caseSide(row).former ?? [];
  const keys = [
    ...strongKeys(caseSide(row)),
    ...strongKeys(labelOf(row) ?? { serial: null, imei1: null, imei2: null }),
    ...former.flatMap(({ field, value }) =>
      strongKeys({ serial: null, imei1: null, imei2: null, meid: null, [field]: value }),
    ),
    ...(unitId === null
      ? []
      : (sql(db, 'SELECT kind, value FROM unit_identifiers WHERE unit_id = ?').all(
          unitId,
        ) as IdentifierKey[])),
  ];
  const known = sql(db, 'SELECT kind, value FROM case_identifiers WHERE case_id = ?').all(
    row.id,
  ) as IdentifierKey[];
  const lists = (list: readonly IdentifierKey[], { kind, value }: IdentifierKey) =>
    list.some((key) => key.kind === kind && key.value === value);
  for (const key of known.filter((entry) => !lists(keys, entry))) {
    sql(db, 'DELETE FROM case_identifiers WHERE kind = ? AND value = ? AND case_id = ?').run(
      key.kind,
      key.value,
      row.id,
    );
  }
  for (const key of keys.filter((entry) => !lists(known, entry))) {
    sql(db, 'INSERT OR IGNORE INTO case_identifiers VALUES (?, ?, ?)').run(key.kind, key.value, row.id);
  }
}

/** Draws anew every case that a unit is on now. */
export function refreshCasesOf(db: Database, unitId: string): void {
  const rows = sql(db, 'SELECT id FROM cases WHERE unit_id = ?').all(unitId) as { id: string }[];
  for (const { id } of rows) refreshCase(db, id);
}
