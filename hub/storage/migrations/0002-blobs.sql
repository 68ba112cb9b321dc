-- Which entries name a content, by its hash: who may send and read it, and which cases it belongs to.
CREATE INDEX entries_by_content
  ON entries (substring(body from '"sha256":"([0-9a-f]{64})"'), site_id, station_id)
  WHERE kind = 'artifact.added' AND n IS NOT NULL;
