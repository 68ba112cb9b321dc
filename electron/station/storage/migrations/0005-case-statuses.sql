-- Since when a case is in its status and which it has been in, and from which version of the projectors the
-- tables are.

ALTER TABLE cases ADD COLUMN status_since TEXT NOT NULL DEFAULT '';
-- JSON list of statuses in the order they were entered first.
ALTER TABLE cases ADD COLUMN visited TEXT NOT NULL DEFAULT '[]';

-- One row: when the number is not the program's, every projection is made anew from the log.
CREATE TABLE projected (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL
) STRICT;
