import type { Value } from '../drivers/driver.ts';

/** `${inputs.target}`, `${identify.serial}`. */
const REFERENCE = /\$\{\s*([a-z][a-z0-9-]*)\.([a-zA-Z][a-zA-Z0-9]*)\s*\}/g;
/** Anything that begins like a reference; what `REFERENCE` does not take of it is a mistake. */
const REFERENCE_START = /\$\{/g;

export interface Reference {
  /** `inputs`, or the id of a phase. */
  readonly scope: string;
  readonly name: string;
}

/** The references in a text, and whether something in it looks like one and is none. */
export function referencesIn(text: string): { references: Reference[]; malformed: boolean } {
  const references = [...text.matchAll(REFERENCE)].map(([, scope = '', name = '']) => ({ scope, name }));
  return { references, malformed: [...text.matchAll(REFERENCE_START)].length !== references.length };
}

/** A text inside arguments, with the path that leads to it. */
export interface FoundText {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** Every text in a value made of lists and maps, in order. */
export function textsIn(value: unknown, path: readonly (string | number)[] = []): FoundText[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, [...path, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => textsIn(item, [...path, key]));
  }
  return [];
}

/** Tells a reference's value; undefined when nothing told it. */
export type Resolve = (reference: Reference) => Value | undefined;

/** Names the reference that had no value. */
export class MissingValue extends Error {
  readonly reference: Reference;

  constructor(reference: Reference) {
    super(`no value for ${reference.scope}.${reference.name}`);
    this.reference = reference;
  }
}

/**
 * Fills in the references of a value made of lists and maps. A text that is one reference and nothing else
 * becomes the value itself, so that numbers stay numbers; inside a longer text it is written out.
 * Values are filled in once: what a unit says is never read as a reference again.
 * Throws `MissingValue`.
 */
export function substitute(value: unknown, resolve: Resolve): unknown {
  if (typeof value === 'string') return substituteText(value, resolve);
  if (Array.isArray(value)) return value.map((item) => substitute(item, resolve));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item, resolve)]));
  }
  return value;
}

function substituteText(text: string, resolve: Resolve): Value {
  const found = (reference: Reference): string | number | boolean => {
    const value = resolve(reference);
    if (value === undefined || value === null) throw new MissingValue(reference);
    return value;
  };
  const { references } = referencesIn(text);
  const [only] = references;
  if (only && references.length === 1 && text.trim().replace(REFERENCE, '') === '') return found(only);
  return text.replace(REFERENCE, (_, scope: string, name: string) => String(found({ scope, name })));
}
