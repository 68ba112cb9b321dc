-- How far the station had read its site's feed when an entry was made; null before it joined a hub. Part of the hash.
ALTER TABLE ops ADD COLUMN base INTEGER;

-- One row while the bench belongs to a hub. Nothing of it is an operation: it is about this bench alone.
CREATE TABLE hub (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  url TEXT NOT NULL,
  site_id TEXT NOT NULL,
  site_name TEXT NOT NULL,
  -- The hub's own key (SPKI, DER), by which its heads are signed.
  hub_key BLOB NOT NULL,
  joined_at TEXT NOT NULL,
  -- Entries up to here are on the hub's disk, and up to there in a backup of the hub.
  acknowledged INTEGER NOT NULL DEFAULT 0,
  backed_up INTEGER NOT NULL DEFAULT 0,
  -- How far the feed was read, and its hash there.
  read_n INTEGER NOT NULL DEFAULT 0,
  -- The furthest head the hub ever signed for this bench: proof against a rewritten history.
  head_n INTEGER NOT NULL DEFAULT 0,
  head_hash BLOB,
  head_signature BLOB,
  talked_at TEXT,
  -- What keeps them apart since when; null while all is well.
  trouble TEXT,
  trouble_since TEXT
) STRICT;
