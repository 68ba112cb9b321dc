-- Artifacts and signed records. Both tables are projected from the log.

CREATE TABLE artifacts (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  run_id TEXT,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  mime TEXT NOT NULL,
  -- Of the content.
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  line_breaks INTEGER NOT NULL,
  hashed_by_unit INTEGER CHECK (hashed_by_unit IN (0, 1)),
  -- Of the stored file.
  root TEXT NOT NULL,
  stored_bytes INTEGER NOT NULL,
  added_at TEXT NOT NULL,
  added_by TEXT NOT NULL
) STRICT;
CREATE INDEX artifacts_by_case ON artifacts (case_id, added_at, id);

CREATE TABLE records (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  verdict TEXT NOT NULL,
  key_id TEXT NOT NULL,
  -- Of the envelope, which is kept byte for byte.
  sha256 TEXT NOT NULL,
  envelope TEXT NOT NULL,
  at TEXT NOT NULL,
  by TEXT NOT NULL
) STRICT;
CREATE INDEX records_by_case ON records (case_id, at, id);
CREATE INDEX records_by_run ON records (run_id);
