-- Runs, their phases and measurements. All of it is projected from the log.

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  case_number TEXT NOT NULL,
  unit_id TEXT,
  port_id TEXT,
  port_label TEXT,
  procedure_id TEXT NOT NULL,
  procedure_version INTEGER NOT NULL,
  procedure_title TEXT NOT NULL,
  procedure_hash TEXT NOT NULL,
  kind TEXT NOT NULL,
  destructive INTEGER NOT NULL CHECK (destructive IN (0, 1)),
  -- JSON map of text.
  inputs TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'ended')),
  outcome TEXT,
  message TEXT,
  error_code TEXT,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  started_by_id TEXT NOT NULL,
  started_by TEXT NOT NULL,
  program_version TEXT NOT NULL,
  record_id TEXT,
  CHECK ((state = 'ended') = (outcome IS NOT NULL)),
  CHECK ((state = 'ended') = (ended_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
-- Ids are UUIDv7, so the newest run of a case has the greatest one.
CREATE INDEX runs_by_case ON runs (case_id, id);
CREATE INDEX runs_by_unit ON runs (unit_id, id) WHERE unit_id IS NOT NULL;
CREATE INDEX runs_running ON runs (id) WHERE state = 'running';

CREATE TABLE run_phases (
  run_id TEXT NOT NULL REFERENCES runs (id),
  position INTEGER NOT NULL,
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  section TEXT NOT NULL CHECK (section IN ('setup', 'main', 'teardown')),
  -- The driver's action; null for questions, checks and what the bench itself adds.
  action TEXT,
  destructive INTEGER NOT NULL CHECK (destructive IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('pending', 'running', 'done', 'skipped')),
  outcome TEXT,
  started_at TEXT,
  ended_at TEXT,
  duration_ms REAL,
  message TEXT,
  error_code TEXT,
  -- JSON map of what the phase read or was answered.
  told TEXT NOT NULL DEFAULT '{}',
  -- JSON list of ids.
  artifacts TEXT NOT NULL DEFAULT '[]',
  -- JSON of Identity and WipeTarget, where the phase looked.
  identity TEXT,
  target TEXT,
  PRIMARY KEY (run_id, position),
  UNIQUE (run_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_measurements (
  run_id TEXT NOT NULL,
  phase_position INTEGER NOT NULL,
  position INTEGER NOT NULL,
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  -- JSON of the value; `number` is the same where it is one, for charts.
  value TEXT NOT NULL,
  number REAL,
  unit TEXT,
  min REAL,
  max REAL,
  equals TEXT,
  source TEXT,
  ok INTEGER CHECK (ok IN (0, 1)),
  PRIMARY KEY (run_id, phase_position, position),
  FOREIGN KEY (run_id, phase_position) REFERENCES run_phases (run_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_measurements_by_id ON run_measurements (id, run_id);
