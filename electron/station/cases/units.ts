import type { Database } from 'better-sqlite3';
import { BenchError } from '../../../shared/errors/index.ts';
import {
  compareIdentity,
  type IdentifierKey,
  type Identifiers,
  STRONG_FIELDS,
  sharedKeys,
  strongKey,
  strongKeys,
  strongMatch,
} from '../../../shared/identity/index.ts';
import type { CaseIdentifiers, IdentityConflict } from '../../../shared/model/cases.ts';
import type { Family, Identity, LabelIdentity } from '../../../shared/model/units.ts';
import type { caseOps } from '../../../shared/ops/cases.ts';
import type { OpInput } from '../../../shared/ops/define.ts';
import { LEFT_LAB } from '../../../shared/rma/index.ts';
import type { Actor, Store } from '../storage/store.ts';
import { openCasesByKeys, openCasesOfUnit } from './queries.ts';
import {
  type CaseRow,
  caseById,
  caseSide,
  type IdentifiersFrom,
  identifiersOf,
  labelOf,
  standingStop,
  type UnitRow,
  unitById,
  unitKeys,
} from './rows.ts';
import { sql } from './sql.ts';

/** A unit read on a port just now. */
export interface Sighting {
  readonly identity: Identity;
  readonly family: Family;
  readonly portId: string | null;
}

export type CaseInput = OpInput<keyof typeof caseOps>;

export const NO_IDENTIFIERS: CaseIdentifiers = { serial: null, imei1: null, imei2: null, meid: null };

const same = (a: string | null, b: string | null): boolean =>
  a !== null && b !== null && a.trim().toLowerCase() === b.trim().toLowerCase();

/**
 * The unit that these identifiers belong to: it shares a strong identifier and contradicts none. Serial
 * numbers alone tell units of one maker apart only. Null: no such unit, or nothing strong to go by.
 */
export function findUnit(db: Database, from: Identifiers & { maker?: string | null }): UnitRow | null {
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
    if (shared === 0 || (serialOnly(keys, known) && differentMakers(unit, from.maker ?? null))) continue;
    if (!best || shared > best.shared) best = { unit, shared };
  }
  return best?.unit ?? null;
}

const serialOnly = (a: readonly IdentifierKey[], b: readonly IdentifierKey[]): boolean =>
  !a.some((key) => key.kind !== 'serial' && b.some((other) => other.kind === key.kind));

const differentMakers = (unit: UnitRow, maker: string | null): boolean =>
  unit.identity.maker !== null && maker !== null && !same(unit.identity.maker, maker);

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
function sameOnPort(db: Database, { identity, family, portId }: Sighting): UnitRow | null {
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

/** What a case expects of its unit, and who told it. */
interface Expected {
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
  identity: Identity | null,
  label: LabelIdentity | null,
  side: Parameters<typeof compareIdentity>[2],
  from: IdentifiersFrom,
): Expected {
  const expected = inSlotOrder(identity, label, side);
  const identifiers: CaseIdentifiers = {
    serial: expected.serial,
    imei1: expected.imei1,
    imei2: expected.imei2,
    meid: expected.meid,
  };
  const conflicts = compareIdentity(identity, label, expected);
  const said = identity === null ? [] : strongKeys(identity);
  const known = strongKeys(identifiers);
  const established =
    conflicts.length === 0 && said.length > 0 && (known.length === 0 || sharedKeys(said, known) > 0);
  if (!established || identity === null) return { identifiers, from, conflicts };
  for (const field of STRONG_FIELDS) {
    if (identifiers[field] === null && strongKey(field, identity[field]) !== null) {
      identifiers[field] = identity[field];
    }
  }
  return { identifiers, from: 'unit', conflicts };
}

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

export type Units = ReturnType<typeof createUnits>;

/** Units and their connection with cases. Every function writes only through the log. */
export function createUnits(store: Store) {
  const { db, clock } = store;

  function append(actor: Actor, ...inputs: CaseInput[]): void {
    store.append(actor, inputs);
  }

  const mustBeThere = (id: string): UnitRow => {
    const unit = unitById(db, id);
    if (!unit) throw new Error(`unit ${id} was not projected`);
    return unit;
  };

  /** Records a sighting of a known unit, or makes a new one. */
  function see(actor: Actor, known: UnitRow | null, sighting: Sighting, caseId: string | null): UnitRow {
    const id = known?.id ?? clock.id();
    append(actor, { kind: 'unit.seen', entityId: id, caseId, body: sighting });
    return mustBeThere(id);
  }

  /** A unit that nobody has read: from its label, or from what a customer announced. */
  function register(actor: Actor, label: LabelIdentity, from: 'customer' | 'label'): UnitRow {
    const id = clock.id();
    append(actor, { kind: 'unit.registered', entityId: id, body: { label, from } });
    return mustBeThere(id);
  }

  const settled = (row: CaseRow, unit: UnitRow): Expected =>
    settle(unit.identity, labelOf(row), caseSide(row), row.identifiers_from);

  /** The case's unit so far, when nothing at all was known of it: what was done on it was done on this one. */
  function nameless(row: CaseRow, unit: UnitRow): string[] {
    const current = row.unit_id === null ? null : unitById(db, row.unit_id);
    if (!current || current.id === unit.id || current.family !== null) return [];
    return unitKeys(db, current.id).length === 0 ? [current.id] : [];
  }

  /** Puts a unit on a case, or brings what the case expects up to date; writes nothing when all is as it was. */
  function link(
    actor: Actor,
    caseId: string,
    unit: UnitRow,
    how: { arrived: boolean; expected?: Expected },
  ): void {
    const row = caseById(db, caseId);
    if (!row) return;
    const { identifiers, from, conflicts } = how.expected ?? settled(row, unit);
    const unchanged =
      row.unit_id === unit.id &&
      (row.unit_arrived === 1 || !how.arrived) &&
      row.identifiers_from === from &&
      JSON.stringify(identifiersOf(row)) === JSON.stringify(identifiers);
    if (unchanged) return;
    const body = {
      unitId: unit.id,
      supersedes: nameless(row, unit),
      identifiers,
      identifiersFrom: from,
      arrived: how.arrived,
      conflicts: conflicts.length,
    };
    append(actor, { kind: 'case.unit-linked', entityId: caseId, caseId, body });
  }

  /**
   * The open case that a unit without one may belong to: the case expects exactly this unit (it was plugged
   * in again after another), or expects it in part and had its unit on this very port (the unit now says
   * something else). Elsewhere a shared number proves nothing and must not disturb a case under way.
   */
  function caseToJoin({ identity, portId }: Sighting): CaseRow | null {
    const candidates = openCasesByKeys(db, strongKeys(identity)).filter(
      (row) => standingStop(db, row) === null,
    );
    const exact = candidates.find((row) => strongMatch(identity, identifiersOf(row)).ok);
    if (exact || portId === null) return exact ?? null;
    const hadHere = (row: CaseRow) =>
      row.unit_id !== null && unitById(db, row.unit_id)?.lastPortId === portId;
    return candidates.find(hadHere) ?? null;
  }

  const inLab = (unitId: string): CaseRow | null =>
    openCasesOfUnit(db, unitId).find((row) => !LEFT_LAB.has(row.status)) ?? null;

  /** Whether a unit that nobody found by its identifiers may still be this one: they share no kind of them. */
  function mayBe(unit: UnitRow, keys: readonly IdentifierKey[]): boolean {
    const known = unitKeys(db, unit.id);
    return !keys.some((key) => known.some((other) => other.kind === key.kind));
  }

  return {
    register,
    link,
    inLab,

    /** Puts a unit on the case that nothing is known of yet. */
    linkBlank(actor: Actor, caseId: string): void {
      const label = { ...NO_IDENTIFIERS, model: null };
      link(actor, caseId, register(actor, label, 'label'), { arrived: false });
    },

    /** Finds or makes the unit of a sighting, and keeps the case it is on in step. */
    seen(actor: Actor, sighting: Sighting): UnitRow {
      return store.transaction(() => {
        const strong = strongKeys(sighting.identity).length > 0;
        const known = strong ? findUnit(db, sighting.identity) : sameOnPort(db, sighting);
        const row = (known && inLab(known.id)) ?? caseToJoin(sighting);
        const changed = !known || JSON.stringify(known.identity) !== JSON.stringify(sighting.identity);
        const unit = see(actor, known, sighting, changed ? (row?.id ?? null) : null);
        if (row && standingStop(db, row) === null) link(actor, row.id, unit, { arrived: true });
        return unit;
      });
    },

    /**
     * Records that a person says: this unit is the case's. What it says of itself is compared all the same.
     * Throws `case.open-already` when it is on another open case.
     */
    attach(actor: Actor, row: CaseRow, sighting: Sighting): UnitRow {
      return store.transaction(() => {
        const keys = strongKeys(sighting.identity);
        const current = row.unit_id === null ? null : unitById(db, row.unit_id);
        const known = findUnit(db, sighting.identity) ?? (current && mayBe(current, keys) ? current : null);
        const other = known && inLab(known.id);
        if (other && other.id !== row.id) throw openAlready(other);
        const unit = see(actor, known, sighting, row.id);
        link(actor, row.id, unit, { arrived: true });
        return unit;
      });
    },
  };
}

/** The refusal of a second open case for a unit that is in the lab. */
export const openAlready = (row: CaseRow): BenchError =>
  new BenchError('case.open-already', { number: row.number, status: row.status.replaceAll('-', ' ') });
