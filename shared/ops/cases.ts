import { z } from 'zod';
import { type Identifiers, strongKeys } from '../identity/compare.ts';
import { formatImei } from '../identity/imei.ts';
import {
  CaseCause,
  CaseFields,
  CaseIdentifiers,
  ConsentSubject,
  DataInstruction,
  IdentityField,
  Status,
  TIERS,
  statusWords as words,
} from '../model/cases.ts';
import { Id, Instant } from '../model/common.ts';
import { Family, Identity, LabelIdentity } from '../model/units.ts';
import { opKind } from './define.ts';

const because = (reason: string | null | undefined): string => (reason ? `: ${reason}` : '');

/** What people call a case's fields, within a sentence. */
export const FIELD_TITLES: Readonly<Record<keyof CaseFields, string>> = {
  fault: 'reported fault',
  customer: 'customer',
  contact: 'contact',
  contract: 'contract',
  priority: 'priority',
  tier: 'tier',
  promisedOn: 'promised date',
  purchasedOn: 'purchase date',
  accessories: 'accessories',
  condition: 'condition',
  assigneeId: 'assignee',
  custodian: 'custodian',
  place: 'place',
  dataInstruction: 'data instruction',
};
/** Values short and impersonal enough to stand in the sentence. */
const SHOWN: ReadonlySet<string> = new Set([
  'priority',
  'tier',
  'promisedOn',
  'purchasedOn',
  'place',
  'custodian',
  'dataInstruction',
]);

function changedFields(fields: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(fields).map(([name, value]) => {
    const title = FIELD_TITLES[name as keyof CaseFields] ?? name;
    if (!SHOWN.has(name)) return title;
    return `${title} to ${value === null ? 'none' : words(String(value))}`;
  });
  return `Changed ${parts.join(', ')}`;
}

/** Who a unit or a label says it is, as a person would read it out. */
function identifiersOf(from: Partial<Identity> | Partial<LabelIdentity> | CaseIdentifiers): string {
  const parts = [
    from.imei1 ? `IMEI ${formatImei(from.imei1)}` : null,
    from.imei2 ? `IMEI 2 ${formatImei(from.imei2)}` : null,
    from.meid ? `MEID ${from.meid}` : null,
    from.serial ? `serial ${from.serial}` : null,
  ].filter((part) => part !== null);
  return parts.join(', ');
}

const FIELD_NAMES: Readonly<Record<IdentityField, string>> = {
  serial: 'Serial number',
  imei1: 'IMEI 1',
  imei2: 'IMEI 2',
  meid: 'MEID',
  maker: 'Maker',
  model: 'Model',
};

/** A unit that was put on a case: read on a port, known by its label, or by nothing yet. */
function unitPut({
  arrived,
  conflicts,
  identifiers,
}: {
  arrived: boolean;
  conflicts: number;
  identifiers: CaseIdentifiers;
}): string {
  if (conflicts > 0) return 'The unit on the port does not say what label or case say';
  const known = identifiersOf(identifiers);
  if (arrived) return known ? `Unit identified: ${known}` : 'Unit read; it says no number of its own';
  return known ? `Unit known by hand: ${known}` : 'Unit put on the case; it has no number yet';
}

/** Keys of identifiers: records of one unit that were made apart meet by them. */
const keysOf = (from: Identifiers): string[] => strongKeys(from).map(({ kind, value }) => `${kind}:${value}`);

const SETTLED = {
  kept: 'Settled, what stands was kept',
  taken: 'Settled, the other change was taken over',
  seen: 'Looked at and left as it is',
} as const;

/** Of a safety stop; it is reported and released from any case that its unit is on. */
const stopKey = (id: string): string => `stop:${id}`;

/** Of a case number; two cases can have one when a bench was restored from a backup. */
export const numberKey = (number: string): string => `number:${number.toUpperCase()}`;

/**
 * What happens to cases and units. A body holds all that its projection needs, so that the tables can be
 * rebuilt from the log alone, here and at the hub.
 */
export const caseOps = {
  'case.opened': opKind({
    class: 'command',
    entity: 'case',
    synced: true,
    body: z.object({
      number: z.string().max(40),
      status: Status,
      withoutUnit: z.boolean(),
      policyVersion: z.string().max(80),
      fields: CaseFields,
      identifiers: CaseIdentifiers,
      /** Who told the identifiers: the customer beforehand, the label in hand, or the unit itself. */
      identifiersFrom: z.enum(['customer', 'label', 'unit']),
      unitId: Id.nullable(),
      label: LabelIdentity.nullable(),
      /** The unit was read on a port when the case was opened. */
      unitArrived: z.boolean(),
    }),
    touches: ({ number, unitId }) => [numberKey(number), ...(unitId === null ? [] : [unitId])],
    describe: (body) =>
      `Opened as ${words(body.status)}${body.withoutUnit ? ', a claim without a unit' : ''} (policy ${body.policyVersion})`,
  }),
  'case.fields': opKind({
    class: 'fields',
    entity: 'case',
    synced: true,
    body: z.object({ fields: CaseFields.partial() }),
    describe: (body) => changedFields(body.fields),
  }),
  'case.moved': opKind({
    class: 'command',
    entity: 'case',
    synced: true,
    body: z.object({ from: Status, to: Status, reason: z.string().max(2000).nullable() }),
    describe: (body) => `Moved from ${words(body.from)} to ${words(body.to)}${because(body.reason)}`,
  }),
  'case.noted': opKind({
    class: 'ledger',
    entity: 'case',
    synced: true,
    body: z.object({ noteId: Id, text: z.string().max(4000) }),
    describe: (body) => `Note: ${body.text}`,
  }),
  'case.consented': opKind({
    class: 'ledger',
    entity: 'case',
    synced: true,
    body: z.object({ by: z.string().max(200), ref: z.string().max(200), about: ConsentSubject }),
    describe: (body) =>
      body.about === 'wipe'
        ? `${body.by} consented to the wipe (${body.ref})`
        : `${body.by} approved the repair (${body.ref})`,
  }),
  'case.data-exception': opKind({
    class: 'ledger',
    entity: 'case',
    synced: true,
    body: z.object({
      instruction: DataInstruction,
      /** The unit it was signed for; null: the case had none. Older entries do not say. */
      unitId: Id.nullable().optional(),
      reason: z.string().max(2000),
      ref: z.string().max(200),
    }),
    describe: (body) =>
      body.instruction === 'wipe'
        ? `Data exception signed (${body.ref}): ${body.reason}`
        : `Signed for the data instruction “${words(body.instruction)}” (${body.ref}): ${body.reason}`,
  }),
  'case.labelled': opKind({
    class: 'ledger',
    entity: 'case',
    synced: true,
    body: z.object({
      label: LabelIdentity,
      /** What the case expects from now on. */
      identifiers: CaseIdentifiers,
      identifiersFrom: z.enum(['customer', 'label', 'unit']),
    }),
    describe: (body) => `Label read: ${identifiersOf(body.label) || 'no number on it'}`,
  }),
  'case.unit-linked': opKind({
    class: 'ledger',
    entity: 'case',
    synced: true,
    body: z.object({
      unitId: Id,
      /** The record of a unit that nobody could name so far: it turned out to be this one. */
      supersedes: z.array(Id),
      identifiers: CaseIdentifiers,
      identifiersFrom: z.enum(['customer', 'label', 'unit']),
      /** It was read on a port, so it is here. */
      arrived: z.boolean(),
      /** In how many identifiers the unit disagreed with label and case at that moment. */
      conflicts: z.number().int().nonnegative(),
    }),
    touches: ({ unitId, supersedes }) => [unitId, ...supersedes],
    describe: (body) => unitPut(body),
  }),
  'case.unit-unlinked': opKind({
    class: 'command',
    entity: 'case',
    synced: true,
    body: z.object({
      /** It was never the case's: it goes with all that was done on it. */
      unitId: Id,
      reason: z.string().max(2000),
      /** Records without a name that were taken for it; they are units of their own again. */
      releases: z.array(Id),
      /** What the case expects from now on: what label or customer told. */
      identifiers: CaseIdentifiers,
      identifiersFrom: z.enum(['customer', 'label', 'unit']),
    }),
    touches: ({ unitId, releases }) => [unitId, ...releases],
    describe: (body) => `Unit taken off the case, it was the wrong one: ${body.reason}`,
  }),
  'case.identity-changed': opKind({
    class: 'command',
    entity: 'case',
    synced: true,
    body: z.object({
      /** The unit that keeps its history under the new identifier; null when the case has none. */
      unitId: Id.nullable(),
      /** Records made when the changed unit was first read, and nothing else: they become this unit. */
      supersedes: z.array(Id),
      field: IdentityField,
      from: z.string().max(200).nullable(),
      to: z.string().max(200),
      reason: z.string().max(2000),
      partSerial: z.string().max(100).nullable(),
      witnessId: z.string().max(100),
      witnessName: z.string().max(100),
      identifiers: CaseIdentifiers,
    }),
    touches: ({ unitId, supersedes }) => [...(unitId === null ? [] : [unitId]), ...supersedes],
    describe: (body) =>
      `${FIELD_NAMES[body.field]} changed from ${body.from ?? 'none'} to ${body.to}` +
      `${body.partSerial ? `, part ${body.partSerial}` : ''}, witnessed by ${body.witnessName}: ${body.reason}`,
  }),
  'case.escalated': opKind({
    class: 'ledger',
    entity: 'case',
    synced: true,
    body: z.object({
      from: z.enum(TIERS),
      to: z.enum(TIERS),
      reason: z.string().max(2000),
      summary: z.string().max(4000),
      dueAt: Instant,
    }),
    describe: (body) => `Escalated from ${body.from} to ${body.to}: ${body.reason}`,
  }),
  'case.cause-added': opKind({
    class: 'ledger',
    entity: 'case',
    synced: true,
    body: CaseCause.omit({ at: true, by: true }),
    describe: (body) =>
      `${body.role === 'primary' ? 'Cause' : 'Contributing cause'} ${body.certainty}: ` +
      `${body.component}, ${body.mode.toLowerCase()} (${body.code})`,
  }),
  'case.cause-confirmed': opKind({
    class: 'ledger',
    entity: 'case',
    synced: true,
    body: z.object({
      causeId: Id,
      code: z.string().max(80),
      analysis: z.string().max(4000),
      removedPart: CaseCause.shape.removedPart,
    }),
    describe: (body) => `Cause ${body.code} confirmed: ${body.analysis}`,
  }),
  'case.cause-removed': opKind({
    class: 'ledger',
    entity: 'case',
    synced: true,
    body: z.object({ causeId: Id, code: z.string().max(80), reason: z.string().max(2000) }),
    describe: (body) => `Cause ${body.code} removed: ${body.reason}`,
  }),
  'case.safety-stop': opKind({
    class: 'ledger',
    entity: 'case',
    synced: true,
    body: z.object({
      stopId: Id,
      unitId: Id.nullable(),
      reason: z.string().max(2000),
      reportDueAt: Instant,
    }),
    touches: ({ stopId, unitId }) => [stopKey(stopId), ...(unitId === null ? [] : [unitId])],
    describe: (body) => `Safety stop: ${body.reason}. Product safety must know by ${body.reportDueAt}`,
  }),
  'case.safety-reported': opKind({
    class: 'ledger',
    entity: 'case',
    synced: true,
    body: z.object({ stopId: Id, to: z.string().max(200), ref: z.string().max(200) }),
    touches: ({ stopId }) => [stopKey(stopId)],
    describe: (body) => `Product safety told: ${body.to} (${body.ref})`,
  }),
  'case.safety-released': opKind({
    class: 'ledger',
    entity: 'case',
    synced: true,
    body: z.object({ stopId: Id, reason: z.string().max(2000) }),
    touches: ({ stopId }) => [stopKey(stopId)],
    describe: (body) => `Safety stop released: ${body.reason}`,
  }),
  'case.conflict-settled': opKind({
    class: 'command',
    entity: 'case',
    synced: true,
    body: z.object({
      /** The operation that did not hold. */
      opId: Id,
      /** What stands was kept; what was lost was taken over by a change of its own; or it was only looked at. */
      choice: z.enum(['kept', 'taken', 'seen']),
      /** What it was about, in words, for the timeline. */
      about: z.string().max(500),
      reason: z.string().max(2000).nullable(),
    }),
    describe: (body) => `${SETTLED[body.choice]}: ${body.about}${body.reason ? ` (${body.reason})` : ''}`,
  }),
  'unit.registered': opKind({
    class: 'ledger',
    entity: 'unit',
    synced: true,
    body: z.object({
      /** Told before anybody read the unit: by the customer, or by its label. */
      label: LabelIdentity,
      from: z.enum(['customer', 'label']),
    }),
    touches: ({ label }) => keysOf(label),
    describe: (body) => `Unit entered by hand: ${identifiersOf(body.label) || 'nothing is known of it yet'}`,
  }),
  'unit.seen': opKind({
    class: 'ledger',
    entity: 'unit',
    synced: true,
    body: z.object({ identity: Identity, family: Family, portId: Id.nullable() }),
    touches: ({ identity }) => keysOf(identity),
    describe: (body) => {
      const name = [body.identity.maker, body.identity.model].filter(Boolean).join(' ');
      return `Unit read${name ? ` (${name})` : ''}: ${identifiersOf(body.identity) || 'it says no number'}`;
    },
  }),
};
