import type { Database } from 'better-sqlite3';
import { strongKeys } from '../../../shared/identity/index.ts';
import type { IdentityField } from '../../../shared/model/cases.ts';
import { emptyIdentity, emptyLabel, type Identity, type LabelIdentity } from '../../../shared/model/units.ts';
import { sql } from '../storage/statements.ts';
import { type UnitRow, unitById } from './rows.ts';

export function insertUnit(db: Database, id: string, label: LabelIdentity, at: string): void {
  sql(
    db,
    `INSERT OR IGNORE INTO units (id, family, identity, label, first_seen_at, last_seen_at)
     VALUES (?, NULL, ?, ?, ?, ?)`,
  ).run(id, JSON.stringify(emptyIdentity()), JSON.stringify(label), at, at);
}

/** Who the unit said it is when it was read last; `at` when that was just now. */
export function setReading(
  db: Database,
  id: string,
  { identity, family, lastPortId }: Pick<UnitRow, 'identity' | 'family' | 'lastPortId'>,
  at?: string,
): void {
  sql(
    db,
    `UPDATE units SET identity = ?, family = ?, last_port_id = ?, last_seen_at = coalesce(?, last_seen_at)
     WHERE id = ?`,
  ).run(JSON.stringify(identity), family, lastPortId, at ?? null, id);
}

/** Lets a unit be found by these identifiers; what it says itself replaces what was told of it. */
export function learn(
  db: Database,
  unitId: string,
  from: Parameters<typeof strongKeys>[0],
  source: string,
): void {
  for (const { kind, value } of strongKeys(from)) {
    if (source === 'said') {
      sql(db, "DELETE FROM unit_identifiers WHERE unit_id = ? AND kind = ? AND source = 'told'").run(
        unitId,
        kind,
      );
    }
    sql(db, 'INSERT OR REPLACE INTO unit_identifiers VALUES (?, ?, ?, ?)').run(kind, value, unitId, source);
  }
}

/** Two records turned out to be one unit: whoever knows the first is led to the second. */
export function supersede(db: Database, id: string, by: string): void {
  sql(db, 'UPDATE units SET superseded_by = ? WHERE id = ?').run(by, id);
  sql(db, 'DELETE FROM unit_identifiers WHERE unit_id = ?').run(id);
  // A stop that stands holds for the unit, whichever record it was put on.
  sql(db, 'UPDATE safety_stops SET unit_id = ? WHERE released_at IS NULL AND unit_id = ?').run(by, id);
}

/** Two benches that met a unit while they were apart made a record each: all that is on one is on the other. */
export function uniteUnits(db: Database, one: string, other: string): void {
  // Either may have turned out to be a third one, or they to be one, already.
  const id = unitById(db, one)?.id ?? one;
  const by = unitById(db, other)?.id;
  if (by === undefined || by === id) return;
  supersede(db, id, by);
  sql(db, 'UPDATE cases SET unit_id = ? WHERE unit_id = ?').run(by, id);
  sql(db, 'UPDATE OR IGNORE case_units SET unit_id = ? WHERE unit_id = ?').run(by, id);
  sql(db, 'DELETE FROM case_units WHERE unit_id = ?').run(id);
}

/** A unit's identifier was replaced on record: it is found by the new one, the old one is history. */
export function replaceIdentifier(
  db: Database,
  unitId: string,
  field: IdentityField,
  from: string | null,
  to: string,
) {
  const unit = unitById(db, unitId);
  if (!unit) return;
  const only = (value: string | null) => ({ ...emptyLabel(), [field]: value });
  for (const { kind, value } of strongKeys(only(from))) {
    sql(db, "UPDATE unit_identifiers SET source = 'former' WHERE unit_id = ? AND kind = ? AND value = ?").run(
      unitId,
      kind,
      value,
    );
  }
  learn(db, unitId, only(to), 'said');
  const identity: Identity = { ...unit.identity, [field]: to };
  sql(db, 'UPDATE units SET identity = ? WHERE id = ?').run(JSON.stringify(identity), unitId);
}

/** A unit that never spoke is found by its label, as last read. */
export function relearnLabel(db: Database, unitId: string, label: LabelIdentity): void {
  const said = sql(db, "SELECT 1 FROM unit_identifiers WHERE unit_id = ? AND source = 'said' LIMIT 1");
  if (said.get(unitId)) return;
  sql(db, "DELETE FROM unit_identifiers WHERE unit_id = ? AND source = 'told'").run(unitId);
  learn(db, unitId, label, 'told');
}

export function setUnitLabel(db: Database, unitId: string, label: LabelIdentity): void {
  sql(db, 'UPDATE units SET label = ? WHERE id = ?').run(JSON.stringify(label), unitId);
}
