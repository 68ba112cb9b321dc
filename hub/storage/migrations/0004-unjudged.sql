-- Kinds that only a newer version knows: it looks for them when it starts.
CREATE INDEX entries_unjudged ON entries (site_id, kind, n) WHERE outcome = '{"is":"unjudged"}';
