import type { Outcome } from '../../shared/sync/merge.ts';

/*
 * What the hub tells its administrators, as JSON; the page in `hub/admin` reads it. Instants are ISO 8601, UTC.
 */

export interface StationView {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly siteId: string;
  readonly state: 'active' | 'revoked' | 'quarantined';
  readonly why: string | null;
  readonly lastSeq: number;
  /** When its last entry was made, by its own clock; null before the first. */
  readonly lastAt: string | null;
  /** Entries up to here are in a backup of the hub. */
  readonly backedUp: number;
  /** How far it has read the site's feed. */
  readonly readN: number;
  readonly enrolledAt: string;
  readonly seenAt: string;
  /** By how many seconds its clock was ahead of the hub's when it last asked. */
  readonly clockOffsetS: number;
}

export interface ReviewView {
  readonly siteId: string;
  readonly n: number;
  readonly opId: string;
  readonly isConflict: boolean;
  readonly kind: string;
  readonly entityId: string;
  readonly caseId: string | null;
  /** Of the case; null where it is not known. */
  readonly caseNumber: string | null;
  readonly stationId: string;
  readonly stationName: string;
  readonly at: string;
  readonly actorName: string;
  readonly outcome: Outcome;
}

export interface AdministratorView {
  readonly id: string;
  /** Null for a link that nobody has used yet. */
  readonly name: string | null;
  readonly madeAt: string;
  readonly seenAt: string | null;
  readonly expiresAt: string | null;
}

export interface HealthView {
  /** Milliseconds that the database took to answer. */
  readonly databaseMs: number;
  readonly databaseVersion: string;
  /** The newest backup; null when there never was one. */
  readonly backup: { readonly madeAt: string; readonly folder: string; readonly bytes: number } | null;
  /** How often the hub makes one by itself, in seconds; null when it does not. */
  readonly backupEveryS: number | null;
  readonly sites: readonly {
    readonly id: string;
    readonly name: string;
    /** Length of its feed. */
    readonly n: number;
    readonly lastRestoredAt: string | null;
  }[];
  readonly hubTime: string;
}

/** All that the page shows. */
export interface Overview {
  readonly health: HealthView;
  readonly stations: readonly StationView[];
  readonly reviews: readonly ReviewView[];
  readonly administrators: readonly AdministratorView[];
  /** Whose token asks. */
  readonly me: string;
}
