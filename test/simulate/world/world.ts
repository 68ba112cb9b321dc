import { Random } from './random.ts';

/** What happened in a universe, for whoever looks at a failure. */
export interface Happening {
  readonly ms: number;
  readonly what: string;
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** The first instant of every universe. */
const BEGIN = Date.UTC(2026, 0, 5, 8);

/**
 * Time, chance and order of one universe. Nothing happens but what was put on its list, one after the other; everything
 * that waits, waits here. The same seed gives the same universe.
 */
export class World {
  readonly random: Random;
  /** Virtual milliseconds since 1970. */
  now = BEGIN;
  /** Steps so far: a clock that never stands still. */
  steps = 0;
  readonly #due: Due[] = [];
  #order = 0;
  readonly #told: Happening[] | null;

  constructor(seed: string, isTold = false) {
    this.random = new Random(seed);
    this.#told = isTold ? [] : null;
  }

  /** What happened, when it was asked to be told. */
  get told(): readonly Happening[] {
    return this.#told ?? [];
  }

  get isTold(): boolean {
    return this.#told !== null;
  }

  tell(what: string): void {
    this.#told?.push({ ms: this.now - BEGIN, what });
  }

  iso(offsetMs = 0): string {
    return new Date(this.now + offsetMs).toISOString();
  }

  /** @param ms rounded: an instant has no fractions */
  after(ms: number, run: () => void): void {
    this.#order += 1;
    push(this.#due, { at: this.now + Math.round(ms), order: this.#order, run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lets everything happen until `isOver`, or until nothing is left that could. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const next = pop(this.#due) ?? (await this.#late());
      if (!next) return;
      this.now = Math.max(this.now, next.at);
      this.steps += 1;
      next.run();
      // What it set off runs to where it waits again: only then comes the next.
      await idle();
    }
  }

  /** What still comes when nothing was left: long work gives way to other work now and then. */
  async #late(): Promise<Due | undefined> {
    for (let turn = 0; turn < LATE_TURNS && this.#due.length === 0; turn++) await idle();
    return pop(this.#due);
  }
}

const LATE_TURNS = 50;

const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const isBefore = (a: Due, b: Due) => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap. */
function push(heap: Due[], due: Due): void {
  let at = heap.push(due) - 1;
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = heap[up] as Due;
    if (!isBefore(due, parent)) break;
    heap[at] = parent;
    at = up;
  }
  heap[at] = due;
}

function pop(heap: Due[]): Due | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (heap.length === 0 || !last) return first;
  let at = 0;
  for (;;) {
    let down = 2 * at + 1;
    if (down >= heap.length) break;
    const [left, right] = [heap[down] as Due, heap[down + 1]];
    if (right && isBefore(right, left)) down += 1;
    const child = heap[down] as Due;
    if (!isBefore(child, last)) break;
    heap[at] = child;
    at = down;
  }
  heap[at] = last;
  return first;
}
