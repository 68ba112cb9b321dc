import type { Database } from 'better-sqlite3';
import type { WipeTarget } from '../../../shared/contract/work.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import type { Measurement, Outcome, RunSummary } from '../../../shared/model/runs.ts';
import type { Identity } from '../../../shared/model/units.ts';
import type { JournaledPhase, JournaledRun, SafetyCheck, Values } from './types.ts';

interface RunRow {
  id: string;
  case_id: string;
  case_number: string;
  unit_id: string | null;
  port_id: string | null;
  port_label: string | null;
  procedure_id: string;
  procedure_version: number;
  procedure_title: string;
  procedure_hash: string;
  kind: RunSummary['kind'];
  destructive: 0 | 1;
  inputs: string;
  state: RunSummary['state'];
  outcome: Outcome | null;
  message: string | null;
  error_code: string | null;
  started_at: string;
  ended_at: string | null;
  started_by_id: string;
  started_by: string;
  program_version: string;
  record_id: string | null;
}

interface PhaseRow {
  position: number;
  id: string;
  title: string;
  section: JournaledPhase['section'];
  action: string | null;
  destructive: 0 | 1;
  state: JournaledPhase['state'];
  outcome: Outcome | null;
  started_at: string | null;
  ended_at: string | null;
  duration_ms: number | null;
  message: string | null;
  error_code: string | null;
  told: string;
  artifacts: string;
  identity: string | null;
  target: string | null;
}

interface MeasurementRow {
  phase_position: number;
  id: string;
  title: string;
  value: string;
  unit: string | null;
  min: number | null;
  max: number | null;
  equals: string | null;
  source: string | null;
  ok: 0 | 1 | null;
}

interface CheckRow {
  run_id: string;
  case_id: string;
  unit_id: string | null;
  at: string;
  told: string;
}

const toSummary = (row: RunRow): RunSummary => ({
  id: row.id,
  caseId: row.case_id,
  caseNumber: row.case_number,
  unitId: row.unit_id,
  portId: row.port_id,
  portLabel: row.port_label,
  procedureId: row.procedure_id,
  procedureVersion: row.procedure_version,
  procedureTitle: row.procedure_title,
  procedureHash: row.procedure_hash,
  kind: row.kind,
  state: row.state,
  outcome: row.outcome,
  message: row.message,
  errorCode: row.error_code,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  startedBy: row.started_by,
  programVersion: row.program_version,
});

const toMeasurement = (row: MeasurementRow): Measurement => ({
  id: row.id,
  title: row.title,
  value: JSON.parse(row.value) as Measurement['value'],
  unit: row.unit,
  min: row.min,
  max: row.max,
  equals: row.equals,
  source: row.source,
  ok: row.ok === null ? null : row.ok === 1,
});

const toPhase = (row: PhaseRow, measurements: readonly MeasurementRow[]): JournaledPhase => ({
  id: row.id,
  title: row.title,
  section: row.section,
  action: row.action,
  destructive: row.destructive === 1,
  state: row.state,
  outcome: row.outcome,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  durationMs: row.duration_ms,
  message: row.message,
  errorCode: row.error_code,
  measurements: measurements.filter((each) => each.phase_position === row.position).map(toMeasurement),
  values: JSON.parse(row.told) as Values,
  artifactIds: JSON.parse(row.artifacts) as string[],
  identity: row.identity === null ? null : (JSON.parse(row.identity) as Identity),
  target: row.target === null ? null : (JSON.parse(row.target) as WipeTarget),
});

export interface RunFilter {
  readonly caseId?: string | undefined;
  readonly unitId?: string | undefined;
  readonly limit: number;
}

/** Reads runs out of their tables; what is only in memory (progress, an open question) is null here. */
export function runQueries(db: Database) {
  const byId = db.prepare('SELECT * FROM runs WHERE id = ?');
  const phases = db.prepare('SELECT * FROM run_phases WHERE run_id = ? ORDER BY position');
  const measurements = db.prepare(
    'SELECT * FROM run_measurements WHERE run_id = ? ORDER BY phase_position, position',
  );
  const checks = db.prepare(
    `SELECT run_id, case_id, unit_id, run_phases.ended_at AS at, told
     FROM json_each(?) AS wanted
       JOIN runs ON case_id = wanted.value AND runs.destructive = 1
       JOIN run_phases ON run_id = runs.id AND run_phases.id = 'wipe-safety' AND run_phases.outcome = 'pass'`,
  );
  // Another bench's run is that bench's to end.
  const running = db.prepare(
    "SELECT id FROM runs WHERE state = 'running' AND station_id = (SELECT id FROM station) ORDER BY id",
  );
  const newest = db.prepare('SELECT * FROM runs ORDER BY id DESC LIMIT ?');
  const ofCase = db.prepare('SELECT * FROM runs WHERE case_id = ? ORDER BY id DESC LIMIT ?');
  const ofUnit = db.prepare('SELECT * FROM runs WHERE unit_id = ? ORDER BY id DESC LIMIT ?');
  const ofBoth = db.prepare('SELECT * FROM runs WHERE case_id = ? AND unit_id = ? ORDER BY id DESC LIMIT ?');

  function rows({ caseId, unitId, limit }: RunFilter): unknown[] {
    if (caseId !== undefined) {
      return unitId === undefined ? ofCase.all(caseId, limit) : ofBoth.all(caseId, unitId, limit);
    }
    return unitId === undefined ? newest.all(limit) : ofUnit.all(unitId, limit);
  }

  return {
    /** Throws `input.not-found`. */
    get(id: string): JournaledRun {
      const row = byId.get(id) as RunRow | undefined;
      if (!row) throw new BenchError('input.not-found', { what: 'run', id });
      const measured = measurements.all(id) as MeasurementRow[];
      return {
        ...toSummary(row),
        startedById: row.started_by_id,
        destructive: row.destructive === 1,
        inputs: JSON.parse(row.inputs) as Record<string, string>,
        phases: (phases.all(id) as PhaseRow[]).map((phase) => toPhase(phase, measured)),
        progress: null,
        prompt: null,
        recordId: row.record_id,
      };
    },
    /** Newest first. */
    list: (filter: RunFilter): RunSummary[] => (rows(filter) as RunRow[]).map(toSummary),
    /** The passed safety checks of these cases' wipes. */
    safetyChecks: (caseIds: readonly string[]): SafetyCheck[] =>
      (checks.all(JSON.stringify(caseIds)) as CheckRow[]).map((row) => ({
        runId: row.run_id,
        caseId: row.case_id,
        unitId: row.unit_id,
        at: row.at,
        values: JSON.parse(row.told) as Values,
      })),
    /** Ids of runs without an end. */
    unended: (): string[] => (running.all() as { id: string }[]).map(({ id }) => id),
  };
}
