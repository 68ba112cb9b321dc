-- Plain SQL of PostgreSQL 15 and of engines that speak it: no advisory locks, no LISTEN, no triggers.

CREATE TABLE hub (
  one integer PRIMARY KEY CHECK (one = 1),
  private_key bytea NOT NULL,
  public_key bytea NOT NULL,
  made_at timestamptz NOT NULL
);

-- One dense feed for each site. Whoever numbers entries locks the row, so that no number is ever skipped or seen
-- before a smaller one.
CREATE TABLE sites (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  n bigint NOT NULL DEFAULT 0,
  hash bytea NOT NULL,
  made_at timestamptz NOT NULL
);

CREATE TABLE stations (
  id uuid PRIMARY KEY,
  site_id uuid NOT NULL REFERENCES sites (id),
  name text NOT NULL,
  prefix text NOT NULL,
  public_key bytea NOT NULL,
  incarnation uuid NOT NULL,
  last_seq bigint NOT NULL DEFAULT 0,
  last_hash bytea NOT NULL,
  -- Signature of the station over last_hash: with the chain it stands for every entry before.
  last_signature bytea,
  -- Entries up to here are in a backup of this database.
  backed_up bigint NOT NULL DEFAULT 0,
  state text NOT NULL CHECK (state IN ('active', 'revoked', 'quarantined')),
  why text,
  enrolled_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  -- By how many seconds the station's clock was ahead of the hub's when it last asked.
  clock_offset_s integer NOT NULL DEFAULT 0,
  -- How far it has read the feed.
  read_n bigint NOT NULL DEFAULT 0,
  UNIQUE (site_id, prefix)
);

-- One-time codes for enrolment, hashed.
CREATE TABLE codes (
  hash bytea PRIMARY KEY,
  site_id uuid NOT NULL REFERENCES sites (id),
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_by uuid
);

-- Administrators of the hub: tokens, hashed.
CREATE TABLE admins (
  hash bytea PRIMARY KEY,
  name text,
  -- A one-time link is one that was not claimed yet.
  claimed boolean NOT NULL,
  made_at timestamptz NOT NULL
);

-- Every entry of every station's log. `body` is text, not jsonb, which would change what was hashed.
CREATE TABLE entries (
  station_id uuid NOT NULL REFERENCES stations (id),
  seq bigint NOT NULL,
  site_id uuid NOT NULL,
  -- Its place in the site's feed; null for what is the bench's own business.
  n bigint,
  id uuid NOT NULL,
  incarnation uuid NOT NULL,
  kind text NOT NULL,
  entity text NOT NULL,
  entity_id text NOT NULL,
  version bigint NOT NULL,
  base_version bigint,
  case_id uuid,
  actor_id text NOT NULL,
  actor_name text NOT NULL,
  at text NOT NULL,
  hlc text NOT NULL,
  base bigint,
  body text,
  salt bytea,
  commitment bytea NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  -- Of the feed, at n.
  feed_hash bytea,
  -- JSON of what it came to (shared/sync/merge); null for what is not in the feed.
  outcome text,
  -- A restored bench repeats numbers under a new incarnation.
  PRIMARY KEY (station_id, incarnation, seq)
);
CREATE UNIQUE INDEX entries_by_n ON entries (site_id, n) WHERE n IS NOT NULL;
CREATE INDEX entries_by_case ON entries (case_id, n) WHERE case_id IS NOT NULL;

-- What operations are judged against (shared/sync/merge), by key.
CREATE TABLE states (
  site_id uuid NOT NULL,
  key text NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (site_id, key)
);

-- Operations that a person should look at.
CREATE TABLE reviews (
  site_id uuid NOT NULL,
  n bigint NOT NULL,
  op_id uuid NOT NULL,
  is_conflict boolean NOT NULL,
  PRIMARY KEY (site_id, n)
);
