-- Own entries without a place in the feed that the tables show otherwise than they were written, because something came
-- before them: they are projected again when they get their place. Of those of an earlier program that is not known.
CREATE TABLE not_as_written (
  seq INTEGER PRIMARY KEY
) STRICT;
INSERT INTO not_as_written
  SELECT seq FROM ops WHERE synced = 1 AND seq > (SELECT coalesce(max(seq), 0) FROM feed);

-- How many wait for a person is asked at every change.
CREATE INDEX reviews_counted ON reviews (is_conflict) WHERE settled IS NULL;
