import type { z } from 'zod';
import { has, type Path } from '../yaml/locate.ts';

/** One mistake in a file, before its place is looked up. */
export interface Finding {
  readonly path: Path;
  /** Point at the key instead of the value. */
  readonly aim?: 'key';
  /** A sentence that says what is wrong and, where it can be told, what is right. */
  readonly message: string;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of fields',
  record: 'a map of fields',
};

/** A zod issue as findings: one for each unknown key, otherwise one. */
export function findingsOf(
  issue: z.core.$ZodIssue,
  input: unknown,
  known: (path: Path) => readonly string[],
): Finding[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      aim: 'key' as const,
      message: `“${key}” is not a field of ${nameOf(path)}${suggestion(key, known(path))}`,
    }));
  }
  if (issue.code === 'invalid_key') {
    return [
      { path, aim: 'key', message: issue.issues[0]?.message ?? `“${String(path.at(-1))}” is no name.` },
    ];
  }
  return [{ path, message: sentence(issue, input) }];
}

function sentence(issue: z.core.$ZodIssue, input: unknown): string {
  const { path } = issue;
  const name = nameOf(path);
  if (!has(input, path) && issue.code !== 'custom') {
    const parent = path.slice(0, -1);
    return `“${String(path.at(-1))}” is missing in ${nameOf(parent)}.`;
  }
  switch (issue.code) {
    case 'invalid_type':
      return `${capital(name)} must be ${TYPES[issue.expected] ?? issue.expected}, not ${kindOf(input, path)}.`;
    case 'invalid_value':
      return `${capital(name)} must be ${oneOf(issue.values.map(String))}${suggestion(String(read(input, path)), issue.values.map(String))}`;
    case 'too_small':
      return `${capital(name)} is too ${issue.origin === 'number' || issue.origin === 'int' ? 'small' : 'short'}: at least ${issue.minimum}${issue.inclusive === false ? ' (not equal)' : ''}.`;
    case 'too_big':
      return `${capital(name)} is too ${issue.origin === 'number' || issue.origin === 'int' ? 'large' : 'long'}: at most ${issue.maximum}.`;
    case 'invalid_union':
      return `${capital(name)} must be text, a number, or true or false.`;
    default:
      return `${capital(name)}: ${issue.message}`;
  }
}

/** What a path is called in a sentence: `timeout of the phase “battery”` needs no more than its last field. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the procedure';
  if (typeof last !== 'number') return `“${String(last)}”`;
  const list = path.at(-2);
  const isSection = list === 'setup' || list === 'main' || list === 'teardown';
  return isSection ? `phase ${last + 1}` : `item ${last + 1} of “${String(list)}”`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const oneOf = (values: readonly string[]): string =>
  values.length === 1 ? `“${values[0]}”` : `one of ${values.map((value) => `“${value}”`).join(', ')}`;

function read(input: unknown, path: Path): unknown {
  let current: unknown = input;
  for (const step of path) current = (current as Record<PropertyKey, unknown> | null | undefined)?.[step];
  return current;
}

function kindOf(input: unknown, path: Path): string {
  const value = read(input, path);
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `the text “${value.length > 40 ? `${value.slice(0, 40)}…` : value}”`;
  if (typeof value === 'object') return 'a map of fields';
  return `“${String(value)}”`;
}

/** “; did you mean “title”?” for what is nearly right, else the list of what there is. Ends the sentence. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (near && near.distance > 0 && near.distance <= Math.max(1, Math.floor(word.length / 3))) {
    return `; did you mean “${near.candidate}”?`;
  }
  return '.';
}

/** Edit distance (insert, delete, replace, swap neighbours), for words of a few letters. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const ways = [at(i - 1, j - 1) + (same ? 0 : 1), at(i - 1, j) + 1, at(i, j - 1) + 1];
      if (i > 1 && j > 1 && swapped) ways.push(at(i - 2, j - 2) + 1);
      rows[i]?.push(Math.min(...ways));
    }
  }
  return at(a.length, b.length);
}
