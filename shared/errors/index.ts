import { caseErrors } from './cases.ts';
import { type ErrorKind, type ErrorSpec, EXIT_CODES } from './catalogue.ts';
import { commonErrors } from './common.ts';
import { deviceErrors } from './devices.ts';
import { evidenceErrors } from './evidence.ts';
import { hubErrors } from './hub.ts';
import { peopleErrors } from './people.ts';
import { procedureErrors } from './procedures.ts';
import { storageErrors } from './storage.ts';
import { syncErrors } from './sync.ts';
import { wipeErrors } from './wipe.ts';

export { type ErrorKind, EXIT_CODES } from './catalogue.ts';

/** Every error a person can see, by code. */
export const ERRORS = {
  ...commonErrors,
  ...deviceErrors,
  ...caseErrors,
  ...evidenceErrors,
  ...hubErrors,
  ...peopleErrors,
  ...procedureErrors,
  ...storageErrors,
  ...syncErrors,
  ...wipeErrors,
};

export type ErrorCode = keyof typeof ERRORS;

/** Values that fill a message's `{name}` places. */
export type ErrorParams = Readonly<Record<string, string | number | boolean>>;

/** Fills the places of a message; a missing parameter stays visible as `{name}`. */
export function formatMessage(template: string, params: ErrorParams): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) =>
    name in params ? String(params[name]) : place,
  );
}

/**
 * The one error of the domain. Nobody matches on its message: `code` says what it is,
 * `params` what it is about, and the catalogue holds the words.
 */
export class BenchError extends Error {
  readonly code: ErrorCode;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, params: ErrorParams = {}, options?: { cause?: unknown }) {
    super(formatMessage(ERRORS[code].message, params), options);
    this.name = 'BenchError';
    this.code = code;
    this.params = params;
  }

  get kind(): ErrorKind {
    return (ERRORS[this.code] as ErrorSpec).kind;
  }

  get hint(): string {
    return formatMessage(ERRORS[this.code].hint, this.params);
  }

  get exitCode(): number {
    return EXIT_CODES[this.kind];
  }
}

/** Whether `error` is the domain's error, optionally with one of the given codes. */
export function isBenchError(error: unknown, ...codes: ErrorCode[]): error is BenchError {
  return error instanceof BenchError && (codes.length === 0 || codes.includes(error.code));
}

/** Any thrown thing as a BenchError: domain errors as they are, the rest as `bench.internal`. */
export function toBenchError(error: unknown): BenchError {
  if (error instanceof BenchError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new BenchError('bench.internal', { detail }, { cause: error });
}
