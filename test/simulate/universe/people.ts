import { STATUSES, type Status } from '../../../shared/model/cases.ts';
import { TRANSITIONS } from '../../../shared/rma/index.ts';
import type { Deed } from '../bench/lean-log.ts';
import type { Screen } from '../bench/screen.ts';
import type { Random } from '../world/random.ts';

/** How often people do what, by weight. */
const DEEDS = {
  open: 12,
  edit: 30,
  move: 26,
  note: 10,
  stop: 4,
  release: 3,
  label: 5,
  see: 4,
  settle: 3,
  signIn: 4,
  settings: 1,
  future: 0.7,
  malformed: 0.2,
  erased: 0.3,
};

/** Units that come in again and again: so few that benches meet the same ones. */
const UNITS = 40;
/** People work on what is new. */
const RECENT = 12;

const FIELDS = {
  ...{ fault: null, customer: null, contact: null, contract: null, priority: 'P3', tier: 'L1' },
  ...{ promisedOn: null, purchasedOn: null, accessories: [], condition: null, assigneeId: null },
  ...{ custodian: null, place: null, dataInstruction: 'wipe' },
};
const VALUES: Readonly<Record<string, readonly (string | null)[]>> = {
  customer: ['Acme', 'Ajax', 'Argus', null],
  place: ['Shelf 1', 'Shelf 2', 'Desk'],
  priority: ['P1', 'P2', 'P3'],
  fault: ['does not charge', 'screen broken', null],
  dataInstruction: ['wipe', 'keep', 'destroy', 'media-returned'],
};
const NEXT = new Map<Status, Status[]>(STATUSES.map((status) => [status, []]));
for (const { from, to } of TRANSITIONS) NEXT.get(from)?.push(to);

const deed = (kind: string, entityId: string, body: object | null, more: Partial<Deed> = {}): Deed => ({
  ...{ kind, entity: kind.split('.')[0] ?? 'case', entityId, caseId: null, synced: true },
  body: body === null ? null : JSON.stringify(body),
  ...more,
});

/** What a person does next, from what their screen shows; null where there is nothing to do it to. */
export function nextDeed(
  screen: Screen,
  random: Random,
  now: number,
  prefix: string,
  ordinal: number,
): Deed | null {
  const id = () => random.id(now);
  const caseId = random.pick(screen.recent.slice(-RECENT));
  const what = caseId === undefined ? 'open' : random.weighted(DEEDS);
  const unit = random.between(1, UNITS);
  const identifiers = {
    ...{ serial: random.happens(0.8) ? `SN4711${unit}` : null, imei1: null, imei2: null },
    meid: random.happens(0.2) ? `A000000000${String(unit).padStart(4, '0')}` : null,
  };
  const onCase = (kind: string, body: object | null, more: Partial<Deed> = {}) =>
    deed(kind, caseId as string, body, { caseId: caseId as string, ...more });
  switch (what) {
    case 'open': {
      const opened = id();
      const body = {
        ...{
          number: `${prefix}-${ordinal}`,
          status: random.pick(['announced', 'received']),
          withoutUnit: false,
        },
        ...{ policyVersion: 'consumer@1', fields: FIELDS, identifiers, identifiersFrom: 'label' },
        ...{ unitId: null, label: null, unitArrived: true },
      };
      return deed('case.opened', opened, body, { caseId: opened });
    }
    case 'edit': {
      const names = Object.keys(VALUES).filter(() => random.happens(0.3));
      const fields = Object.fromEntries(names.map((name) => [name, random.pick(VALUES[name] ?? [null])]));
      return onCase('case.fields', { fields });
    }
    case 'move': {
      const from = screen.statusOf(caseId as string) ?? 'received';
      const to = random.happens(0.03) ? random.pick(STATUSES) : random.pick(NEXT.get(from) ?? []);
      return to === undefined ? null : onCase('case.moved', { from, to, reason: null });
    }
    case 'note':
      return onCase('case.noted', { noteId: id(), text: 'Swollen battery, lid does not close' });
    case 'stop': {
      const reportDueAt = new Date(now).toISOString();
      return onCase('case.safety-stop', { stopId: id(), unitId: null, reason: 'Battery', reportDueAt });
    }
    case 'release': {
      const stopId = screen.cases.get(caseId as string)?.stops.at(-1);
      return stopId === undefined ? null : onCase('case.safety-released', { stopId, reason: 'Cooled down' });
    }
    case 'label': {
      const label = { ...identifiers, model: null };
      return onCase('case.labelled', { label, identifiers, identifiersFrom: 'label' });
    }
    case 'see': {
      const identity = { ...identifiers, maker: 'Maker', model: 'M1', firmware: null, macs: [], extra: {} };
      return deed('unit.seen', id(), { identity, family: 'at', portId: null });
    }
    case 'settle': {
      const conflict = random.pick(screen.conflicts.slice(-RECENT));
      if (!conflict) return null;
      const body = { opId: conflict.opId, choice: 'kept', about: 'an edit', reason: null };
      return deed('case.conflict-settled', conflict.caseId, body, { caseId: conflict.caseId });
    }
    case 'signIn':
      return deed('person.signed-in', id(), {}, { synced: false });
    case 'settings':
      return deed('station.settings', id(), { stationName: `Bench ${prefix}` });
    case 'future':
      return onCase('case.teleported', { to: 'the moon' });
    case 'malformed':
      return random.happens(0.5)
        ? onCase('case.moved', { from: 1 })
        : deed('unit.seen', id(), { identity: null });
    case 'erased':
      return onCase('case.noted', null);
  }
}
