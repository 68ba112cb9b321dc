import type { Database } from 'better-sqlite3';
import { given } from '../../../shared/given.ts';
import { STRONG_FIELDS } from '../../../shared/identity/index.ts';
import type { CaseCause, CaseFields } from '../../../shared/model/cases.ts';
import { emptyLabel } from '../../../shared/model/units.ts';
import type { caseOps } from '../../../shared/ops/cases.ts';
import type { Op, OpKind } from '../../../shared/ops/define.ts';
import { sql } from '../storage/statements.ts';
import type { SiteProjection } from '../storage/store.ts';
import { refreshCase, refreshCasesOf } from './refresh.ts';
import {
  type CaseRow,
  caseById,
  escalationsOf,
  fieldsOf,
  formerOf,
  labelOf,
  unitById,
  visitedOf,
} from './rows.ts';
import {
  insertUnit,
  learn,
  relearnLabel,
  replaceIdentifier,
  setReading,
  setUnitLabel,
  supersede,
  uniteUnits,
} from './unit-tables.ts';

type Kinds = typeof caseOps;
type BodyOf<K extends keyof Kinds> = Kinds[K] extends OpKind<infer B> ? B : never;
type CaseProjectors = {
  readonly [K in keyof Kinds]: (db: Database, op: Op<string, BodyOf<K>>) => void;
};

/** The case an operation changes, brought to its version; null when its opening was erased. */
function touch(db: Database, op: Op<string, unknown>): CaseRow | null {
  sql(db, 'UPDATE cases SET version = ?, changed_at = ? WHERE id = ?').run(op.version, op.at, op.entityId);
  return caseById(db, op.entityId);
}

const set = (db: Database, column: string, value: unknown, caseId: string) =>
  sql(db, `UPDATE cases SET ${column} = ? WHERE id = ?`).run(value, caseId);

function setFields(db: Database, row: CaseRow, fields: Partial<CaseFields>): void {
  set(db, 'fields', JSON.stringify({ ...fieldsOf(row), ...fields }), row.id);
}

/** The unit of a record, which may have turned out to be another record's. */
const unitOf = (db: Database, id: string): string => unitById(db, id)?.id ?? id;

function link(db: Database, caseId: string, recordId: string, at: string): void {
  const unitId = unitOf(db, recordId);
  set(db, 'unit_id', unitId, caseId);
  sql(db, 'INSERT OR IGNORE INTO case_units VALUES (?, ?, ?)').run(caseId, unitId, at);
}

/** A stop can be told of and lifted on its own case, and on any case that has, or had, its unit. */
function stampStop(db: Database, op: Op<string, { stopId: string }>, column: 'reported_at' | 'released_at') {
  touch(db, op);
  sql(
    db,
    `UPDATE safety_stops SET ${column} = :at WHERE id = :id AND (case_id = :caseId
       OR unit_id IN (SELECT unit_id FROM case_units WHERE case_id = :caseId))`,
  ).run({ at: op.at, id: op.body.stopId, caseId: op.entityId });
}

/** A number that another case had first, on a bench that was restored since, gets a mark. */
function freeNumber(db: Database, number: string): string {
  for (let mark = 1; ; mark++) {
    const marked = mark === 1 ? number : `${number}/${mark}`;
    if (!sql(db, 'SELECT 1 FROM cases WHERE number = ?').get(marked)) return marked;
  }
}

const projectors: CaseProjectors = {
  'unit.registered': (db, op) => {
    // What a customer wrote is not on the label until somebody has read the label.
    const { label, from } = op.body;
    const { model, maker } = label;
    insertUnit(db, op.entityId, from === 'label' ? label : { ...emptyLabel(), model, maker }, op.at);
    if (op.same === undefined) learn(db, op.entityId, label, 'told');
    else uniteUnits(db, op.entityId, op.same);
  },
  'unit.seen': (db, op) => {
    const { identity, family, portId } = op.body;
    insertUnit(db, op.entityId, emptyLabel(), op.at);
    if (op.same !== undefined) uniteUnits(db, op.entityId, op.same);
    const unitId = unitOf(db, op.entityId);
    setReading(db, unitId, { identity, family, lastPortId: portId }, op.at);
    learn(db, unitId, identity, 'said');
    refreshCasesOf(db, unitId);
  },
  'case.opened': (db, op) => {
    const { body } = op;
    const number = freeNumber(db, body.number);
    const dash = body.number.lastIndexOf('-');
    const received = body.status === 'received';
    sql(
      db,
      `INSERT INTO cases (id, number, prefix, ordinal, version, status, without_unit, policy, fields,
         identifiers, identifiers_from, label, received_at, unit_arrived, opened_at, changed_at, status_since,
         visited)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      op.entityId,
      number,
      body.number.slice(0, dash),
      Number(body.number.slice(dash + 1)),
      op.version,
      body.status,
      body.withoutUnit ? 1 : 0,
      body.policyVersion,
      JSON.stringify(body.fields),
      JSON.stringify(body.identifiers),
      body.identifiersFrom,
      body.label && JSON.stringify(body.label),
      received ? op.at : null,
      received || body.unitArrived ? 1 : 0,
      op.at,
      op.at,
      op.at,
      JSON.stringify([body.status]),
    );
    if (body.unitId !== null) {
      link(db, op.entityId, body.unitId, op.at);
      if (body.label !== null) setUnitLabel(db, body.unitId, body.label);
    }
    refreshCase(db, op.entityId);
  },
  'case.fields': (db, op) => {
    const row = touch(db, op);
    if (!row) return;
    setFields(db, row, given(op.body.fields));
    refreshCase(db, row.id);
  },
  'case.moved': (db, op) => {
    const row = touch(db, op);
    if (!row) return;
    const visited = [...new Set([...visitedOf(row), op.body.to])];
    sql(db, 'UPDATE cases SET status = ?, status_since = ?, visited = ? WHERE id = ?').run(
      op.body.to,
      op.at,
      JSON.stringify(visited),
      row.id,
    );
    if (op.body.to === 'received' && row.received_at === null) {
      sql(db, 'UPDATE cases SET received_at = ?, unit_arrived = 1 WHERE id = ?').run(op.at, row.id);
    }
    if (op.body.to === 'awaiting-approval') {
      // An approval covers the price it was given for; a new question needs a new answer.
      sql(db, 'UPDATE cases SET approval_awaited = 1, approval = NULL WHERE id = ?').run(row.id);
    }
  },
  'case.noted': (db, op) => {
    if (!touch(db, op)) return;
    sql(db, 'INSERT INTO case_notes VALUES (?, ?, ?, ?, ?)').run(
      op.body.noteId,
      op.entityId,
      op.body.text,
      op.at,
      op.actorName,
    );
  },
  'case.consented': (db, op) => {
    if (!touch(db, op)) return;
    const { by, ref, about } = op.body;
    const consent = JSON.stringify({ by, ref, at: op.at, recordedBy: op.actorName });
    set(db, about === 'wipe' ? 'consent' : 'approval', consent, op.entityId);
  },
  'case.data-exception': (db, op) => {
    const row = touch(db, op);
    if (!row) return;
    // Old entries do not name the unit; it is the one that the case had then.
    const { unitId = row.unit_id } = op.body;
    const exception = { ...op.body, unitId, at: op.at, by: op.actorName };
    set(db, 'data_exception', JSON.stringify(exception), op.entityId);
  },
  'case.labelled': (db, op) => {
    const row = touch(db, op);
    if (!row) return;
    sql(db, 'UPDATE cases SET label = ?, identifiers = ?, identifiers_from = ? WHERE id = ?').run(
      JSON.stringify(op.body.label),
      JSON.stringify(op.body.identifiers),
      op.body.identifiersFrom,
      row.id,
    );
    if (row.unit_id !== null) {
      setUnitLabel(db, row.unit_id, op.body.label);
      relearnLabel(db, row.unit_id, op.body.label);
    }
    refreshCase(db, row.id);
  },
  'case.unit-linked': (db, op) => {
    if (!touch(db, op)) return;
    sql(db, 'UPDATE cases SET identifiers = ?, identifiers_from = ? WHERE id = ?').run(
      JSON.stringify(op.body.identifiers),
      op.body.identifiersFrom,
      op.entityId,
    );
    if (op.body.arrived) set(db, 'unit_arrived', 1, op.entityId);
    const unitId = unitOf(db, op.body.unitId);
    for (const id of op.body.supersedes) if (unitOf(db, id) !== unitId) supersede(db, id, unitId);
    link(db, op.entityId, unitId, op.at);
    refreshCase(db, op.entityId);
  },
  'case.unit-unlinked': (db, op) => {
    const row = touch(db, op);
    if (!row) return;
    const { releases, identifiers, identifiersFrom } = op.body;
    const unitId = unitOf(db, op.body.unitId);
    for (const id of releases) sql(db, 'UPDATE units SET superseded_by = NULL WHERE id = ?').run(id);
    // What a change of identity recorded for the wrong unit says nothing of the case's own.
    sql(
      db,
      `UPDATE cases SET unit_id = NULL, identifiers = ?, identifiers_from = ?, former = '[]' WHERE id = ?`,
    ).run(JSON.stringify(identifiers), identifiersFrom, row.id);
    sql(db, 'DELETE FROM case_units WHERE case_id = ? AND unit_id = ?').run(row.id, unitId);
    // The label that was read for this case is on another unit.
    const unit = unitById(db, unitId);
    if (unit && JSON.stringify(unit.label) === JSON.stringify(labelOf(row))) {
      setUnitLabel(db, unitId, emptyLabel());
    }
    refreshCase(db, row.id);
  },
  'case.identity-changed': (db, op) => {
    const row = touch(db, op);
    if (!row) return;
    const { field, from, to, supersedes, identifiers } = op.body;
    const unitId = op.body.unitId && unitOf(db, op.body.unitId);
    const strong = STRONG_FIELDS.find((each) => each === field);
    const former =
      from === null || !strong ? formerOf(row) : [...formerOf(row), { field: strong, value: from }];
    sql(
      db,
      `UPDATE cases SET identifiers = ?, identifiers_from = 'unit', former = ?, identity_changed_at = ?
       WHERE id = ?`,
    ).run(JSON.stringify(identifiers), JSON.stringify(former), op.at, row.id);
    if (unitId !== null) {
      for (const id of supersedes.filter((each) => unitOf(db, each) !== unitId)) {
        const read = unitById(db, id);
        supersede(db, id, unitId);
        if (read) setReading(db, unitId, read);
      }
      replaceIdentifier(db, unitId, field, from, to);
      link(db, row.id, unitId, op.at);
      refreshCasesOf(db, unitId);
    }
    refreshCase(db, row.id);
  },
  'case.escalated': (db, op) => {
    const row = touch(db, op);
    if (!row) return;
    const entry = { ...op.body, at: op.at, by: op.actorName };
    set(db, 'escalations', JSON.stringify([...escalationsOf(row), entry]), row.id);
    setFields(db, row, { tier: op.body.to });
  },
  'case.cause-added': (db, op) => {
    if (!touch(db, op)) return;
    const cause: CaseCause = { ...op.body, at: op.at, by: op.actorName };
    sql(db, 'INSERT INTO case_causes VALUES (?, ?, ?, ?, ?, ?)').run(
      cause.id,
      op.entityId,
      // In the order in which the case changed.
      op.version,
      cause.role,
      cause.class,
      JSON.stringify(cause),
    );
    refreshCase(db, op.entityId);
  },
  'case.cause-confirmed': (db, op) => {
    if (!touch(db, op)) return;
    const { causeId, analysis, removedPart } = op.body;
    const stored = sql(db, 'SELECT cause FROM case_causes WHERE id = ? AND case_id = ?').get(
      causeId,
      op.entityId,
    ) as { cause: string } | undefined;
    if (!stored) return;
    const before = JSON.parse(stored.cause) as CaseCause;
    const cause: CaseCause = {
      ...before,
      certainty: 'confirmed',
      analysis,
      removedPart: removedPart ?? before.removedPart,
    };
    sql(db, 'UPDATE case_causes SET cause = ? WHERE id = ?').run(JSON.stringify(cause), causeId);
  },
  'case.cause-removed': (db, op) => {
    if (!touch(db, op)) return;
    sql(db, 'DELETE FROM case_causes WHERE id = ? AND case_id = ?').run(op.body.causeId, op.entityId);
    refreshCase(db, op.entityId);
  },
  'case.safety-stop': (db, op) => {
    if (!touch(db, op)) return;
    const { stopId, unitId, reason, reportDueAt } = op.body;
    sql(db, 'INSERT INTO safety_stops VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)').run(
      stopId,
      op.entityId,
      unitId && unitOf(db, unitId),
      reason,
      op.at,
      op.actorName,
      reportDueAt,
    );
  },
  'case.conflict-settled': (db, op) => void touch(db, op),
  'case.safety-reported': (db, op) => stampStop(db, op, 'reported_at'),
  'case.safety-released': (db, op) => stampStop(db, op, 'released_at'),
};

const BY_CASE = ['safety_stops', 'case_causes', 'case_notes', 'case_units', 'case_identifiers'];
const FORGET = [
  ...BY_CASE.map((table) => `DELETE FROM ${table} WHERE case_id IN (SELECT value FROM json_each(?))`),
  `DELETE FROM case_texts WHERE n IN (SELECT n FROM cases WHERE id IN (SELECT value FROM json_each(?)))`,
  'DELETE FROM cases WHERE id IN (SELECT value FROM json_each(?))',
  'DELETE FROM unit_identifiers WHERE unit_id IN (SELECT value FROM json_each(?))',
  'DELETE FROM units WHERE id IN (SELECT value FROM json_each(?))',
];

/** What cases and units keep in tables. */
export const casesProjection: SiteProjection = {
  tables: [...BY_CASE, 'case_texts', 'cases', 'unit_identifiers', 'units'],
  // The order in which a bench came to know cases, how often they changed there, and what it looks up by that.
  local: ['cases.n', 'cases.version', 'case_texts', 'case_causes.seq'],
  forget(db, ids) {
    const list = JSON.stringify(ids);
    for (const text of FORGET) sql(db, text).run(list);
  },
  projectors,
};
