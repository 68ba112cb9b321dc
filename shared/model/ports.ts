import { z } from 'zod';
import { Id, Instant } from './common.ts';
import { Family, Identity } from './units.ts';

/** Line settings of a serial port, remembered per port. A PTY accepts and ignores them. */
export const LineSettings = z.object({
  baudRate: z.number().int().min(50).max(4_000_000),
  dataBits: z.union([z.literal(5), z.literal(6), z.literal(7), z.literal(8)]),
  stopBits: z.union([z.literal(1), z.literal(1.5), z.literal(2)]),
  parity: z.enum(['none', 'even', 'odd']),
  flow: z.enum(['none', 'rtscts', 'xonxoff']),
});
export type LineSettings = z.infer<typeof LineSettings>;

/** What a port that nobody set up speaks. Not in the schema: a change of one member must not reset the others. */
export const DEFAULT_LINE: LineSettings = {
  baudRate: 115_200,
  dataBits: 8,
  stopBits: 1,
  parity: 'none',
  flow: 'none',
};

/** `/dev/ttyUSB0`, any path to a character device, or `tcp:127.0.0.1:5556` (loopback only). */
export const PortAddress = z.string().trim().min(1).max(400);

/**
 * State of a port, one word the same everywhere:
 * - `absent`: remembered, nothing there now
 * - `unread`: something is there; nobody has looked yet (looking could disturb it)
 * - `ready`: identified, idle
 * - `working`: a run or an identification holds it
 * - `needs-you`: a run waits for an answer
 * - `passed` / `failed` / `error` / `interrupted` / `unverified`: how the last run on this unit ended
 * - `silent`: something is there and does not answer (shown within 5 s)
 * - `busy`: held by another program
 * - `no-permission`: the user may not open it
 */
export const PORT_STATES = [
  'absent',
  'unread',
  'ready',
  'working',
  'needs-you',
  'passed',
  'failed',
  'error',
  'interrupted',
  'unverified',
  'silent',
  'busy',
  'no-permission',
] as const;
export const PortState = z.enum(PORT_STATES);
export type PortState = z.infer<typeof PortState>;

/** How far long work is. Bytes where bytes move, otherwise phases. */
export const Progress = z.object({
  /** Phase title. */
  label: z.string(),
  done: z.number().nonnegative(),
  /** Null when the size is not known beforehand. */
  total: z.number().nonnegative().nullable(),
  unit: z.enum(['bytes', 'phases', 'steps']),
  /** Units per second over the last seconds; null until there is enough to tell. */
  rate: z.number().nonnegative().nullable(),
  secondsLeft: z.number().nonnegative().nullable(),
});
export type Progress = z.infer<typeof Progress>;

/** What the operator is asked, in words; the run waits, other ports do not. */
export const PromptView = z.object({
  id: z.string(),
  text: z.string(),
  kind: z.enum(['confirm', 'choice', 'text', 'number', 'photo']),
  choices: z.array(z.object({ value: z.string(), label: z.string() })).default([]),
  unit: z.string().nullable().default(null),
  /** May be left out: an empty answer does. */
  optional: z.boolean().optional(),
});
export type PromptView = z.infer<typeof PromptView>;

export const PortView = z.object({
  id: Id,
  address: PortAddress,
  label: z.string().max(60),
  family: Family.nullable(),
  line: LineSettings,
  /** Name used at a console's login; the password is never sent back. */
  login: z.string().nullable(),
  hasPassword: z.boolean(),
  origin: z.enum(['hotplug', 'added']),
  virtual: z.boolean(),
  state: PortState,
  /** Why, as an error code with its message, when the state is one of trouble. */
  trouble: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  identity: Identity.nullable(),
  /** What `wipe --confirm` and the wipe dialog ask for, and from which identifier. */
  confirmWith: z.enum(['imei', 'serial']).nullable(),
  unitId: Id.nullable(),
  caseId: Id.nullable(),
  caseNumber: z.string().nullable(),
  runId: Id.nullable(),
  runTitle: z.string().nullable(),
  progress: Progress.nullable(),
  prompt: PromptView.nullable(),
  lastSeenAt: Instant.nullable(),
});
export type PortView = z.infer<typeof PortView>;
