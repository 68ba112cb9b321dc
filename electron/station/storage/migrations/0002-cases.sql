-- Units, cases, causes, notes and safety stops. All of it is projected from the log.

CREATE TABLE units (
  id TEXT PRIMARY KEY,
  family TEXT,
  -- What it says of itself and what its label says: JSON of Identity and LabelIdentity.
  identity TEXT NOT NULL,
  label TEXT NOT NULL,
  first_seen_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL,
  last_port_id TEXT,
  -- Another record of the same unit, made before its change of identity was recorded.
  superseded_by TEXT
) STRICT;
CREATE INDEX units_by_port ON units (last_port_id, last_seen_at DESC) WHERE last_port_id IS NOT NULL;

-- Every strong identifier by which a unit can be found. `value` is the comparable form of shared/identity.
-- `said`: by the unit itself; `told`: by its label or customer, until it speaks; `former`: before a change.
CREATE TABLE unit_identifiers (
  kind TEXT NOT NULL CHECK (kind IN ('imei', 'meid', 'serial')),
  value TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('said', 'told', 'former')),
  PRIMARY KEY (kind, value, unit_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_identifiers_by_unit ON unit_identifiers (unit_id);

CREATE TABLE cases (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  number TEXT NOT NULL UNIQUE COLLATE NOCASE,
  -- The two parts of the number: the bench's prefix, and the count on that bench.
  prefix TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  -- Not gone and not decided: the states outside LEFT_LAB of shared/rma.
  in_lab INTEGER NOT NULL GENERATED ALWAYS AS (status NOT IN ('shipped', 'returned-unrepaired', 'replaced',
    'refunded', 'scrapped', 'cancelled', 'closed')) STORED,
  without_unit INTEGER NOT NULL CHECK (without_unit IN (0, 1)),
  policy TEXT NOT NULL,
  -- JSON of CaseFields; what lists filter and sort by is drawn out of it.
  fields TEXT NOT NULL,
  priority TEXT NOT NULL GENERATED ALWAYS AS (fields ->> '$.priority') STORED,
  assignee_id TEXT GENERATED ALWAYS AS (fields ->> '$.assigneeId') STORED,
  -- What was not promised comes last.
  promised_on TEXT NOT NULL GENERATED ALWAYS AS (coalesce(fields ->> '$.promisedOn', '9999-12-31')) STORED,
  data_instruction TEXT NOT NULL GENERATED ALWAYS AS (fields ->> '$.dataInstruction') STORED,
  -- The identifiers the case expects of its unit (JSON of CaseIdentifiers), and who told them.
  identifiers TEXT NOT NULL,
  identifiers_from TEXT NOT NULL CHECK (identifiers_from IN ('customer', 'label', 'unit')),
  -- JSON list of {field, value} that recorded changes have replaced.
  former TEXT NOT NULL DEFAULT '[]',
  label TEXT,
  unit_id TEXT,
  received_at TEXT,
  -- The unit was received or read on a port; from then on its data instruction binds.
  unit_arrived INTEGER NOT NULL CHECK (unit_arrived IN (0, 1)),
  identity_changed_at TEXT,
  consent TEXT,
  approval TEXT,
  approval_awaited INTEGER NOT NULL DEFAULT 0 CHECK (approval_awaited IN (0, 1)),
  data_exception TEXT,
  -- The instruction the exception was signed under; it counts for no other.
  signed_for TEXT GENERATED ALWAYS AS (data_exception ->> '$.instruction') STORED,
  escalations TEXT NOT NULL DEFAULT '[]',
  opened_at TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  -- Drawn from the unit, its label, the case and its causes whenever one of them changes.
  model TEXT,
  serial TEXT,
  imei1 TEXT,
  conflict INTEGER NOT NULL DEFAULT 0 CHECK (conflict IN (0, 1)),
  cause_class TEXT
) STRICT;
CREATE INDEX cases_by_change ON cases (changed_at DESC, n DESC);
CREATE INDEX cases_by_status ON cases (status, changed_at DESC, n DESC);
CREATE INDEX cases_by_number ON cases (prefix, ordinal);
CREATE INDEX cases_by_priority ON cases (priority, changed_at DESC, n DESC);
CREATE INDEX cases_by_promise ON cases (promised_on, changed_at DESC, n DESC);
CREATE INDEX cases_by_assignee ON cases (assignee_id, changed_at DESC) WHERE assignee_id IS NOT NULL;
CREATE INDEX cases_by_unit ON cases (unit_id) WHERE unit_id IS NOT NULL;
-- Most cases of an old bench are closed; these know only the others.
CREATE INDEX open_cases_by_change ON cases (changed_at DESC, n DESC) WHERE status <> 'closed';
CREATE INDEX open_cases_by_priority ON cases (priority, changed_at DESC, n DESC) WHERE status <> 'closed';
CREATE INDEX open_cases_by_promise ON cases (promised_on, changed_at DESC, n DESC) WHERE status <> 'closed';
CREATE INDEX cases_in_lab ON cases (changed_at DESC, n DESC) WHERE in_lab = 1;
CREATE INDEX cases_in_conflict ON cases (changed_at DESC, n DESC) WHERE conflict = 1;

-- The words a case is searched by, apart from the wide rows, so that reading all of them stays quick.
CREATE TABLE case_texts (
  n INTEGER PRIMARY KEY,
  search TEXT NOT NULL
) STRICT;
-- Substrings of at least three characters are found by their trigrams, however many cases there are. Trigrams
-- of a text that was taken out stay in the index's pages until they are merged: whoever erases a case for good
-- has to run INSERT INTO case_search (case_search) VALUES ('rebuild'). (FTS5's own secure-delete makes every
-- change of a text 45 times as slow.)
CREATE VIRTUAL TABLE case_search USING fts5 (
  search, content = 'case_texts', content_rowid = 'n', tokenize = 'trigram'
);
CREATE TRIGGER case_texts_added AFTER INSERT ON case_texts BEGIN
  INSERT INTO case_search (rowid, search) VALUES (new.n, new.search);
END;
CREATE TRIGGER case_texts_changed AFTER UPDATE ON case_texts BEGIN
  INSERT INTO case_search (case_search, rowid, search) VALUES ('delete', old.n, old.search);
  INSERT INTO case_search (rowid, search) VALUES (new.n, new.search);
END;
CREATE TRIGGER case_texts_removed AFTER DELETE ON case_texts BEGIN
  INSERT INTO case_search (case_search, rowid, search) VALUES ('delete', old.n, old.search);
END;

-- Every identifier ever connected with a case: expected, on the label, said by its unit, replaced.
CREATE TABLE case_identifiers (
  kind TEXT NOT NULL CHECK (kind IN ('imei', 'meid', 'serial')),
  value TEXT NOT NULL,
  case_id TEXT NOT NULL,
  PRIMARY KEY (kind, value, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_identifiers_by_case ON case_identifiers (case_id);

-- Which units a case ever had; the current one stands on the case.
CREATE TABLE case_units (
  case_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  linked_at TEXT NOT NULL,
  PRIMARY KEY (case_id, unit_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_units_by_unit ON case_units (unit_id);

CREATE TABLE case_notes (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  text TEXT NOT NULL,
  at TEXT NOT NULL,
  by TEXT NOT NULL
) STRICT;
CREATE INDEX case_notes_by_case ON case_notes (case_id, at);

CREATE TABLE case_causes (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  -- In the order they were recorded.
  seq INTEGER NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('primary', 'contributing')),
  class TEXT NOT NULL,
  -- JSON of CaseCause.
  cause TEXT NOT NULL
) STRICT;
CREATE INDEX case_causes_by_case ON case_causes (case_id, seq);

CREATE TABLE safety_stops (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  unit_id TEXT,
  reason TEXT NOT NULL,
  since TEXT NOT NULL,
  by TEXT NOT NULL,
  report_due_at TEXT NOT NULL,
  reported_at TEXT,
  released_at TEXT
) STRICT;
CREATE INDEX safety_stops_of_case ON safety_stops (case_id) WHERE released_at IS NULL;
CREATE INDEX safety_stops_of_unit ON safety_stops (unit_id) WHERE released_at IS NULL AND unit_id IS NOT NULL;
