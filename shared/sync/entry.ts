import { z } from 'zod';
import { Id, Instant } from '../model/common.ts';

/**
 * An entry of a station's log as it travels: everything its hash covers, so that whoever receives it can compute
 * the chain anew. Entries that are a bench's own business travel too, without their content: the chain has no
 * holes, and the hub cannot read what is none of its business.
 */
export const Entry = z.object({
  /** Contiguous from 1 on each station. */
  seq: z.number().int().positive(),
  id: Id,
  incarnation: Id,
  kind: z.string().min(1).max(60),
  /** Text, not an enumeration: a newer station may know more of them. */
  entity: z.string().min(1).max(40),
  entityId: z.string().min(1).max(100),
  version: z.number().int().positive(),
  baseVersion: z.number().int().nonnegative().nullable(),
  caseId: Id.nullable(),
  actorId: z.string().min(1).max(100),
  actorName: z.string().min(1).max(200),
  at: Instant,
  hlc: z.string().regex(/^\d{15}\.\d{6}$/),
  synced: z.boolean(),
  /** How far the station had read its site's feed when it made this; null before it ever joined a hub. */
  base: z.number().int().nonnegative().nullable(),
  /** In which epoch of the feed `base` is a number; null or left out before its hub was ever restored. */
  epoch: Id.nullable().optional(),
  /** Exactly the text that was committed to; null where it was erased, or is not for the hub. */
  body: z.string().max(2_100_000).nullable(),
  /** Base64 of 16 bytes; present exactly where `body` is. */
  salt: z.base64().max(24).nullable(),
  /** SHA-256(salt ‖ body), base64. */
  commitment: z.base64().length(44),
});
export type Entry = z.infer<typeof Entry>;

export type EntryMeta = Omit<Entry, 'body' | 'salt' | 'commitment'> & { readonly stationId: string };

/** The columns of an entry, named alike in a station's database and in the hub's. */
export interface EntryColumns {
  readonly seq: number;
  readonly id: string;
  readonly incarnation: string;
  readonly kind: string;
  readonly entity: string;
  readonly entity_id: string;
  readonly version: number;
  readonly base_version: number | null;
  readonly case_id: string | null;
  readonly actor_id: string;
  readonly actor_name: string;
  readonly at: string;
  readonly hlc: string;
  readonly base: number | null;
  readonly epoch?: string | null;
}

/** What a stored entry says of itself, apart from its content and its place in a chain. */
export const metaOf = (row: EntryColumns, synced: boolean): Omit<EntryMeta, 'stationId'> => ({
  seq: row.seq,
  id: row.id,
  incarnation: row.incarnation,
  kind: row.kind,
  entity: row.entity,
  entityId: row.entity_id,
  version: row.version,
  baseVersion: row.base_version,
  caseId: row.case_id,
  actorId: row.actor_id,
  actorName: row.actor_name,
  at: row.at,
  hlc: row.hlc,
  synced,
  base: row.base,
  ...(row.epoch ? { epoch: row.epoch } : {}),
});

const FORM = 'repairbench log entry';

/**
 * The text whose SHA-256 is the entry's hash. Entries made before their station joined a hub have the first form, those
 * made before its hub was ever restored the second.
 * @param commitment and `previous` in hex
 */
export function entryForm(meta: EntryMeta, commitment: string, previous: string): string {
  const all = [
    meta.stationId,
    meta.incarnation,
    meta.seq,
    meta.id,
    meta.kind,
    meta.entity,
    meta.entityId,
    meta.version,
    meta.baseVersion,
    meta.caseId,
    meta.actorId,
    meta.actorName,
    meta.at,
    meta.hlc,
    meta.synced,
    commitment,
    previous,
  ];
  if (meta.base === null) return JSON.stringify([`${FORM} v1`, ...all]);
  if (!meta.epoch) return JSON.stringify([`${FORM} v2`, ...all, meta.base]);
  return JSON.stringify([`${FORM} v3`, ...all, meta.base, meta.epoch]);
}

/** What the first entry of a station's log has as its previous hash is the SHA-256 of this. */
export const genesisForm = (stationId: string): string => `${FORM} v1 genesis ${stationId}`;
