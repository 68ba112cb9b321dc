-- What an administrator needs to run a hub: people, keys, backups, and what restores did.

-- Keys a bench had, the last of them in `stations`. A key signs heads before the first entry of the next one; a later
-- key may sign earlier entries too, because a restored bench repeats numbers.
CREATE TABLE station_keys (
  station_id uuid NOT NULL REFERENCES stations (id),
  -- From 1 on, in the order in which it had them.
  number integer NOT NULL,
  public_key bytea NOT NULL,
  from_seq bigint NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (station_id, number)
);
INSERT INTO station_keys (station_id, number, public_key, from_seq, made_at)
  SELECT id, 1, public_key, 1, enrolled_at FROM stations;

-- Backups that were written whole.
CREATE TABLE backups (
  id uuid PRIMARY KEY,
  made_at timestamptz NOT NULL,
  -- Where it lay, as whoever made it named it.
  folder text NOT NULL,
  bytes bigint NOT NULL
);

-- Going back to a backup, a row for each site: the path its history took, oldest first. What the feed had beyond `n`
-- before is no longer part of it. Signed by the hub, so that benches which read further go back along it.
CREATE TABLE epochs (
  site_id uuid NOT NULL REFERENCES sites (id),
  -- From 1 on.
  number integer NOT NULL,
  id uuid NOT NULL UNIQUE,
  n bigint NOT NULL,
  hash bytea NOT NULL,
  signature bytea NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (site_id, number)
);
-- In which epoch of the feed an entry's `base` is a number.
ALTER TABLE entries ADD COLUMN epoch uuid;

-- Administrators are named in lists, and their links end.
ALTER TABLE admins ADD COLUMN id uuid;
UPDATE admins SET id = gen_random_uuid();
ALTER TABLE admins ALTER COLUMN id SET NOT NULL;
CREATE UNIQUE INDEX admins_by_id ON admins (id);
-- Of a link; null when it is good until it is used or replaced.
ALTER TABLE admins ADD COLUMN expires_at timestamptz;
ALTER TABLE admins ADD COLUMN seen_at timestamptz;
