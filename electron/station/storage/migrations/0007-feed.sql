-- The site's history as the hub numbers it, what of it other benches made, and what it is judged against.

-- Every operation of the site in its place; `seq`: it is an entry of this bench's own log.
CREATE TABLE feed (
  n INTEGER PRIMARY KEY,
  -- The feed's hash at n.
  hash BLOB NOT NULL,
  seq INTEGER UNIQUE,
  -- JSON of what it came to (shared/sync/merge).
  outcome TEXT NOT NULL
) STRICT;

-- Operations that are not in this bench's own log, named as in `ops`.
CREATE TABLE foreign_ops (
  n INTEGER PRIMARY KEY,
  station_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
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
  base INTEGER,
  epoch TEXT,
  body TEXT,
  salt BLOB,
  commitment BLOB NOT NULL,
  previous BLOB NOT NULL
) STRICT;
CREATE INDEX foreign_ops_by_case ON foreign_ops (case_id, n) WHERE case_id IS NOT NULL;
CREATE INDEX foreign_ops_by_entity ON foreign_ops (entity_id, n) WHERE case_id IS NULL;
CREATE INDEX foreign_ops_by_id ON foreign_ops (id);
CREATE INDEX ops_by_entity ON ops (entity_id, seq) WHERE case_id IS NULL;

-- In which epoch of the feed `base` is a number; null before the hub was ever restored. Part of the hash.
ALTER TABLE ops ADD COLUMN epoch TEXT;

-- What operations in the feed are judged against (shared/sync/merge), by key.
CREATE TABLE states (
  key TEXT PRIMARY KEY,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What was ever touched together: cases, units, runs, identifiers. It only grows.
CREATE TABLE links (
  a TEXT NOT NULL,
  b TEXT NOT NULL,
  PRIMARY KEY (a, b)
) STRICT, WITHOUT ROWID;

-- Of how many own entries an entity's version comes; the rest of it are other benches' changes.
ALTER TABLE entity_versions ADD COLUMN entries INTEGER NOT NULL DEFAULT 0;
UPDATE entity_versions SET entries = version;

-- The site whose feed was read; it outlives leaving the hub, so that joining it again goes on from there.
CREATE TABLE feed_site (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  site_id TEXT NOT NULL,
  -- The path of the history that was read (JSON of shared/sync/protocol Epoch[]), and ids of the epochs that were left.
  epochs TEXT NOT NULL DEFAULT '[]',
  epochs_left TEXT NOT NULL DEFAULT '[]'
) STRICT;

-- The benches of the site and their people, as they tell it.
CREATE TABLE benches (
  station_id TEXT PRIMARY KEY,
  name TEXT,
  prefix TEXT
) STRICT, WITHOUT ROWID;
-- Every key a bench ever signed with (SPKI, DER, base64).
CREATE TABLE bench_keys (
  public_key TEXT PRIMARY KEY,
  station_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE colleagues (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  station_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Operations that a person should look at: what did not hold, and what its author could not know of.
CREATE TABLE reviews (
  n INTEGER PRIMARY KEY,
  op_id TEXT NOT NULL UNIQUE,
  case_id TEXT,
  is_conflict INTEGER NOT NULL CHECK (is_conflict IN (0, 1)),
  -- JSON of how, by whom and when it was settled.
  settled TEXT
) STRICT;
CREATE INDEX reviews_open ON reviews (n) WHERE settled IS NULL;
CREATE INDEX reviews_by_case ON reviews (case_id) WHERE case_id IS NOT NULL;

-- Which bench a run was on and an artifact's file is on.
ALTER TABLE runs ADD COLUMN station_id TEXT NOT NULL DEFAULT '';
ALTER TABLE artifacts ADD COLUMN station_id TEXT NOT NULL DEFAULT '';
