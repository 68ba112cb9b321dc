/** Whoever holds rows: a transaction of a process. */
export interface Holder {
  readonly process: object;
}

/** Row locks of a database: whoever comes second waits until the first one's transaction ends. */
export class Locks {
  readonly #holders = new Map<string, Holder>();
  readonly #waiting = new Map<string, { readonly by: Holder; readonly go: () => void }[]>();

  /** Resolves when `by` holds the row; a holder may take it again. */
  take(row: string, by: Holder): Promise<void> {
    const holder = this.#holders.get(row);
    if (holder === undefined || holder === by) {
      this.#holders.set(row, by);
      return Promise.resolve();
    }
    return new Promise((go) => {
      const line = this.#waiting.get(row) ?? [];
      line.push({ by, go });
      this.#waiting.set(row, line);
    });
  }

  /** A transaction has ended, and with it everything that it held or waited for. */
  release(by: Holder): void {
    this.#drop((holder) => holder === by);
  }

  /** A process has ended, and with it all its transactions. */
  releaseAll(process: object): void {
    this.#drop((holder) => holder.process === process);
  }

  #drop(isGone: (holder: Holder) => boolean): void {
    for (const [row, line] of this.#waiting) {
      this.#waiting.set(
        row,
        line.filter(({ by }) => !isGone(by)),
      );
    }
    for (const [row, holder] of this.#holders) {
      if (!isGone(holder)) continue;
      const next = this.#waiting.get(row)?.shift();
      if (next) {
        this.#holders.set(row, next.by);
        next.go();
      } else this.#holders.delete(row);
    }
  }
}
