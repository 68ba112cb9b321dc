import { z } from 'zod';
import { PROCEDURE_KINDS } from '../../../shared/model/runs.ts';
import { Family } from '../../../shared/model/units.ts';
import { RECORD_TARGETS } from '../../../shared/procedures/record.ts';
import { DURATION_PATTERN, parseDuration } from './duration.ts';

/**
 * The file format of procedures, and the only description of it: the loader parses with it, and the schema
 * that editors use is generated from it (`json-schema.ts`). What a schema cannot say (does this action exist,
 * was this value told by an earlier phase) is checked in `check.ts`.
 */

const Slug = (what: string) =>
  z
    .string()
    .max(60)
    .regex(
      /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      `${what} is lower-case words joined by hyphens, e.g. “battery-level”.`,
    );
const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'This is one line of text.');
const paragraph = (max: number) => z.string().trim().min(1).max(max);
const Scalar = z.union([z.string().max(2000), z.number(), z.boolean()]);
const Duration = z
  .string()
  .regex(DURATION_PATTERN, 'A time is a number and a unit: “500 ms”, “30 s”, “5 min”, “2 h”.')
  .transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== null) return milliseconds;
    context.addIssue({ code: 'custom', message: 'A time is more than zero and at most 168 h.' });
    return z.NEVER;
  });
/** `level`: a value of this phase; `lock.state`: of an earlier phase; `inputs.target`: an input. */
const ValueName = z
  .string()
  .regex(
    /^([a-z][a-z0-9-]*\.)?[a-zA-Z][a-zA-Z0-9]*$/,
    'A value is named by its name (“level”) or by phase and name (“lock.state”).',
  );

const Expectation = z
  .strictObject({
    value: ValueName.describe('Value of this phase, or PHASE.VALUE of an earlier one.'),
    equals: Scalar.optional().describe(
      'Must be exactly this; a reference such as $ and {phase.value} compares two values.',
    ),
    differs: Scalar.optional().describe('Must be there and be something else than this.'),
    matches: z
      .string()
      .min(1)
      .max(400)
      .optional()
      .describe('Must be text that fits this regular expression.'),
    in: z.array(Scalar).min(1).max(100).optional().describe('Must be one of these.'),
    notIn: z.array(Scalar).min(1).max(100).optional().describe('Must be there and be none of these.'),
    present: z.boolean().optional().describe('Must be there (true) or must not (false).'),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    otherwise: line(400).describe('The sentence a technician reads when it is not so.'),
  })
  .meta({
    id: 'expectation',
    description:
      'One demand: a value and exactly one of equals, differs, matches, in, notIn, present, atLeast, atMost.',
  });

const MeasureSpec = z
  .strictObject({
    id: Slug('A measurement’s id'),
    title: line(120),
    value: ValueName.describe('Name of the action’s value, or “answer” of a prompt.'),
    unit: z.string().max(20).nullable().default(null).describe('“%”, “V”, “°C”, “dBm”, …'),
    min: z.number().nullable().default(null).describe('Lowest value that passes.'),
    max: z.number().nullable().default(null).describe('Highest value that passes.'),
    equals: Scalar.nullable().default(null).describe('The only value that passes.'),
    source: line(200)
      .nullable()
      .default(null)
      .describe('Where the limit comes from: data sheet, policy, norm.'),
    optional: z.boolean().default(false).describe('Some units do not report it; then it does not count.'),
  })
  .meta({ id: 'measure', description: 'A value to record, with its limits where there are any.' });

export const PROMPT_KINDS = ['confirm', 'choice', 'text', 'number', 'photo'] as const;
const Prompt = z
  .strictObject({
    kind: z.enum(PROMPT_KINDS).describe('What is asked for; “photo” asks for uploaded pictures.'),
    text: paragraph(2000).describe('What the technician is asked, in words.'),
    choices: z
      .array(z.strictObject({ value: Slug('A choice’s value'), label: line(120) }))
      .min(2)
      .max(20)
      .optional()
      .describe('The answers to choose from (kind: choice).'),
    unit: z.string().max(20).nullable().default(null).describe('Unit of a number.'),
    default: Scalar.optional().describe('Taken when nobody is there to answer.'),
    pattern: z.string().min(1).max(400).optional().describe('Text must fit this regular expression.'),
    hint: line(200).optional().describe('Said when the answer does not fit the pattern.'),
    record: z
      .enum(RECORD_TARGETS)
      .optional()
      .describe('Where the answer goes in the case too, once the phase has passed; see docs/procedures.md.'),
  })
  .meta({ id: 'prompt', description: 'A question to the technician. Its answer is the value “answer”.' });

export const Phase = z
  .strictObject({
    id: Slug('A phase’s id').describe(
      'Unique in the procedure. A prompt is answered by it: --answer ID=VALUE.',
    ),
    title: line(120),
    timeout: Duration.optional().describe(
      'Longest time; an action without one has 2 min, a prompt the run’s.',
    ),
    action: z.string().max(60).optional().describe('What the unit is told to do; see docs/procedures.md.'),
    args: z
      .record(z.string().max(60), z.unknown())
      .optional()
      .describe('Arguments of the action; references ($ and {inputs.NAME} or {PHASE.VALUE}) are filled in.'),
    prompt: Prompt.optional(),
    check: z.array(Expectation).min(1).max(50).optional().describe('Only looks at values of earlier phases.'),
    expect: z.array(Expectation).max(50).default([]).describe('What must be so for the phase to pass.'),
    measure: z.array(MeasureSpec).max(50).default([]).describe('What is recorded, with limits.'),
    onFail: z
      .enum(['stop', 'continue'])
      .default('stop')
      .describe('Whether the run goes on when the phase does not pass. Either way the run does not pass.'),
    optional: z
      .boolean()
      .default(false)
      .describe('Skipped with its reason when the unit cannot do it or nobody answers.'),
    restarts: Duration.optional().describe(
      'Only on a destructive action: the unit restarts by itself; wait this long to see the same unit again.',
    ),
  })
  .meta({
    id: 'phase',
    description: 'One step: exactly one of action, prompt or check.',
    oneOf: [{ required: ['action'] }, { required: ['prompt'] }, { required: ['check'] }],
  });
export type Phase = z.output<typeof Phase>;
export type Expectation = z.output<typeof Expectation>;
export type Prompt = z.output<typeof Prompt>;

const Input = z
  .strictObject({
    title: line(120),
    default: z
      .string()
      .max(400)
      .optional()
      .describe('Taken when none is given; without one the input must be given.'),
    pattern: z.string().min(1).max(400).optional().describe('The value must fit this regular expression.'),
  })
  .describe('A value that is given when the run is started.');

const phases = z.array(Phase).max(100);

export const ProcedureFile = z
  .strictObject({
    id: Slug('A procedure’s id').describe('Also the name of the file: ID.yaml.'),
    version: z.number().int().positive().describe('Raised with every change of what it does.'),
    title: line(120),
    summary: paragraph(1000),
    kind: z.enum(PROCEDURE_KINDS),
    families: z
      .array(Family)
      .max(20)
      .describe('Families of units it is for; empty: done by hand, without a port.'),
    destructive: z
      .boolean()
      .default(false)
      .describe('Whether it destroys data: needs consent and confirmation.'),
    shellCommands: z
      .boolean()
      .default(false)
      .describe('Whether it sends commands of its own to the unit (“shell”), which the bench cannot judge.'),
    timeout: Duration.prefault('12 h').describe('Longest time of the whole run, questions included.'),
    teardownTimeout: Duration.prefault('5 min').describe('Longest time of the teardown.'),
    inputs: z
      .record(
        z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/, 'An input’s name is letters and digits.'),
        Input,
      )
      .default({}),
    setup: phases
      .default([])
      .describe('Prepares. When it does not pass, main is left out and teardown runs.'),
    main: phases.min(1),
    teardown: phases.default([]).describe('Always runs: after a failure, a timeout and an abort too.'),
  })
  .describe('A procedure of Repairbench.');
export type ProcedureFile = z.output<typeof ProcedureFile>;

/** A procedure that was loaded and found valid. */
export interface Procedure extends ProcedureFile {
  /** Name of its file, without the folder. */
  readonly file: string;
  /** SHA-256 of the file's bytes, lower-case hexadecimal. */
  readonly hash: string;
}
