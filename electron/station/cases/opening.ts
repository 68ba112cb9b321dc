import { BenchError } from '../../../shared/errors/index.ts';
import { given } from '../../../shared/given.ts';
import type { CaseFields, CaseIdentifiers, OpenCase } from '../../../shared/model/cases.ts';
import { emptyLabel, type LabelIdentity } from '../../../shared/model/units.ts';
import { policyVersion } from '../../../shared/rma/policy.ts';
import type { Actor } from '../storage/store.ts';
import { checkLabel } from './label.ts';
import { findUnit, settle } from './matching.ts';
import { nextOrdinal } from './queries.ts';
import { type IdentifiersFrom, type UnitRow, unitById } from './rows.ts';
import type { CasesOptions } from './sources.ts';
import { NO_IDENTIFIERS, type Units } from './units.ts';

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

/**
 * Opens a case and gives its id. The unit is the one on the port, else the one its label names, else a new
 * one that is only known by hand. Throws `case.port-unread`, `case.unit-here`, `case.open-already`,
 * `case.serial-in-use`, `identity.of-other-unit`, `case.unknown-policy`, and what is wrong with an identifier
 * of the label.
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
  const id = clock.id();
  const unit = port
    ? (port.unitId && unitById(db, port.unitId)) ||
      units.seen(actor, { ...port, portId: input.portId ?? null }, id)
    : unitByHand(options, units, actor, { ...input, id }, told);
  if (unit) units.refuseInUse(unit, port ? null : told, null);
  // What another case expects of its unit is not opened a second time, be it on a port or in somebody's hand.
  for (const named of unit ? [told, port?.identity] : []) if (named) units.refuseOthers(named, null);

  // What a customer wrote beforehand is not the label: nobody has seen the label yet.
  const label = later ? null : told;
  const from: IdentifiersFrom = later ? 'customer' : told ? 'label' : 'unit';
  const expected = settle(port, label, told ? toldBy(told) : NO_IDENTIFIERS, from);
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
  input: OpenCase & { readonly id: string },
  told: LabelIdentity | null,
): UnitRow | null {
  if (input.withoutUnit || (input.announced && told === null)) return null;
  const known = told && findUnit(store.db, told);
  const from = input.announced ? 'customer' : 'label';
  return known ?? units.register(actor, input.id, told ?? emptyLabel(), from);
}

/** What a case expects by a label or an announcement alone. */
export const toldBy = ({ serial, imei1, imei2, meid, maker }: LabelIdentity): CaseIdentifiers => ({
  serial,
  imei1,
  imei2,
  meid,
  ...(maker ? { maker } : {}),
});
