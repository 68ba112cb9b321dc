import type { Database } from 'better-sqlite3';
import {
  type CaseSide,
  compareIdentity,
  type IdentifierKey,
  type Identifiers,
  otherMaker,
  STRONG_FIELDS,
  serialOnly,
  sharedKeys,
  strongKey,
  strongKeys,
  strongMatch,
  traitsFit,
} from '../../../shared/identity/index.ts';
import type { CaseIdentifiers, IdentityConflict } from '../../../shared/model/cases.ts';
import type { Family, Identity, LabelIdentity } from '../../../shared/model/units.ts';
import { sql } from '../storage/statements.ts';
import { openCasesByKeys } from './queries.ts';
import {
  type CaseRow,
  type IdentifiersFrom,
  identifiersOf,
  makerOf,
  type UnitRow,
  unitById,
  unitKeys,
} from './rows.ts';

/** A unit read on a port just now. */
export interface Sighting {
  readonly identity: Identity;
  readonly family: Family;
  readonly portId: string | null;
}

type Named = Identifiers & { readonly maker?: string | null | undefined };

/**
 * The unit that these identifiers belong to: it shares a strong identifier and contradicts none. Serial
 * numbers alone tell units of one maker apart only. Null: no such unit, or nothing strong to go by.
 */
export function findUnit(db: Database, from: Named): UnitRow | null {
  const keys = strongKeys(from);
  if (keys.length === 0) return null;
  const rows = sql(
    db,
    `SELECT DISTINCT units.id FROM json_each(?) AS key
       JOIN unit_identifiers AS known
         ON known.kind = key.value ->> '$.kind' AND known.value = key.value ->> '$.value'
       JOIN units ON units.id = known.unit_id
     WHERE known.source <> 'former' AND units.superseded_by IS NULL
     ORDER BY units.last_seen_at DESC LIMIT 50`,
  ).all(JSON.stringify(keys)) as { id: string }[];
  let best: { unit: UnitRow; shared: number } | null = null;
  for (const { id } of rows) {
    const unit = unitById(db, id);
    if (!unit) continue;
    const known = unitKeys(db, id);
    const shared = sharedKeys(keys, known);
    if (shared === 0 || (serialOnly(keys, known) && otherMaker(makerOf(unit), from.maker))) continue;
    if (!best || shared > best.shared) best = { unit, shared };
  }
  return best?.unit ?? null;
}

/** Open cases in the lab that know one of these identifiers; an equal serial of another maker is not one. */
export function casesNear(db: Database, from: Named): CaseRow[] {
  const keys = strongKeys(from);
  return openCasesByKeys(db, keys).filter((row) => {
    const expected = identifiersOf(row);
    const unit = row.unit_id === null ? null : unitById(db, row.unit_id);
    const maker = expected.maker ?? (unit && makerOf(unit));
    return !serialOnly(keys, strongKeys(expected)) || !otherMaker(maker, from.maker);
  });
}

/** Of the cases near, the one that expects exactly this unit: all of its identifiers, and no other maker. */
export const caseExpecting = (near: readonly CaseRow[], identity: Identity): CaseRow | null =>
  near.find((row) => strongMatch(identity, identifiersOf(row)).ok) ?? null;

/** Addresses that a maker gave; locally administered and placeholder ones are no identity. */
const makersMacs = (macs: readonly string[]): string =>
  macs
    .filter((mac) => (Number.parseInt(mac.slice(0, 2), 16) & 3) === 0 && !/^(..)(:\1)*$/.test(mac))
    .sort()
    .join(' ');

/**
 * A unit without any strong identifier (many routers) is taken for the one last read on the same port when
 * maker, model and hardware addresses are the same; anywhere else it is a new unit, never a guess.
 */
export function sameOnPort(db: Database, { identity, family, portId }: Sighting): UnitRow | null {
  const macs = makersMacs(identity.macs);
  if (portId === null || macs === '') return null;
  const row = sql(
    db,
    `SELECT id FROM units WHERE last_port_id = ? AND superseded_by IS NULL ORDER BY last_seen_at DESC LIMIT 1`,
  ).get(portId) as { id: string } | undefined;
  const unit = row && unitById(db, row.id);
  if (!unit || unit.family !== family || unitKeys(db, unit.id).length > 0) return null;
  const alike =
    unit.identity.maker === identity.maker &&
    unit.identity.model === identity.model &&
    makersMacs(unit.identity.macs) === macs;
  return alike ? unit : null;
}

/**
 * Whether a unit that nobody found by its identifiers may still be this one: they share no kind of them, and
 * family, maker and model do not contradict. A record of which nothing is known gives way to one of its own, so
 * that a wrong unit can be told from it again.
 */
export function mayBe(db: Database, unit: UnitRow, { identity, family }: Sighting): boolean {
  const keys = strongKeys(identity);
  const known = unitKeys(db, unit.id);
  if (unit.family === null && known.length === 0) return false;
  if (keys.some((key) => known.some((other) => other.kind === key.kind))) return false;
  return traitsFit({ ...unit.identity, family: unit.family }, { ...identity, family });
}

/** What a case expects of its unit, and who told it. */
export interface Expected {
  readonly identifiers: CaseIdentifiers;
  readonly from: IdentifiersFrom;
  readonly conflicts: readonly IdentityConflict[];
}

/**
 * Settles what a case expects once unit, label and case are put side by side. When they agree, the case
 * takes over whatever else the unit says of itself, so that later checks are stricter; when they do not,
 * nothing is taken over. A label that lists the IMEIs by the unit's slots puts the case's in that order.
 */
export function settle(
  unit: { readonly identity: Identity; readonly family: Family | null } | null,
  label: LabelIdentity | null,
  side: CaseSide,
  from: IdentifiersFrom,
): Expected {
  const expected = inSlotOrder(unit?.identity ?? null, label, side);
  const { serial, imei1, imei2, meid, maker, model, family } = expected;
  const traits = { maker, model, family };
  const identifiers = { serial, imei1, imei2, meid };
  const said = unit && { ...unit.identity, family: unit.family };
  const conflicts = compareIdentity(said, label, expected);
  if (conflicts.length > 0 || said === null) {
    return { identifiers: { ...identifiers, ...saidOnly(traits) }, from, conflicts };
  }
  const newest = {
    maker: said.maker ?? maker,
    model: said.model ?? model,
    family: said.family ?? family,
  };
  const keys = strongKeys(said);
  const known = strongKeys(identifiers);
  const established = keys.length > 0 && (known.length === 0 || sharedKeys(keys, known) > 0);
  if (!established) return { identifiers: { ...identifiers, ...saidOnly(newest) }, from, conflicts };
  for (const field of STRONG_FIELDS) {
    if (identifiers[field] === null && strongKey(field, said[field]) !== null) {
      identifiers[field] = said[field];
    }
  }
  return { identifiers: { ...identifiers, ...saidOnly(newest) }, from: 'unit', conflicts };
}

const saidOnly = (traits: Pick<CaseIdentifiers, 'maker' | 'model' | 'family'>) =>
  Object.fromEntries(Object.entries(traits).filter(([, said]) => said)) as typeof traits;

function inSlotOrder<T extends CaseIdentifiers>(
  identity: Identity | null,
  label: LabelIdentity | null,
  side: T,
): T {
  if (identity === null || label === null) return side;
  const slot = (from: Identifiers) => [strongKey('imei1', from.imei1), strongKey('imei2', from.imei2)];
  const unit = slot(identity);
  const read = slot(label);
  const readInOrder =
    read.some((key) => key !== null) && read.every((key, index) => key === null || key === unit[index]);
  const wanted = slot(side).filter((key) => key !== null);
  const allOfUnit = wanted.length > 0 && wanted.every((key) => unit.includes(key));
  if (!readInOrder || !allOfUnit) return side;
  return { ...side, imei1: identity.imei1, imei2: identity.imei2 };
}

/** The comparable form of an identifier, with the kind it is stored under. */
export function keyOf(field: (typeof STRONG_FIELDS)[number], text: string): IdentifierKey | null {
  const value = strongKey(field, text);
  return value === null ? null : { kind: field === 'imei1' || field === 'imei2' ? 'imei' : field, value };
}
