/**
 * What went wrong, for the program (code), for people (message, hint) and for shells (kind → exit code).
 * Each domain lists its codes in a file of its own; `index.ts` joins them into the one catalogue.
 */

/** Whose trouble it is; the command line's exit code follows from it (see `EXIT_CODES`). */
export type ErrorKind =
  /** The unit under repair is bad, or a verification is negative. */
  | 'unit'
  /** What was asked cannot be understood: a form, an argument, a file. */
  | 'input'
  /** The bench is bad: a port, a disk, a timeout, a folder held by another station. */
  | 'bench'
  /** Permission, safety or policy says no. */
  | 'refused'
  /** A person stopped it. */
  | 'aborted';

export interface ErrorSpec {
  readonly kind: ErrorKind;
  /** A sentence that says what is wrong; `{name}` is replaced by the parameter of that name. */
  readonly message: string;
  /** What to do next; may be empty only when the message already says it. */
  readonly hint: string;
}

/** The command line's exit code for each kind. */
export const EXIT_CODES: Readonly<Record<ErrorKind, number>> = {
  unit: 1,
  input: 2,
  bench: 3,
  refused: 4,
  aborted: 130,
};

/** Checks a catalogue's shape at compile time while keeping its codes as literal types. */
export const errorCatalogue = <T extends Record<string, ErrorSpec>>(entries: T): T => entries;
