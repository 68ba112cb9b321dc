import { BenchError } from '../../../shared/errors/index.ts';
import { fieldTitle, STRONG_FIELDS, serialOnly, strongKeys } from '../../../shared/identity/index.ts';
import { type CaseIdentifiers, statusWords } from '../../../shared/model/cases.ts';
import { emptyLabel, type LabelIdentity } from '../../../shared/model/units.ts';
import type { caseOps } from '../../../shared/ops/cases.ts';
import type { OpInput } from '../../../shared/ops/define.ts';
import { LEFT_LAB } from '../../../shared/rma/index.ts';
import type { Actor, Store } from '../storage/store.ts';
import {
  caseExpecting,
  casesNear,
  type Expected,
  findUnit,
  keyOf,
  mayBe,
  type Sighting,
  sameOnPort,
  settle,
} from './matching.ts';
import { openCasesByKeys, openCasesOfUnit } from './queries.ts';
import {
  type CaseRow,
  caseById,
  caseSide,
  identifiersOf,
  labelOf,
  makerOf,
  standingStop,
  type UnitRow,
  unitById,
  unitKeys,
} from './rows.ts';

export type CaseInput = OpInput<keyof typeof caseOps>;

export const NO_IDENTIFIERS: CaseIdentifiers = { serial: null, imei1: null, imei2: null, meid: null };

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
  function register(actor: Actor, caseId: string, label: LabelIdentity, from: 'customer' | 'label'): UnitRow {
    const id = clock.id();
    append(actor, { kind: 'unit.registered', entityId: id, caseId, body: { label, from } });
    return mustBeThere(id);
  }

  const settled = (row: CaseRow, unit: UnitRow): Expected =>
    settle(unit, labelOf(row), caseSide(row), row.identifiers_from);

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
    const near = casesNear(db, identity).filter((row) => standingStop(db, row) === null);
    const exact = caseExpecting(near, identity);
    if (exact || portId === null) return exact;
    const hadHere = (row: CaseRow) =>
      row.unit_id !== null && unitById(db, row.unit_id)?.lastPortId === portId;
    return near.find(hadHere) ?? null;
  }

  const inLab = (unitId: string): CaseRow | null =>
    openCasesOfUnit(db, unitId).find((row) => !LEFT_LAB.has(row.status)) ?? null;

  /** Refuses a unit that is on another open case. Throws `case.open-already`, `case.serial-in-use`. */
  function refuseInUse(unit: UnitRow, named: LabelIdentity | null, caseId: string | null): void {
    const other = inLab(unit.id);
    if (!other || other.id === caseId) return;
    const { number } = other;
    const status = statusWords(other.status);
    const serial = named?.serial ?? null;
    if (serial !== null && serialOnly(strongKeys(named ?? NO_IDENTIFIERS), unitKeys(db, unit.id))) {
      const maker = makerOf(unit);
      // Both makers are known and the same: it is this unit.
      if (maker === null || !named?.maker) {
        throw new BenchError('case.serial-in-use', { number, status, serial, maker: maker ?? 'not known' });
      }
    }
    throw new BenchError('case.open-already', { number, status });
  }

  return {
    register,
    link,
    inLab,
    refuseInUse,

    /**
     * Refuses the IMEIs and MEID by which another case in the lab knows its own unit. Serial numbers are
     * unique within one maker only, so an equal one proves nothing. Throws `identity.of-other-unit`.
     */
    refuseOthers(from: LabelIdentity | CaseIdentifiers, caseId: string | null): void {
      for (const field of STRONG_FIELDS) {
        const text = from[field];
        const key = field === 'serial' || text === null ? null : keyOf(field, text);
        const other = key && openCasesByKeys(db, [key]).find((candidate) => candidate.id !== caseId);
        if (!other || text === null) continue;
        throw new BenchError('identity.of-other-unit', {
          field: fieldTitle(field),
          text,
          number: other.number,
        });
      }
    },

    /** Puts a unit that nobody has read on a case: by its label, or one that nothing is known of yet. */
    linkUnread(actor: Actor, caseId: string, label: LabelIdentity | null): void {
      link(actor, caseId, register(actor, caseId, label ?? emptyLabel(), 'label'), { arrived: false });
    },

    /** Finds or makes the unit of a sighting, and keeps the case it is on in step. */
    seen(actor: Actor, sighting: Sighting, opening: string | null = null): UnitRow {
      return store.transaction(() => {
        const strong = strongKeys(sighting.identity).length > 0;
        const known = strong ? findUnit(db, sighting.identity) : sameOnPort(db, sighting);
        const row = (known && inLab(known.id)) ?? caseToJoin(sighting);
        const unit = see(actor, known, sighting, row?.id ?? opening);
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
        const current = row.unit_id === null ? null : unitById(db, row.unit_id);
        const known =
          findUnit(db, sighting.identity) ?? (current && mayBe(db, current, sighting) ? current : null);
        if (known) refuseInUse(known, null, row.id);
        const unit = see(actor, known, sighting, row.id);
        link(actor, row.id, unit, { arrived: true });
        return unit;
      });
    },
  };
}
