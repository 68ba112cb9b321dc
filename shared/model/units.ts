import { z } from 'zod';
import { Id, Instant } from './common.ts';

/** Device families this bench can talk to over serial ports. */
export const FAMILIES = ['at', 'console'] as const;
export const Family = z.enum(FAMILIES);
export type Family = z.infer<typeof Family>;

const said = z.string().max(200).nullable();

/**
 * What a unit says of itself, or what its label says. Null: not said.
 * Everything here came from a device or a scanner: treat it as text, never as markup or a path.
 */
export const Identity = z.object({
  maker: said,
  model: said,
  serial: said,
  imei1: said,
  imei2: said,
  meid: said,
  /** Firmware or operating-system version, as the unit words it. */
  firmware: said,
  /** Hardware addresses of network interfaces, lower case with colons, loopback left out. */
  macs: z.array(z.string().max(40)).max(64),
  /** Whatever else the unit said, by the name it used. */
  extra: z.record(z.string().max(80), z.string().max(2000)),
});
export type Identity = z.infer<typeof Identity>;

export const emptyIdentity = (): Identity => ({
  maker: null,
  model: null,
  serial: null,
  imei1: null,
  imei2: null,
  meid: null,
  firmware: null,
  macs: [],
  extra: {},
});

/** The identifiers on the unit's label or papers, typed or scanned. */
export const LabelIdentity = z.object({
  serial: said.default(null),
  imei1: said.default(null),
  imei2: said.default(null),
  meid: said.default(null),
  model: said.default(null),
  /** Tells two units with the same serial number apart. */
  maker: said.optional(),
});
export type LabelIdentity = z.infer<typeof LabelIdentity>;

export const emptyLabel = (): LabelIdentity => ({
  serial: null,
  imei1: null,
  imei2: null,
  meid: null,
  model: null,
});

/** A device under repair. Units and cases are many to many. */
export const Unit = z.object({
  id: Id,
  identity: Identity,
  label: LabelIdentity,
  family: Family.nullable(),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  /** Set while a safety stop blocks every further step on the unit. */
  blocked: z
    .object({
      reason: z.string(),
      since: Instant,
      by: z.string(),
      reportDueAt: Instant,
      reportedAt: Instant.nullable(),
    })
    .nullable(),
});
export type Unit = z.infer<typeof Unit>;
