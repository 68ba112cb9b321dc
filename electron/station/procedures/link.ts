import type { Identity } from '../../../shared/model/units.ts';
import type { UnitSession } from '../drivers/driver.ts';
import type { Timers } from './timers.ts';
import type { UnitAccess } from './types.ts';

/** Closing may talk to the unit (log out); one that does not answer must not hold the run. */
const CLOSE_LIMIT_MS = 30_000;

/**
 * The run's one connection to its unit. `lost` means that nothing can be asked of it any more: the unit went
 * away, or does not stop with what it was told; only `connect` makes it whole again.
 */
export interface UnitLink {
  readonly session: UnitSession | null;
  readonly lost: boolean;
  /** Opens a session (the old one is closed first) and tells who answers. */
  connect(signal: AbortSignal): Promise<Identity>;
  giveUp(): void;
  /** Closes the session and waits for it, a while. Never rejects. */
  close(): Promise<void>;
}

export function unitLink(access: UnitAccess, timers: Timers, log: (line: string) => void): UnitLink {
  let session: UnitSession | null = null;
  let lost = false;
  let letGo = () => {};
  /** Counts attempts, so that one that was given up and opens late is closed at once. */
  let attempt = 0;
  let lease: Promise<void> = Promise.resolve();

  async function close(): Promise<void> {
    session = null;
    attempt += 1;
    letGo();
    await new Promise<void>((resolve) => {
      const cancel = timers.after(CLOSE_LIMIT_MS, () => {
        log('the session did not close in time');
        resolve();
      });
      void lease.then(() => {
        cancel();
        resolve();
      });
    });
  }

  return {
    get session() {
      return lost ? null : session;
    },
    get lost() {
      return lost;
    },
    giveUp() {
      lost = true;
    },
    close,
    async connect(signal) {
      await close();
      lost = false;
      const own = attempt;
      const released = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      return new Promise<Identity>((resolve, reject) => {
        // The port part closes the session when `use` ends, so `use` lasts until it is let go.
        const open = access.open(signal, async (opened, identity) => {
          if (own !== attempt) return;
          session = opened;
          resolve(identity);
          await released;
        });
        lease = open.then(
          () => reject(new Error('the session ended before it began')),
          (error: unknown) => {
            log(`session: ${error instanceof Error ? error.message : String(error)}`);
            reject(error);
          },
        );
      });
    },
  };
}
