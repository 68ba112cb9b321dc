import { BenchError } from '../../../shared/errors/index.ts';
import { fieldTitle, STRONG_FIELDS, strongKey, strongKeys } from '../../../shared/identity/index.ts';
import type { CaseIdentifiers, CaseView, IdentityField } from '../../../shared/model/cases.ts';
import type { LabelIdentity } from '../../../shared/model/units.ts';
import { GUARDS } from '../../../shared/rma/index.ts';
import { sql } from '../storage/statements.ts';
import type { Actor } from '../storage/store.ts';
import type { Commands } from './commands.ts';
import { checkIdentifier, checkLabel } from './label.ts';
import { findUnit, type Sighting, settle } from './matching.ts';
import { toldBy } from './opening.ts';
import {
  type CaseRow,
  caseById,
  caseSide,
  identifiersOf,
  labelOf,
  standingStop,
  type UnitRow,
  unitById,
} from './rows.ts';
import { NO_IDENTIFIERS } from './units.ts';

const comparable = (field: IdentityField, text: string): string | null => {
  const strong = STRONG_FIELDS.find((each) => each === field);
  return strong ? strongKey(strong, text) : text.trim().toLowerCase();
};

/** The ways out of a mismatch: read again, correct the label, record a change of identity, take the unit off. */
export function createIdentityCommands({ options, units, change, append }: Commands) {
  const { store, verifyPerson } = options;
  const { db } = store;

  const currentUnit = (row: CaseRow): UnitRow | null =>
    row.unit_id === null ? null : unitById(db, row.unit_id);

  /** Who only adds a number to the label does not unsay the maker. */
  const keptMaker = (row: CaseRow) => {
    const maker = labelOf(row)?.maker;
    return maker ? { maker } : {};
  };

  function needsUnit(row: CaseRow): void {
    if (row.without_unit === 1) throw new BenchError('case.no-unit', { number: row.number });
  }

  /** A unit that is only known by hand gives way to the one whose history the label finds. */
  function unitByLabel(row: CaseRow, label: LabelIdentity): UnitRow | null {
    const current = currentUnit(row);
    if (current && strongKeys(current.identity).length > 0) return null;
    const known = findUnit(db, label);
    if (!known || known.id === current?.id) return null;
    units.refuseInUse(known, label, row.id);
    return known;
  }

  /**
   * The records that the unit with the new identifier was read into before its change was recorded. They
   * become the case's unit, as long as they never had a case of their own.
   */
  function toSupersede(row: CaseRow, keep: UnitRow): string[] {
    const current = currentUnit(row);
    if (!current || current.id === keep.id) return [];
    const others = sql(db, 'SELECT 1 FROM case_units WHERE unit_id = ? AND case_id <> ? LIMIT 1');
    return others.get(current.id, row.id) ? [] : [current.id];
  }

  /** The unit that the case began with, so that its history goes on. */
  function firstUnit(row: CaseRow): UnitRow | null {
    const first = sql(
      db,
      'SELECT unit_id FROM case_units WHERE case_id = ? ORDER BY linked_at, unit_id LIMIT 1',
    ).get(row.id) as { unit_id: string } | undefined;
    return first ? unitById(db, first.unit_id) : null;
  }

  /** A label as it may be read for this case; throws what `label` throws. */
  function readable(row: CaseRow, given: LabelIdentity): LabelIdentity {
    needsUnit(row);
    const label = checkLabel({ ...keptMaker(row), ...given });
    units.refuseOthers(label, row.id);
    return label;
  }

  return {
    /** Throws what `label` would throw; writes nothing. */
    checkLabel(input: { id: string; label: LabelIdentity }): void {
      change(input.id, (row) => void readable(row, input.label));
    },

    /**
     * What the label says. A label that was only mistyped corrects the case too, as long as the unit itself
     * has not confirmed what the case says; what a customer announced is never overwritten by a label.
     * Throws what is wrong with an identifier, `case.no-unit`, `identity.of-other-unit`, `case.open-already`.
     */
    label: (actor: Actor, input: { id: string; label: LabelIdentity }): CaseView =>
      change(input.id, (row) => {
        const label = readable(row, input.label);
        const better = unitByLabel(row, label);
        const side = caseSide(row);
        const told = row.identifiers_from === 'label' || strongKeys(side).length === 0;
        const expected = settle(
          better ?? currentUnit(row),
          label,
          told ? { ...side, ...toldBy(label) } : side,
          told ? 'label' : row.identifiers_from,
        );
        // First the unit, then its label: a label belongs to the unit it is on.
        const unit = better ?? (row.unit_id === null ? units.register(actor, row.id, label, 'label') : null);
        if (unit) units.link(actor, row.id, unit, { arrived: false, expected });
        append(actor, row, 'case.labelled', {
          label,
          identifiers: expected.identifiers,
          identifiersFrom: expected.from,
        });
      }),

    /**
     * A recorded change of identity: old and new, the part's serial, and a second person who signs with
     * their own PIN. Throws `people.wrong-pin`, `people.same-person`, `identity.unchanged`,
     * `identity.of-other-unit`.
     */
    async identityChange(
      actor: Actor,
      input: {
        id: string;
        field: IdentityField;
        to: string;
        reason: string;
        partSerial?: string | null | undefined;
        witness: { name: string; pin: string };
      },
    ): Promise<CaseView> {
      const { field } = input;
      const to = field === 'maker' || field === 'model' ? input.to.trim() : checkIdentifier(field, input.to);
      const witness = await verifyPerson(input.witness.name, input.witness.pin);
      if (witness.id === actor.id) throw new BenchError('people.same-person');
      return change(input.id, (row) => {
        const before = identifiersOf(row);
        const from = before[field] ?? null;
        if (from !== null && comparable(field, from) === comparable(field, to)) {
          throw new BenchError('identity.unchanged', { field: fieldTitle(field), text: to });
        }
        units.refuseOthers({ ...NO_IDENTIFIERS, [field]: to }, row.id);
        const current = currentUnit(row);
        const first = firstUnit(row) ?? current;
        const supersedes = first ? toSupersede(row, first) : [];
        // A unit with a past of its own stays what it is; the case goes on with it.
        const unit = supersedes.length > 0 ? first : current;
        append(actor, row, 'case.identity-changed', {
          unitId: unit?.id ?? null,
          supersedes,
          field,
          from,
          to,
          reason: input.reason,
          partSerial: input.partSerial ?? null,
          witnessId: witness.id,
          witnessName: witness.name,
          identifiers: { ...before, [field]: to },
        });
      });
    },

    /**
     * A person says: the unit on this port is the case's. It is compared all the same, and the case shows
     * where they disagree. Throws `case.open-already`, `case.no-unit`, the safety stop.
     */
    attachUnit: (actor: Actor, input: { id: string } & Sighting): CaseView =>
      change(input.id, (row) => {
        needsUnit(row);
        const stop = GUARDS['no-safety-stop'].check({ safetyStop: standingStop(db, row) });
        if (stop) throw new BenchError(stop.code, stop.params);
        const { identity, family, portId } = input;
        units.attach(actor, row, { identity, family, portId });
      }),

    /**
     * A person says: the unit that was read for this case was never the case's. It is taken off with all that was
     * done on it, and the case expects again what label or customer told. That a unit was here stays: the data
     * instruction binds. Throws `case.unit-unread`, `case.run-under-way`, `case.no-unit`.
     */
    wrongUnit: (actor: Actor, input: { id: string; reason: string }): CaseView =>
      change(input.id, (row) => {
        needsUnit(row);
        const unit = currentUnit(row);
        if (unit === null || unit.family === null) {
          throw new BenchError('case.unit-unread', { number: row.number });
        }
        const running = options.facts.runs(row.id).find(({ state }) => state === 'running');
        if (running) throw new BenchError('case.run-under-way', { title: running.procedureTitle });
        append(actor, row, 'case.unit-unlinked', {
          unitId: unit.id,
          reason: input.reason,
          releases: takenFor(row, unit),
          ...toldSoFar(row),
        });
        const now = caseById(db, row.id) ?? row;
        const before = unitBefore(now, unit);
        const label = labelOf(now);
        if (before) units.link(actor, row.id, before, { arrived: false });
        else if (label !== null || now.received_at !== null) units.linkUnread(actor, row.id, label);
      }),
  };

  /** Records without a name that were taken for this unit when it was put on the case. */
  function takenFor(row: CaseRow, unit: UnitRow): string[] {
    const rows = sql(
      db,
      `SELECT id FROM units JOIN case_units ON unit_id = id
       WHERE case_id = ? AND superseded_by = ? AND family IS NULL`,
    ).all(row.id, unit.id) as { id: string }[];
    return rows.map(({ id }) => id);
  }

  /** What label or customer told, without what units said since. */
  function toldSoFar(row: CaseRow) {
    const opened = options.timeline(row.id).find(({ kind }) => kind === 'case.opened')?.body as
      | { identifiers: CaseIdentifiers; identifiersFrom: string }
      | undefined;
    if (opened?.identifiersFrom === 'customer' && strongKeys(opened.identifiers).length > 0) {
      return { identifiers: opened.identifiers, identifiersFrom: 'customer' };
    }
    const label = labelOf(row);
    return { identifiers: label ? toldBy(label) : NO_IDENTIFIERS, identifiersFrom: 'label' };
  }

  /** The unit that the case had before a wrong one, as long as nothing speaks against it. */
  function unitBefore(row: CaseRow, wrong: UnitRow): UnitRow | null {
    const rows = sql(db, 'SELECT unit_id FROM case_units WHERE case_id = ? ORDER BY linked_at, unit_id').all(
      row.id,
    ) as { unit_id: string }[];
    const fits = (unit: UnitRow | null): unit is UnitRow =>
      unit !== null &&
      unit.id !== wrong.id &&
      units.inLab(unit.id) === null &&
      settle(unit, labelOf(row), caseSide(row), row.identifiers_from).conflicts.length === 0;
    return rows.map(({ unit_id }) => unitById(db, unit_id)).find(fits) ?? null;
  }
}
