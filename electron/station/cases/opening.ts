import { BenchError } from '../../../shared/errors/index.ts';
import type { CaseFields, OpenCase } from '../../../shared/model/cases.ts';
import type { LabelIdentity } from '../../../shared/model/units.ts';
import { policyVersion } from '../../../shared/rma/policy.ts';
import type { Actor } from '../storage/store.ts';
import { checkLabel } from './label.ts';
import { nextOrdinal } from './queries.ts';
import { type IdentifiersFrom, type UnitRow, unitById } from './rows.ts';
import type { CasesOptions } from './sources.ts';
import { findUnit, NO_IDENTIFIERS, openAlready, settle, type Units } from './units.ts';

const NO_LABEL: LabelIdentity = { serial: null, imei1: null, imei2: null, meid: null, model: null };

const DEFAULT_FIELDS: CaseFields = {
  fault: null,
  customer: null,
  contact: null,
  contract: null,
  priority: 'P3',
  tier: 'L1',
  promisedOn: null,
  purchasedOn: null,
  accessories: [],
  condition: null,
  assigneeId: null,
  custodian: null,
  place: null,
  // The safe one: the unit does not leave before its data is gone or somebody signed.
  dataInstruction: 'wipe',
};

/** The values that were given, without the places that were left open. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/**
 * Opens a case and gives its id. The unit is the one on the port, else the one its label names, else a new
 * one that is only known by hand. Throws `case.port-unread`, `case.unit-here`, `case.open-already`,
 * `case.unknown-policy`, and what is wrong with an identifier of the label.
 */
export function openCase(options: CasesOptions, units: Units, actor: Actor, input: OpenCase): string {
  const { store, facts, policies, settings } = options;
  const { db, clock } = store;
  const later = input.announced || input.withoutUnit;
  const port = readPort(options, input);
  const told = input.label ? checkLabel(input.label) : null;
  const policy = policies.newest(input.policy);
  const fields: CaseFields = { ...DEFAULT_FIELDS, ...given(input.fields) };
  if (fields.assigneeId !== null && facts.personName(fields.assigneeId) === null) {
    throw new BenchError('input.not-found', { what: 'person', id: fields.assigneeId });
  }
  const unit = port
    ? (port.unitId && unitById(db, port.unitId)) ||
      units.seen(actor, { ...port, portId: input.portId ?? null })
    : unitByHand(options, units, actor, input, told);
  const other = unit && units.inLab(unit.id);
  if (other) throw openAlready(other);

  // What a customer wrote beforehand is not the label: nobody has seen the label yet.
  const label = later ? null : told;
  const from: IdentifiersFrom = later ? 'customer' : told ? 'label' : 'unit';
  const side = told
    ? { serial: told.serial, imei1: told.imei1, imei2: told.imei2, meid: told.meid }
    : NO_IDENTIFIERS;
  const expected = settle(port ? port.identity : null, label, side, from);
  const id = clock.id();
  const { benchPrefix } = settings();
  const body = {
    number: `${benchPrefix}-${nextOrdinal(db, benchPrefix)}`,
    status: later ? 'announced' : 'received',
    withoutUnit: input.withoutUnit,
    policyVersion: policyVersion(policy),
    fields,
    identifiers: expected.identifiers,
    identifiersFrom: expected.from,
    unitId: unit?.id ?? null,
    label,
    unitArrived: port !== null,
  };
  store.append(actor, [{ kind: 'case.opened', entityId: id, caseId: id, body }]);
  return id;
}

function readPort({ facts }: CasesOptions, input: OpenCase) {
  if (input.portId === undefined) return null;
  if (input.announced || input.withoutUnit) throw new BenchError('case.unit-here');
  const port = facts.port(input.portId);
  if (port === null) throw new BenchError('case.port-unread');
  return port;
}

/** A unit nobody can ask: known by its label, or a dead one without any. */
function unitByHand(
  { store }: CasesOptions,
  units: Units,
  actor: Actor,
  input: OpenCase,
  told: LabelIdentity | null,
): UnitRow | null {
  if (input.withoutUnit || (input.announced && told === null)) return null;
  const known = told && findUnit(store.db, told);
  return known ?? units.register(actor, told ?? NO_LABEL, input.announced ? 'customer' : 'label');
}
