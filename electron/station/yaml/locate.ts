import { type Document, isCollection, isMap, isScalar, type LineCounter, type Node, type Pair } from 'yaml';

/** Where something stands in a file; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type Path = readonly PropertyKey[];

/** What to point at: the value, its key, or the value where it exists and else what should hold it. */
export type Aim = 'value' | 'key';

/** Finds where a path of the parsed value stands in the text. */
export function placeOf(document: Document, counter: LineCounter, path: Path, aim: Aim = 'value'): Place {
  return at(counter, offsetOf(document, path, aim));
}

/** Line and column of a character offset. */
export function at(counter: LineCounter, offset: number): Place {
  const { line, col } = counter.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function offsetOf(document: Document, path: Path, aim: Aim): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    const pair = isMap(node) ? node.items.find((item) => keyOf(item) === String(step)) : undefined;
    const child: unknown = pair
      ? pair.value
      : isCollection(node) && !isMap(node)
        ? node.get(Number(step), true)
        : undefined;
    if (pair === undefined && child === undefined) return offset;
    const ofKey = pair ? startOf(pair.key) : undefined;
    offset = (last && aim === 'key' ? ofKey : undefined) ?? startOf(child) ?? ofKey ?? offset;
    node = child;
  }
  return offset;
}

const keyOf = ({ key }: Pair): string => String(isScalar(key) ? key.value : key);

function startOf(node: unknown): number | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range ? range[0] : undefined;
}

/** Whether the parsed value has anything at the path. */
export function has(value: unknown, path: Path): boolean {
  let current: unknown = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return false;
    current = (current as Record<PropertyKey, unknown>)[step];
  }
  return current !== undefined;
}
