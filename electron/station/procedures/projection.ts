import type { Database } from 'better-sqlite3';
import type { Op } from '../../../shared/ops/define.ts';
import type { RunEnded, RunPhaseEnded, RunPhaseStarted, RunStarted } from '../../../shared/ops/runs.ts';
import type { SiteProjection } from '../storage/store.ts';

/** Runs, phases and measurements as tables, from the operations of `shared/ops/runs.ts`. */
export const runProjection: SiteProjection = {
  tables: ['run_measurements', 'run_phases', 'runs'],
  forget(db, ids) {
    const list = JSON.stringify(ids);
    for (const table of ['run_measurements', 'run_phases']) {
      db.prepare(
        `DELETE FROM ${table} WHERE run_id IN
           (SELECT id FROM runs WHERE case_id IN (SELECT value FROM json_each(?)))`,
      ).run(list);
    }
    db.prepare('DELETE FROM runs WHERE case_id IN (SELECT value FROM json_each(?))').run(list);
  },
  projectors: {
    'run.started': started,
    'run.phase-started': phaseStarted,
    'run.phase-ended': phaseEnded,
    'run.ended': ended,
  },
};

function started(db: Database, op: Op<string, RunStarted>): void {
  const { body } = op;
  const { procedure } = body;
  db.prepare(
    `INSERT INTO runs (id, case_id, case_number, unit_id, port_id, port_label, procedure_id, procedure_version,
       procedure_title, procedure_hash, kind, destructive, inputs, state, started_at, started_by_id, started_by,
       program_version, station_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?)`,
  ).run(
    op.entityId,
    body.caseId,
    body.caseNumber,
    body.unitId,
    body.portId,
    body.portLabel,
    procedure.id,
    procedure.version,
    procedure.title,
    procedure.hash,
    procedure.kind,
    procedure.destructive ? 1 : 0,
    JSON.stringify(body.inputs),
    op.at,
    op.actorId,
    op.actorName,
    body.programVersion,
    op.stationId,
  );
  const insert = db.prepare(
    `INSERT INTO run_phases (run_id, position, id, title, section, action, destructive, state)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'pending')`,
  );
  for (const [position, { id, title, section, action, destructive }] of body.phases.entries()) {
    insert.run(op.entityId, position, id, title, section, action, destructive ? 1 : 0);
  }
}

function phaseStarted(db: Database, op: Op<string, RunPhaseStarted>): void {
  db.prepare("UPDATE run_phases SET state = 'running', started_at = ? WHERE run_id = ? AND id = ?").run(
    op.at,
    op.entityId,
    op.body.phaseId,
  );
}

function phaseEnded(db: Database, op: Op<string, RunPhaseEnded>): void {
  const { body } = op;
  db.prepare(
    `UPDATE run_phases SET state = ?, outcome = ?, ended_at = ?, duration_ms = ?, message = ?, error_code = ?,
       told = ?, artifacts = ?, identity = ?, target = ? WHERE run_id = ? AND id = ?`,
  ).run(
    body.state,
    body.outcome,
    op.at,
    body.durationMs,
    body.message,
    body.errorCode,
    JSON.stringify(body.values),
    JSON.stringify(body.artifactIds),
    body.identity && JSON.stringify(body.identity),
    body.target && JSON.stringify(body.target),
    op.entityId,
    body.phaseId,
  );
  if (body.unitId !== null) {
    db.prepare('UPDATE runs SET unit_id = ? WHERE id = ?').run(body.unitId, op.entityId);
  }
  const insert = db.prepare(
    `INSERT INTO run_measurements
     SELECT run_id, position, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM run_phases WHERE run_id = ? AND id = ?`,
  );
  for (const [position, each] of body.measurements.entries()) {
    insert.run(
      position,
      each.id,
      each.title,
      JSON.stringify(each.value),
      typeof each.value === 'number' ? each.value : null,
      each.unit,
      each.min,
      each.max,
      each.equals,
      each.source ?? null,
      each.ok === null ? null : each.ok ? 1 : 0,
      op.entityId,
      body.phaseId,
    );
  }
}

function ended(db: Database, op: Op<string, RunEnded>): void {
  const { outcome, message, errorCode, recordId } = op.body;
  db.prepare(
    `UPDATE runs SET state = 'ended', outcome = ?, message = ?, error_code = ?, record_id = ?, ended_at = ?
     WHERE id = ?`,
  ).run(outcome, message, errorCode, recordId, op.at, op.entityId);
  // A phase that never began was left out; one whose end is not on record ended with the run.
  db.prepare("UPDATE run_phases SET state = 'skipped' WHERE run_id = ? AND state = 'pending'").run(
    op.entityId,
  );
  db.prepare(
    `UPDATE run_phases SET state = 'done', outcome = 'interrupted', ended_at = ?
     WHERE run_id = ? AND state = 'running'`,
  ).run(op.at, op.entityId);
}
