const UNITS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof UNITS;

/** `30 s`, `1.5 min`, `2 h`, `500 ms`. */
export const DURATION_PATTERN = /^(\d{1,6}(?:\.\d{1,3})?) ?(ms|s|min|h)$/;
/** A week: timers count at most 24 days, and nothing on a bench takes as long. */
export const LONGEST_MS = 7 * 24 * UNITS.h;

/** Milliseconds of a duration as procedures write it; null when it is none, or zero, or over a week. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = DURATION_PATTERN.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return null;
  const milliseconds = Math.round(Number(amount) * UNITS[unit as Unit]);
  return milliseconds > 0 && milliseconds <= LONGEST_MS ? milliseconds : null;
}
