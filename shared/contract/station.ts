import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { Id, Instant, text } from '../model/common.ts';
import { Person, PersonName, Pin, Role, Session } from '../model/people.ts';
import { PortView, Progress, PromptView } from '../model/ports.ts';
import { administering, doing, open, reading } from './base.ts';

/** Raised when a call's meaning changes; a client and a station of different numbers say so and stop. */
export const PROTOCOL = 1;
/** The largest piece a call reads or uploads, in bytes. */
export const RANGE_LIMIT = 1024 * 1024;

/**
 * A window's calls say here how many seconds nobody has touched it: only use prolongs a session, not what the window
 * reads by itself. Without it a call counts as use.
 */
export const IDLE_HEADER = 'idle-seconds';

export const MODES = ['live', 'training'] as const;

export const Hello = z.object({
  protocol: z.number().int(),
  version: z.string(),
  /** `new`: no bench in the data folder yet; `locked`: its key is not at hand; `ready`: sign in. */
  state: z.enum(['new', 'locked', 'ready']),
  /** Locked for this host alone: the key lies in the user's keychain, which the desktop app can ask. */
  keyElsewhere: z.boolean(),
  mode: z.enum(MODES).nullable(),
  stationName: z.string().nullable(),
  /** Names that may be picked at sign-in. */
  people: z.array(z.object({ name: z.string(), role: Role })),
});

/** A change somebody made; `topics` says what to read again. */
export const ChangeEvent = z.object({
  type: z.literal('changed'),
  /** Pass it to `watch` to get what was missed. */
  cursor: z.number().int(),
  /** `cases`, `case:ID`, `run:ID`, `people`, `settings`. */
  topics: z.array(z.string()),
});
/** The cursor is unknown (another station, or too long ago): read everything again. */
export const ResetEvent = z.object({ type: z.literal('reset'), cursor: z.number().int() });
export const PortEvent = z.object({ type: z.literal('port'), port: PortView });
export const PortGoneEvent = z.object({ type: z.literal('port-gone'), portId: Id });
/** At most ten a second for each run. */
export const RunEvent = z.object({
  type: z.literal('run'),
  runId: Id,
  caseId: Id,
  progress: Progress.nullable(),
  prompt: PromptView.nullable(),
});
export const StationEvent = z.discriminatedUnion('type', [
  ChangeEvent,
  ResetEvent,
  PortEvent,
  PortGoneEvent,
  RunEvent,
]);
export type StationEvent = z.infer<typeof StationEvent>;

export const BenchPrefix = z
  .string()
  .regex(/^[A-Z][A-Z0-9]{0,5}$/, 'One to six capitals and digits, a capital first.');

/** Whether dates can be written in this zone. */
export function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

export const StationSettings = z.object({
  stationName: text(40),
  /** Prefix of case numbers, unique among the site's benches, e.g. `B2`. */
  benchPrefix: BenchPrefix,
  /** IANA zone for people's times. */
  timeZone: z.string().max(60).refine(isTimeZone, 'Name an IANA time zone, such as Europe/Vienna.'),
  /** Minutes without use until a session ends. */
  sessionMinutes: z
    .number()
    .int()
    .min(5)
    .max(24 * 60),
  productSafetyContact: z.string().max(200).nullable(),
});
export type StationSettings = z.infer<typeof StationSettings>;

export const station = {
  hello: open.input(z.object({ protocol: z.number().int(), client: text(60) })).output(Hello),
  /** First start: makes the bench, its first administrator and the recovery key (shown once). */
  init: open
    .input(
      z.object({
        mode: z.enum(MODES).default('live'),
        admin: z.object({ name: PersonName, pin: Pin }),
        settings: StationSettings.partial().default({}),
      }),
    )
    .output(z.object({ recoveryKey: z.string(), session: Session })),
  /** Opens a bench whose key is not at hand, with the printed recovery key. */
  unlock: open.input(z.object({ recoveryKey: text(200) })).output(z.object({ ok: z.literal(true) })),
  /** Makes another recovery key, shown once; the old one opens nothing any more. Asks for the caller's own PIN. */
  newRecoveryKey: administering.input(z.object({ pin: Pin })).output(z.object({ recoveryKey: z.string() })),
  events: reading
    .input(z.object({ cursor: z.number().int().nullable() }))
    .output(eventIterator(StationEvent)),
  settings: reading.output(StationSettings),
  setSettings: administering.input(StationSettings.partial()).output(StationSettings),
  /** Everything a support person asks first; no customer data, no secrets. */
  doctor: open.output(
    z.object({
      ok: z.boolean(),
      checks: z.array(
        z.object({
          id: z.string(),
          title: z.string(),
          ok: z.boolean(),
          detail: z.string(),
          hint: z.string().nullable(),
        }),
      ),
    }),
  ),
  /** Writes a complete, encrypted copy of the data folder to a path on the station's machine. */
  backup: administering
    .input(z.object({ path: z.string().min(1).max(1000) }))
    .output(z.object({ path: z.string(), bytes: z.number(), artifacts: z.number(), sha256: z.string() })),
  /** Runs under way, so that a window may ask before it closes. */
  activeRuns: open.output(z.array(z.object({ runId: Id, title: z.string(), caseNumber: z.string() }))),
};

export const session = {
  signIn: open.input(z.object({ name: PersonName, pin: Pin })).output(Session),
  /** Gives an administrator who forgot it a new PIN: whoever holds the printed recovery key may. */
  resetPin: open
    .input(z.object({ recoveryKey: text(200), name: PersonName, pin: Pin }))
    .output(z.object({ ok: z.literal(true) })),
  signOut: reading.output(z.object({ ok: z.literal(true) })),
  me: reading.output(z.object({ person: Person, expiresAt: Instant })),
  setMyPin: reading.input(z.object({ current: Pin, next: Pin })).output(z.object({ ok: z.literal(true) })),
};

export const people = {
  list: reading.output(z.array(Person)),
  add: administering.input(z.object({ name: PersonName, role: Role, pin: Pin })).output(Person),
  update: administering
    .input(z.object({ id: Id, role: Role.optional(), active: z.boolean().optional(), pin: Pin.optional() }))
    .output(Person),
};

export const ports = {
  list: reading.output(z.array(PortView)),
  add: doing
    .input(
      z.object({
        address: PortView.shape.address,
        label: z.string().trim().max(60).optional(),
        /** Null: work it out when asked to identify. */
        family: PortView.shape.family.default(null),
        line: PortView.shape.line.partial().default({}),
        login: z.string().max(100).nullable().default(null),
        password: z.string().max(200).nullable().default(null),
      }),
    )
    .output(PortView),
  update: doing
    .input(
      z.object({
        id: Id,
        label: z.string().trim().min(1).max(60).optional(),
        family: PortView.shape.family.optional(),
        line: PortView.shape.line.partial().optional(),
        login: z.string().max(100).nullable().optional(),
        password: z.string().max(200).nullable().optional(),
      }),
    )
    .output(PortView),
  forget: doing.input(z.object({ id: Id })).output(z.object({ ok: z.literal(true) })),
  /** Opens the port and asks what hangs on it: only ever on request, because asking can disturb. */
  identify: doing.input(z.object({ id: Id })).output(PortView),
};
