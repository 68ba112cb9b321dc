import { z } from 'zod';
import { StationSettings } from '../contract/station.ts';
import { PersonName, Role } from '../model/people.ts';
import { LineSettings, PortAddress } from '../model/ports.ts';
import { Family } from '../model/units.ts';
import { opKind } from './define.ts';

/** What the station itself, its people and its ports write into the log. */
export const stationOps = {
  'station.made': opKind({
    class: 'ledger',
    entity: 'station',
    synced: true,
    body: z.object({ mode: z.enum(['live', 'training']), version: z.string(), publicKey: z.string() }),
    describe: (body) => `Bench made (${body.mode})`,
  }),
  'station.restored': opKind({
    class: 'ledger',
    entity: 'station',
    synced: true,
    body: z.object({ from: z.string(), to: z.string(), backupAt: z.string() }),
    describe: (body) => `Restored from the backup of ${body.backupAt}`,
  }),
  'station.key-rotated': opKind({
    class: 'ledger',
    entity: 'station',
    synced: true,
    /** Signed by the key before it; what follows is signed by this one (SPKI, DER, base64). */
    body: z.object({ publicKey: z.base64().max(200) }),
    describe: () => 'The bench signs with another key',
  }),
  'station.recovery-key-made': opKind({
    class: 'ledger',
    entity: 'station',
    synced: false,
    body: z.object({}),
    describe: () => 'New recovery key made; the old one opens nothing any more',
  }),
  'station.hub-joined': opKind({
    class: 'ledger',
    entity: 'station',
    synced: false,
    body: z.object({ url: z.string().max(400), siteId: z.uuid(), siteName: z.string().max(200) }),
    describe: (body) => `Joined the hub of “${body.siteName}” at ${body.url}`,
  }),
  'station.hub-left': opKind({
    class: 'ledger',
    entity: 'station',
    synced: false,
    body: z.object({ url: z.string().max(400) }),
    describe: (body) => `Left the hub at ${body.url}`,
  }),
  'station.settings': opKind({
    class: 'fields',
    entity: 'station',
    synced: true,
    body: StationSettings.partial(),
    describe: (body) => `Settings changed: ${Object.keys(body).join(', ')}`,
  }),
  'person.added': opKind({
    class: 'ledger',
    entity: 'person',
    synced: true,
    body: z.object({ name: PersonName, role: Role }),
    describe: (body) => `${body.name} added as ${body.role}`,
  }),
  'person.changed': opKind({
    class: 'fields',
    entity: 'person',
    synced: true,
    body: z.object({ role: Role.optional(), active: z.boolean().optional() }),
    describe: (body) => `Person changed: ${Object.keys(body).join(', ')}`,
  }),
  'person.pin-set': opKind({
    class: 'ledger',
    entity: 'person',
    synced: false,
    body: z.object({
      /** The printed recovery key stood for an administrator who had forgotten it. */
      byRecoveryKey: z.literal(true).optional(),
    }),
    describe: (body) => (body.byRecoveryKey ? 'New PIN set with the recovery key' : 'New PIN set'),
  }),
  'person.signed-in': opKind({
    class: 'ledger',
    entity: 'person',
    synced: false,
    body: z.object({}),
    describe: () => 'Signed in',
  }),
  'person.locked-out': opKind({
    class: 'ledger',
    entity: 'person',
    synced: false,
    body: z.object({ failures: z.number().int(), seconds: z.number() }),
    describe: (body) => `Locked for ${body.seconds} s after ${body.failures} wrong PINs`,
  }),
  'port.added': opKind({
    class: 'ledger',
    entity: 'port',
    synced: false,
    body: z.object({
      address: PortAddress,
      label: z.string(),
      family: Family.nullable(),
      line: LineSettings,
      login: z.string().nullable(),
      origin: z.enum(['hotplug', 'added']),
    }),
    describe: (body) => `Port ${body.label} added`,
  }),
  'port.changed': opKind({
    class: 'fields',
    entity: 'port',
    synced: false,
    body: z.object({
      label: z.string().optional(),
      family: Family.nullable().optional(),
      line: LineSettings.optional(),
      login: z.string().nullable().optional(),
    }),
    describe: (body) => `Port changed: ${Object.keys(body).join(', ')}`,
  }),
  'port.forgotten': opKind({
    class: 'ledger',
    entity: 'port',
    synced: false,
    body: z.object({ address: PortAddress }),
    describe: (body) => `Port ${body.address} forgotten`,
  }),
};
