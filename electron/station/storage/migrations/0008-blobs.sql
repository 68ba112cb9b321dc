-- What of artifacts' content travelled between this bench and its hub. It is about this bench alone: no operations.

-- Artifacts added here whose content the hub of a site has.
CREATE TABLE blobs_sent (
  site_id TEXT NOT NULL,
  artifact_id TEXT NOT NULL,
  sent_at TEXT NOT NULL,
  PRIMARY KEY (site_id, artifact_id)
) STRICT, WITHOUT ROWID;

-- Content fetched from the hub: the stored file has this bench's own key of the case, and so a root of its own.
CREATE TABLE artifact_copies (
  artifact_id TEXT PRIMARY KEY,
  root TEXT NOT NULL,
  stored_bytes INTEGER NOT NULL,
  fetched_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX artifacts_by_station ON artifacts (station_id, added_at, id);
