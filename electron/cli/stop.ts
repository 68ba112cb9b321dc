const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `stop` instead of ending the process when a person or the system wants it to end. Returns what gives
 * the signals back their own meaning.
 */
export function onStop(stop: () => void): () => void {
  for (const signal of SIGNALS) process.on(signal, stop);
  return () => {
    for (const signal of SIGNALS) process.off(signal, stop);
  };
}

/** Something that waiting can be raced against. */
export interface Interruption {
  /** Never resolves; rejects with what was raised. */
  readonly raised: Promise<never>;
  raise(error: unknown): void;
}

export function interruption(): Interruption {
  let raise: (error: unknown) => void = () => {};
  const raised = new Promise<never>((_, reject) => {
    raise = reject;
  });
  // Nobody may be waiting when it comes.
  raised.catch(() => {});
  return { raised, raise };
}
