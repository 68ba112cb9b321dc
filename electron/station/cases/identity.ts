import { BenchError } from '../../../shared/errors/index.ts';
import { fieldTitle, type StrongField, strongKey, strongKeys } from '../../../shared/identity/index.ts';
import type { CaseView } from '../../../shared/model/cases.ts';
import type { LabelIdentity } from '../../../shared/model/units.ts';
import { GUARDS } from '../../../shared/rma/index.ts';
import type { Actor } from '../storage/store.ts';
import type { Commands } from './commands.ts';
import { checkIdentifier, checkLabel } from './label.ts';
import { openCasesByKeys } from './queries.ts';
import { type CaseRow, caseSide, identifiersOf, standingStop, type UnitRow, unitById } from './rows.ts';
import { sql } from './sql.ts';
import { findUnit, openAlready, type Sighting, settle } from './units.ts';

/** The ways out of a mismatch: read again, correct the label, record a change of identity. */
export function createIdentityCommands({ options, units, change, append }: Commands) {
  const { store, verifyPerson } = options;
  const { db } = store;

  const currentUnit = (row: CaseRow): UnitRow | null =>
    row.unit_id === null ? null : unitById(db, row.unit_id);

  function needsUnit(row: CaseRow): void {
    if (row.without_unit === 1) throw new BenchError('case.no-unit', { number: row.number });
  }

  /** Refuses an identifier by which another case in the lab knows its own unit. */
  function refuseOthers(row: CaseRow, field: StrongField, text: string): void {
    const key = strongKey(field, text);
    if (key === null) return;
    const kind = field === 'imei1' || field === 'imei2' ? 'imei' : field;
    const other = openCasesByKeys(db, [{ kind, value: key }]).find((candidate) => candidate.id !== row.id);
    // Serial numbers are unique within one maker only, so an equal one elsewhere proves nothing.
    if (!other || field === 'serial') return;
    throw new BenchError('identity.of-other-unit', { field: fieldTitle(field), text, number: other.number });
  }

  /** A unit that is only known by hand gives way to the one whose history the label finds. */
  function unitByLabel(row: CaseRow, label: LabelIdentity): UnitRow | null {
    const current = currentUnit(row);
    if (current && strongKeys(current.identity).length > 0) return null;
    const known = findUnit(db, label);
    if (!known || known.id === current?.id) return null;
    const other = units.inLab(known.id);
    if (other && other.id !== row.id) throw openAlready(other);
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

  return {
    /**
     * What the label says. A label that was only mistyped corrects the case too, as long as the unit itself
     * has not confirmed what the case says; what a customer announced is never overwritten by a label.
     * Throws what is wrong with an identifier, `case.no-unit`, `identity.of-other-unit`, `case.open-already`.
     */
    label: (actor: Actor, input: { id: string; label: LabelIdentity }): CaseView =>
      change(input.id, (row) => {
        needsUnit(row);
        const label = checkLabel(input.label);
        for (const field of ['imei1', 'imei2', 'meid'] as const) {
          const text = label[field];
          if (text !== null) refuseOthers(row, field, text);
        }
        const better = unitByLabel(row, label);
        const side = caseSide(row);
        const told = row.identifiers_from === 'label' || strongKeys(side).length === 0;
        const expected = settle(
          (better ?? currentUnit(row))?.identity ?? null,
          label,
          told
            ? { ...side, serial: label.serial, imei1: label.imei1, imei2: label.imei2, meid: label.meid }
            : side,
          told ? 'label' : row.identifiers_from,
        );
        // First the unit, then its label: a label belongs to the unit it is on.
        const unit = better ?? (row.unit_id === null ? units.register(actor, label, 'label') : null);
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
        field: StrongField;
        to: string;
        reason: string;
        partSerial?: string | null | undefined;
        witness: { name: string; pin: string };
      },
    ): Promise<CaseView> {
      const { field } = input;
      const to = checkIdentifier(field, input.to);
      const witness = await verifyPerson(input.witness.name, input.witness.pin);
      if (witness.id === actor.id) throw new BenchError('people.same-person');
      return change(input.id, (row) => {
        const before = identifiersOf(row);
        const from = before[field];
        if (from !== null && strongKey(field, from) === strongKey(field, to)) {
          throw new BenchError('identity.unchanged', { field: fieldTitle(field), text: to });
        }
        refuseOthers(row, field, to);
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
  };
}
