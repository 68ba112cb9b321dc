import { describe, expect, it } from 'vitest';
import type { SyncView } from '../../shared/model/sync.ts';
import { hubLook, waitingWords } from './hub.ts';

const well: SyncView = {
  url: 'https://hub.example:7420',
  siteName: 'Lab',
  acknowledged: 90,
  pending: 0,
  talkedAt: '2031-05-20T09:00:00.000Z',
  trouble: null,
  troubleSince: null,
};
const apart = (code: string, pending = 12): SyncView => ({
  ...well,
  pending,
  trouble: { code, message: 'The hub does not answer.', hint: 'Work goes on here.' },
  troubleSince: '2031-05-20T09:21:00.000Z',
});
const words = (state: SyncView) => {
  const { icon: _, ...said } = hubLook(state, 'UTC');
  return said;
};

describe('the words for bench and hub', () => {
  it('say that everything is there', () => {
    expect(words(well)).toEqual({
      tone: 'passed',
      word: 'All sent',
      count: null,
      sentence: 'The hub of Lab has every change of this bench.',
    });
  });

  it('count what waits', () => {
    expect(words({ ...well, pending: 12 })).toEqual({
      tone: 'working',
      word: '12 to send',
      count: null,
      sentence: '12 changes wait to be sent to the hub of Lab.',
    });
    expect(waitingWords(1)).toBe('1 change waits to be sent');
  });

  it('say what is wrong, since when, what waits and what to do', () => {
    const { sentence, ...short } = words(apart('sync.unreachable'));
    expect(short).toEqual({ tone: 'needs', word: 'Hub away', count: '12 to send' });
    expect(sentence).toMatch(
      /^The hub does not answer\. Since .*09:21.*\. 12 changes wait to be sent\. Work goes on here\.$/,
    );
    expect(words(apart('sync.not-a-hub', 0))).toMatchObject({ word: 'Hub away', count: null });
  });

  it('tell a hub that refuses from one that is away, and from trouble of the bench itself', () => {
    expect(words(apart('sync.revoked'))).toMatchObject({ tone: 'needs', word: 'Hub refuses' });
    expect(words(apart('sync.rewritten'))).toMatchObject({ tone: 'needs', word: 'Hub trouble' });
    expect(words(apart('storage.full'))).toMatchObject({ tone: 'needs', word: 'Hub trouble' });
  });
});
