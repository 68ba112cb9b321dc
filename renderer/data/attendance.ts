/** How often use is told to the station, in milliseconds; it keeps a session's end to the minute. */
const TELL_EVERY = 60_000;

/** What a session needs now: nothing, that the station hears of its use, or its end. */
export type Needed = 'nothing' | 'telling' | 'end';

export type Attendance = ReturnType<typeof createAttendance>;

/**
 * Whether somebody is at this window. Only a hand on keyboard, screen or mouse is use; what the window reads by
 * itself, because something changed elsewhere, is none. It works without the station too: a window that lost it
 * does not stay open either.
 * @param now milliseconds of the wall clock, so that the sleep of a suspended machine counts
 */
export function createAttendance(now: () => number = Date.now) {
  let used = now();
  let told = now();
  /** Milliseconds that a session lasts after its last use. */
  let span = Number.POSITIVE_INFINITY;
  return {
    /** A key, a tap, a turn of the wheel. */
    use(): void {
      used = now();
    },
    idleSeconds: (): number => Math.max(0, (now() - used) / 1000),
    /** A session starts in this window, or goes on after a reload: the station is asked how long it lasts. */
    begin(expiresAt: string): void {
      used = now();
      told = used - TELL_EVERY;
      span = Date.parse(expiresAt) - used;
    },
    /** The station was told of the use at `toldAt` and gave this end. */
    granted(expiresAt: string, toldAt: number): void {
      told = toldAt;
      span = Date.parse(expiresAt) - toldAt;
    },
    now,
    needed(): Needed {
      if (now() >= used + span) return 'end';
      return used > told && now() - told >= TELL_EVERY ? 'telling' : 'nothing';
    },
  };
}
