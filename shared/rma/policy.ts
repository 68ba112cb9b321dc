import { z } from 'zod';

/** Money in minor units of the policy's currency (cents). */
const Money = z.number().int().nonnegative();
const Percent = z.number().min(0).max(100);
const limits = { message: 'min must not be above max' };
const MoneyRange = z.strictObject({ min: Money, max: Money }).refine(({ min, max }) => min <= max, limits);
const PercentRange = z
  .strictObject({ min: Percent, max: Percent })
  .refine(({ min, max }) => min <= max, limits);

const Minutes = z.strictObject({ minutes: z.number().int().positive() });
const Hours = z.strictObject({ hours: z.number().int().positive() });
/** A time of all hours, for clocks that never pause: safety reports, escalations. */
const Fixed = z.union([Minutes, Hours]);
export type FixedSpan = z.infer<typeof Fixed>;

/** How long a term or a clock lasts; calendar units follow the site's zone and holidays. */
const Span = z.union([
  Minutes,
  Hours,
  z.strictObject({ days: z.number().int().positive() }),
  z.strictObject({ businessDays: z.number().int().positive() }),
  z.strictObject({ months: z.number().int().positive() }),
]);

/** One warranty term. Null in a policy: no separate term for it. */
const Term = z.strictObject({
  from: z.enum(['purchase', 'activation']).default('purchase'),
  lasts: Span,
  /** A term that the customer buys; it lasts at most this long. */
  purchasable: z.boolean().default(false),
});

const Warranty = z.strictObject({
  hardware: Term.nullable(),
  battery: Term.nullable(),
  software: Term.nullable(),
  covers: z.strictObject({
    manufacturingDefects: z.boolean(),
    parts: z.boolean(),
    labour: z.boolean(),
    userDamage: z.boolean(),
    accidentalDamage: z.boolean(),
    /** Certain mechanical failures, as the plan's own terms list them. */
    mechanicalFailure: z.boolean(),
    theft: z.boolean(),
    preExisting: z.boolean(),
  }),
  /** A claim of a protection plan: what it needs and how it is decided. */
  claim: z
    .strictObject({
      needsPlanNumber: z.boolean(),
      documents: z.array(z.string().min(1).max(100)),
      decisions: z.array(z.enum(['repair', 'replacement', 'reimbursement'])).min(1),
    })
    .nullable(),
});

const Prices = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code, e.g. EUR'),
  moduleReplacement: MoneyRange,
  boardRepair: MoneyRange,
  /** Percent of the retail price, by age. */
  unitReplacement: PercentRange,
  /** Percent of the current retail price when a unit is beyond repair or not covered. */
  beyondRepair: Percent,
  expedited: MoneyRange,
  restocking: z.strictObject({ percent: Percent, withinDays: z.number().int().positive() }),
  /** Above it, compensation needs a supervisor. */
  compensationApprovalAbove: Money,
  /** Above it, a claim escalates. */
  claimEscalationAbove: Money,
});

const ClockEvent = z.enum([
  'mail-request',
  'onsite-request',
  'opened',
  'received',
  'diagnosed',
  'approved',
  'decided',
  'ready',
  'shipped',
  'safety-stop',
  'safety-reported',
  'escalated',
  'acknowledged',
  'customer-told',
]);

const Clock = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower case, digits and hyphens'),
  title: z.string().min(1).max(100),
  starts: ClockEvent,
  stops: z.array(ClockEvent).min(1),
  /** States in which it stands still. */
  pauses: z.array(z.enum(['awaiting-approval', 'awaiting-parts'])).default([]),
  calendar: z.enum(['business', 'all']),
  /** The one limit, or one for each priority. */
  due: z.union([Span, z.strictObject({ P1: Span, P2: Span, P3: Span })]),
  /** The better limit of an expedited case. */
  expedited: Span.nullable().default(null),
});

/**
 * A policy: what the lab promises, as data. A case names the one it was opened under with its version, so
 * a changed promise is a new version and never changes cases that are under way.
 */
export const Policy = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower case, digits and hyphens'),
  version: z.number().int().positive(),
  title: z.string().min(1).max(100),
  /** The policy of cases that name none. */
  default: z.boolean().default(false),
  warranty: Warranty,
  prices: Prices,
  clocks: z
    .array(Clock)
    .refine(
      (clocks) => new Set(clocks.map((clock) => clock.id)).size === clocks.length,
      'two clocks have the same id',
    ),
  /** From a safety stop until product safety must have been told. */
  safetyReport: Fixed,
  /** From an escalation until the higher tier must have taken it up. */
  escalation: Fixed,
  /** Repairs of the same fault within this time count as repeat failures. */
  repeatWithin: Span,
  /** What an enterprise contract pays back for each breach, and at most, in percent of the month's fee. */
  serviceCredit: z.strictObject({ perBreach: Percent, atMost: Percent }),
  loaners: z.strictObject({ deposit: Money, extensionPerDay: Money }),
  /** Business days within which a refund is paid after inspection. */
  refundBusinessDays: z
    .strictObject({ min: z.number().int().positive(), max: z.number().int().positive() })
    .refine(({ min, max }) => min <= max, limits),
});
export type Policy = z.infer<typeof Policy>;

/** How a case names its policy: `rugged@1`. */
export const policyVersion = (policy: Pick<Policy, 'id' | 'version'>): string =>
  `${policy.id}@${policy.version}`;

/** A fixed span in milliseconds. */
export const spanMs = (span: FixedSpan): number =>
  ('minutes' in span ? span.minutes : span.hours * 60) * 60_000;
