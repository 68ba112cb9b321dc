-- The log, the station's own facts, people and ports.

-- One row: who this station is.
CREATE TABLE station (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
  incarnation TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('live', 'training')),
  public_key BLOB NOT NULL,
  private_key BLOB NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

-- The signed, hash-chained log. `body` and `salt` are erased together; the commitment stays.
CREATE TABLE ops (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  incarnation TEXT NOT NULL,
  kind TEXT NOT NULL,
  entity TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  base_version INTEGER,
  case_id TEXT,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  at TEXT NOT NULL,
  hlc TEXT NOT NULL,
  synced INTEGER NOT NULL CHECK (synced IN (0, 1)),
  body TEXT,
  salt BLOB,
  commitment BLOB NOT NULL,
  previous BLOB NOT NULL,
  hash BLOB NOT NULL,
  signature BLOB NOT NULL
) STRICT;
CREATE INDEX ops_by_case ON ops (case_id, seq) WHERE case_id IS NOT NULL;

-- The version each entity is at: how many operations changed it.
CREATE TABLE entity_versions (
  entity_id TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A random key for each case; erasing it makes the case's artifacts unreadable for good.
CREATE TABLE case_keys (
  case_id TEXT PRIMARY KEY,
  key BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  created_at TEXT NOT NULL,
  last_sign_in_at TEXT
) STRICT;

-- Never part of the log nor of what is synced: what proves a person, and what was tried.
CREATE TABLE credentials (
  person_id TEXT PRIMARY KEY,
  pin_hash TEXT NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0,
  locked_until TEXT
) STRICT;

CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY,
  person_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_person ON sessions (person_id);

CREATE TABLE ports (
  id TEXT PRIMARY KEY,
  address TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  family TEXT,
  line TEXT NOT NULL,
  login TEXT,
  origin TEXT NOT NULL CHECK (origin IN ('hotplug', 'added')),
  added_at TEXT NOT NULL
) STRICT;

-- Passwords of consoles: kept here and nowhere else.
CREATE TABLE port_secrets (
  port_id TEXT PRIMARY KEY,
  password TEXT NOT NULL
) STRICT, WITHOUT ROWID;
