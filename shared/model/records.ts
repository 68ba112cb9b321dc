import { z } from 'zod';
import { Id, Instant, Sha256 } from './common.ts';
import { WipeVerdict } from './evidence.ts';

/** `payloadType` of the DSSE envelope around a wipe statement. */
export const WIPE_RECORD_TYPE = 'application/vnd.repairbench.wipe-record+json; version=1';

/**
 * How the data was attacked:
 * - `directed`: the maker's own reset, started and recorded by the bench
 * - `overwrite`: every addressable byte of the target written
 * - `physical`: the medium destroyed by hand
 */
export const WIPE_TECHNIQUES = ['directed', 'overwrite', 'physical'] as const;

/** NIST SP 800-88 categories. Claimed for a verified wipe only. */
export const WIPE_CATEGORIES = ['Clear', 'Purge', 'Destroy'] as const;

/**
 * What proves the result:
 * - `none`: nothing readable afterwards
 * - `read-back`: the whole target read again, past the page cache, and compared
 * - `state-after`: something readable after a directed reset that only a completed reset leaves
 * - `witness`: a second person saw the destroyed medium
 */
export const WIPE_VERIFICATIONS = ['none', 'read-back', 'state-after', 'witness'] as const;

const byteCount = z.number().int().nonnegative();
const words = z.string().max(2000);

/** Identifiers that may prove that unit and case belong together. */
export const IDENTIFIERS = ['serial', 'imei1', 'imei2', 'meid'] as const;

const said = z.string().max(200).nullable();

// Copies of the living shapes of `units.ts`, on purpose: a statement of schema 1 must verify for ever, also
// after those have grown. What they gain is left out here until there is a schema 2.
const StatedLabel = z.object({ serial: said, imei1: said, imei2: said, meid: said, model: said });
const StatedIdentity = StatedLabel.extend({
  maker: said,
  firmware: said,
  macs: z.array(z.string().max(40)).max(64),
  extra: z.record(z.string().max(80), z.string().max(2000)),
});

/** Everything a wipe's signed record states. The signature covers its exact bytes. */
export const WipeStatement = z.strictObject({
  schema: z.literal(1),
  recordId: Id,
  runId: Id,
  case: z.strictObject({ id: Id, number: z.string().min(1).max(40) }),
  /** A training bench signs too, and says so. */
  mode: z.enum(['live', 'training']),
  /** The unit as it identified itself right before the wipe. */
  unit: z.strictObject({ id: Id.nullable(), identity: StatedIdentity, readAt: Instant }),
  /** What the label said; null when there was none. */
  label: StatedLabel.nullable(),
  /** What the case expected. */
  expected: StatedLabel,
  /** Identifiers that agreed between unit and case. */
  matchedBy: z.array(z.enum(IDENTIFIERS)).max(IDENTIFIERS.length),
  method: z.strictObject({
    name: z.string().min(1).max(200),
    technique: z.enum(WIPE_TECHNIQUES),
    category: z.enum(WIPE_CATEGORIES).nullable(),
    /** Whether the medium's encryption was proven before its key was destroyed. */
    encryptionProven: z.boolean(),
  }),
  target: z.strictObject({
    id: z.string().min(1).max(400),
    title: z.string().max(400),
    kind: z.enum(['disk', 'partition', 'phone']),
    bytes: byteCount.nullable(),
    model: z.string().max(200).nullable(),
    serial: z.string().max(200).nullable(),
  }),
  /** Null where the technique does not count bytes. */
  bytesOverwritten: byteCount.nullable(),
  bytesReadBack: byteCount.nullable(),
  /** Whether the read-back bypassed or dropped the page cache; null without a read-back. */
  pastCache: z.boolean().nullable(),
  verification: z.strictObject({
    method: z.enum(WIPE_VERIFICATIONS),
    result: z.enum(['passed', 'failed', 'not-done']),
    /** Who computed the result: the unit's own programs, or the bench from bytes it read. */
    computedBy: z.enum(['unit', 'bench', 'person']).nullable(),
    detail: words,
  }),
  verdict: WipeVerdict,
  /** Sentences; at least one for anything but `verified`. */
  reasons: z.array(words).max(50),
  procedure: z.strictObject({ id: z.string().max(80), version: z.number().int(), hash: Sha256 }),
  program: z.strictObject({ name: z.string().max(80), version: z.string().max(80) }),
  station: z.strictObject({ id: z.string().min(1).max(80), name: z.string().max(80) }),
  operator: z.strictObject({ id: z.string().min(1).max(80), name: z.string().max(80) }),
  consent: z.strictObject({ by: z.string().max(200), ref: z.string().max(200) }).nullable(),
  startedAt: Instant,
  endedAt: Instant,
  artifacts: z.array(z.strictObject({ id: Id, sha256: Sha256 })).max(1000),
});
export type WipeStatement = z.infer<typeof WipeStatement>;

const PROOF_OF: Readonly<Record<WipeStatement['method']['technique'], string>> = {
  overwrite: 'read-back',
  directed: 'state-after',
  physical: 'witness',
};

/**
 * Why a statement must not be signed as it stands; empty when it is truthful in itself.
 * - `verified` demands a passed verification of the kind that its technique allows, and of the whole target
 * - a category is claimed by verified wipes only, and only as far as the technique carries it:
 *   overwriting is Clear, a reset too unless encryption was proven (Purge), Destroy is physical
 * - anything but `verified` says why
 */
export function statementProblems(statement: WipeStatement): string[] {
  const problems: string[] = [];
  const { verdict, method, verification, target } = statement;
  if (Date.parse(statement.endedAt) < Date.parse(statement.startedAt))
    problems.push('it ends before it started');
  if (verification.method === 'none' && verification.result !== 'not-done')
    problems.push('a verification has a result but no method');

  if (verdict !== 'verified') {
    if (method.category !== null)
      problems.push(`category ${method.category} is claimed though nothing is verified`);
    if (statement.reasons.length === 0) problems.push('no reason is given');
    return problems;
  }

  if (verification.result !== 'passed') problems.push('its verification did not pass');
  if (verification.method !== PROOF_OF[method.technique])
    problems.push(`a wipe by ${method.technique} is proved by ${PROOF_OF[method.technique]} only`);
  if (verification.computedBy === null) problems.push('nobody is named as having computed the verification');
  if (statement.matchedBy.length === 0) problems.push('no identifier of the unit matched the case');
  if (method.technique === 'overwrite') {
    if (target.bytes === null || target.bytes === 0) problems.push('the size of the target is unknown');
    if (statement.bytesOverwritten !== target.bytes) problems.push('not the whole target was overwritten');
    if (statement.bytesReadBack !== target.bytes) problems.push('not the whole target was read back');
    if (statement.pastCache !== true) problems.push('the read-back may have come from the page cache');
  }
  if (method.category === null) problems.push('no category is stated');
  if (method.category === 'Purge' && (method.technique !== 'directed' || !method.encryptionProven))
    problems.push('Purge is claimed without a reset that destroyed a proven encryption’s key');
  if ((method.category === 'Destroy') !== (method.technique === 'physical'))
    problems.push('Destroy is what physical destruction achieves, and nothing else');
  return problems;
}
