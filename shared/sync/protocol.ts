import { z } from 'zod';
import { syncErrors } from '../errors/sync.ts';
import { Id, Instant } from '../model/common.ts';
import { Entry } from './entry.ts';

/*
 * What a station and its hub say to each other: JSON over HTTP, compressed. Every request but the first is signed by
 * the station's key (`signingForm`). Unknown members are let through, so that either side may be the newer one.
 */

/** Grows only when the older side could do harm by not knowing; both say theirs with every request. */
export const SYNC_PROTOCOL = 1;
/** A hub tells a bench that speaks an older one to update; what the bench has to send waits. */
export const OLDEST_SYNC_PROTOCOL = 1;
/** Entries in one push, and in one page of the feed. */
export const BATCH = 500;
/** Longest wait of a pull for something new, in seconds. */
export const LONGEST_WAIT_S = 25;
/** A request signed further from the hub's clock than this is asked for again with the hub's time, in seconds. */
export const CLOCK_WINDOW_S = 300;

const Hash = z.base64().length(44);
const Signature = z.base64().length(88);

/** The text a station signs for a request; `bodyHash` in hex, empty text hashed where there is no body. */
export const signingForm = (request: {
  readonly method: string;
  readonly path: string;
  readonly stationId: string;
  readonly at: string;
  readonly bodyHash: string;
}): string =>
  JSON.stringify([
    'repairbench request v1',
    request.method,
    request.path,
    request.stationId,
    request.at,
    request.bodyHash,
  ]);

/** Headers of a signed request. */
export const HEADERS = {
  station: 'x-repairbench-station',
  at: 'x-repairbench-at',
  signature: 'x-repairbench-signature',
  protocol: 'x-repairbench-protocol',
} as const;

/** `POST /v1/enrol`: joins a bench to the site that made the code. */
export const EnrolRequest = z.object({
  protocol: z.number().int(),
  code: z.string().min(8).max(64),
  stationId: Id,
  incarnation: Id,
  /** SPKI, DER, base64. */
  publicKey: z.base64().max(200),
  name: z.string().min(1).max(40),
  /** Of its case numbers; the site has each but once. */
  prefix: z.string().regex(/^[A-Z][A-Z0-9]{0,5}$/),
  at: Instant,
});
export type EnrolRequest = z.infer<typeof EnrolRequest>;

/**
 * The start of an epoch of a site's history: the hub was restored from a backup that ends at `n`, and numbers what
 * follows anew. Signed with the epoch before it (`epochForm`).
 */
export const Epoch = z.object({
  id: Id,
  n: z.number().int().nonnegative(),
  /** Of the feed, at `n`. */
  hash: Hash,
  signature: Signature,
});
export type Epoch = z.infer<typeof Epoch>;

/** The path of the hub's history, oldest epoch first; left out before the first restore. */
const Epochs = z.array(Epoch).max(1000).optional();

export const EnrolAnswer = z.object({
  siteId: Id,
  siteName: z.string(),
  /** The hub's own key, by which its heads are signed: SPKI, DER, base64. */
  hubKey: z.base64(),
  epochs: Epochs,
  hubTime: Instant,
});
export type EnrolAnswer = z.infer<typeof EnrolAnswer>;

/** `POST /v1/station`: what the bench is called and how it numbers its cases from now on. Answered with `Done`. */
export const StationRequest = EnrolRequest.pick({ name: true, prefix: true });
export type StationRequest = z.infer<typeof StationRequest>;

/**
 * `POST /v1/rotate`: the bench changes its key. The request is signed by the key it had, and the change by the new one
 * (`rotationForm`), which signs every request afterwards. A bench keeps both until it is answered with `Done`; asked
 * again by the old one, the hub says the same.
 */
export const RotateRequest = z.object({
  /** SPKI, DER, base64. */
  publicKey: z.base64().max(200),
  /** The first entry of its log that the new key signs: beyond all that the hub has. */
  fromSeq: z.number().int().positive(),
  signature: Signature,
});
export type RotateRequest = z.infer<typeof RotateRequest>;

/** The text the new key signs; keys as they travel. */
export const rotationForm = (stationId: string, before: string, next: string, fromSeq: number): string =>
  JSON.stringify(['repairbench key v1', stationId, before, next, fromSeq]);

export const Done = z.object({ hubTime: Instant });
export type Done = z.infer<typeof Done>;

/** The end of a site's feed, signed by the hub: who kept one can prove that history was rewritten. */
export const Head = z.object({
  n: z.number().int().nonnegative(),
  hash: Hash,
  signature: Signature,
});
export type Head = z.infer<typeof Head>;

/** `POST /v1/push`: contiguous entries of one station, oldest first. */
export const PushRequest = z.object({
  incarnation: Id,
  /** After restores: the incarnations it came from, oldest first, and the last entry of each that it still has. */
  lineage: z.array(z.object({ incarnation: Id, seq: z.number().int().nonnegative() })).max(1000),
  entries: z.array(Entry).max(BATCH),
  /** Where the sent part of the station's log ends; with no entries, where the log itself ends. */
  end: z.object({ seq: z.number().int().nonnegative(), hash: Hash, signature: Signature }),
});
export type PushRequest = z.infer<typeof PushRequest>;

export const PushAnswer = z.object({
  /** The last entry the hub has of this station, now on its disk. */
  acknowledged: z.number().int().nonnegative(),
  /** Entries up to here are in a backup of the hub, and may be forgotten by the station. */
  backedUp: z.number().int().nonnegative(),
  head: Head,
  epochs: Epochs,
  hubTime: Instant,
});
export type PushAnswer = z.infer<typeof PushAnswer>;

/** An operation in its place in the site's history. */
export const FeedEntry = Entry.extend({
  n: z.number().int().positive(),
  stationId: Id,
  /** Hash of the entry before it in its station's log. */
  previous: Hash,
});
export type FeedEntry = z.infer<typeof FeedEntry>;

/** `GET /v1/feed?after=N&wait=SECONDS`: the site's history from N on. */
export const FeedAnswer = z.object({
  entries: z.array(FeedEntry),
  /** At the last of `entries`. */
  head: Head,
  /** How far the feed goes. */
  last: z.number().int().nonnegative(),
  epochs: Epochs,
  hubTime: Instant,
});
export type FeedAnswer = z.infer<typeof FeedAnswer>;

/** The text whose SHA-256 is the feed's hash at `n`; `entry` and `previous` in hex. */
export const feedForm = (siteId: string, n: number, entry: string, previous: string): string =>
  JSON.stringify(['repairbench feed v1', siteId, n, entry, previous]);
export const feedGenesisForm = (siteId: string): string => `repairbench feed v1 genesis ${siteId}`;

/** Why the hub did not take a request: a code of the catalogue, which has the words. */
export type RefusalCode = keyof typeof syncErrors;
export const isRefusalCode = (code: string): code is RefusalCode => code in syncErrors;

export const Refusal = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    /** The last entry the hub has of the station, where that helps. */
    acknowledged: z.number().int().nonnegative().optional(),
    /** With `sync.rewritten`: the way back, where there is one. */
    epochs: Epochs,
    hubTime: Instant.optional(),
  }),
});
export type Refusal = z.infer<typeof Refusal>;
