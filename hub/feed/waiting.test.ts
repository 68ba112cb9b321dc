import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWaiting } from './waiting.ts';

const SITE = 'site';
const HOUR = 3_600_000;
const here = new AbortController().signal;

describe('whoever waits for more of a feed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is woken by a push on this hub, and by nothing before', async () => {
    const waiting = createWaiting(async () => 3);
    let isWoken = false;
    const woken = waiting.beyond(SITE, 3, HOUR, here).then(() => {
      isWoken = true;
    });
    waiting.tell(SITE, 3);
    waiting.tell('another', 4);
    await Promise.resolve();
    expect(isWoken).toBe(false);
    waiting.tell(SITE, 4);
    await woken;
    waiting.close();
  });

  it('does not wait for what came between looking and waiting', async () => {
    // Nobody tells of it any more.
    const waiting = createWaiting(async () => 4, HOUR);
    await waiting.beyond(SITE, 3, HOUR, here);
    waiting.close();
  });

  it('is woken by a push on another hub of the same database', async () => {
    let n = 3;
    const waiting = createWaiting(async () => n, 1000);
    const woken = waiting.beyond(SITE, 3, HOUR, here);
    await vi.advanceTimersByTimeAsync(500);
    n = 4;
    await vi.advanceTimersByTimeAsync(500);
    await woken;
    waiting.close();
  });

  it('goes on waiting while the database is away, until the time is up or it goes itself', async () => {
    const waiting = createWaiting(() => Promise.reject(new Error('away')), 1000);
    const late = waiting.beyond(SITE, 3, 5000, here);
    const gone = new AbortController();
    const left = waiting.beyond(SITE, 3, HOUR, gone.signal);
    await vi.advanceTimersByTimeAsync(5000);
    await late;
    gone.abort();
    await left;
    waiting.close();
  });
});
