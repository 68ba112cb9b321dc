import { describe, expect, it } from 'vitest';
import type { BlobsView, SyncView } from '../../shared/model/sync.ts';
import {
  exchangedWords,
  filesTrouble,
  hubLook,
  openCounts,
  openLooks,
  openWords,
  readWords,
  sentWords,
} from './hub.ts';

const well: SyncView = {
  url: 'https://hub.example:7420',
  siteName: 'Lab',
  acknowledged: 90,
  pending: 0,
  read: 200,
  unread: 0,
  conflicts: 0,
  toLookAt: 0,
  talkedAt: '2031-05-20T09:00:00.000Z',
  trouble: null,
  troubleSince: null,
};
const apart = (code: string, more: Partial<SyncView> = { pending: 12 }): SyncView => ({
  ...well,
  ...more,
  trouble: { code, message: 'The hub does not answer.', hint: 'Work goes on here.' },
  troubleSince: '2031-05-20T09:21:00.000Z',
});
const words = (state: SyncView, files: BlobsView | null = null) => {
  const { icon: _, ...said } = hubLook(state, files, 'UTC');
  return said;
};
const waiting: BlobsView = { pending: 2, pendingBytes: 18_200_000, trouble: null, troubleSince: null };
const stuck = (code: string): BlobsView => ({
  ...waiting,
  trouble: { code, message: '“box.jpg”: too large.', hint: 'It stays on this bench.' },
  troubleSince: '2031-05-20T09:21:00.000Z',
});

describe('the words for bench and hub', () => {
  it('say that everything is there, and here', () => {
    expect(words(well)).toEqual({
      tone: 'passed',
      word: 'All sent',
      count: null,
      sentence: 'The hub of Lab has every change of this bench. Everything of the other benches is here.',
    });
  });

  it('count what waits to be sent', () => {
    expect(words({ ...well, pending: 12 })).toEqual({
      tone: 'working',
      word: '12 to send',
      count: null,
      sentence: '12 changes wait to be sent.',
    });
    expect(sentWords({ pending: 1 }, null)).toBe('1 change waits to be sent.');
    expect(sentWords({ pending: 0 }, null)).toBe('The hub has everything of this bench.');
  });

  it('count the files that wait to be sent, and how much they are', () => {
    expect(words(well, waiting)).toEqual({
      tone: 'working',
      word: '2 files to send',
      count: null,
      sentence: '2 files (18.2 MB) wait to be sent.',
    });
    expect(words({ ...well, pending: 12 }, waiting)).toMatchObject({
      word: '12 to send',
      count: '2 files',
      sentence: '12 changes and 2 files (18.2 MB) wait to be sent.',
    });
    expect(sentWords({ pending: 0 }, { ...waiting, pending: 1 })).toBe('1 file (18.2 MB) waits to be sent.');
    expect(sentWords({ pending: 0 }, { ...waiting, pending: 0 })).toBe(
      'The hub has everything of this bench.',
    );
  });

  it('say why files cannot be sent, and since when', () => {
    const { sentence, ...short } = words(well, stuck('blob.too-large'));
    expect(short).toEqual({ tone: 'needs', word: 'Files stuck', count: '2 files' });
    expect(sentence).toMatch(
      /^“box\.jpg”: too large\. Since .*09:21.*\. 2 files \(18\.2 MB\) wait to be sent\. It stays on this bench\.$/,
    );
    expect(words({ ...well, conflicts: 1 }, stuck('blob.hub-full'))).toMatchObject({
      word: '1 conflict',
      count: 'Files stuck',
    });
  });

  it('say once what keeps changes and files here alike', () => {
    const files = stuck('sync.unreachable');
    expect(words(apart('sync.unreachable'), files)).toMatchObject({ word: 'Hub away', count: '12 to send' });
    expect(words(apart('sync.revoked'), stuck('sync.revoked')).sentence).not.toContain('box.jpg');
    // The hub was heard again since the files were tried last.
    expect(words(well, files)).toMatchObject({ tone: 'working', word: '2 files to send' });
    expect(filesTrouble(well, files)).toBeNull();
    expect(filesTrouble(apart('sync.unreachable'), stuck('artifact.damaged'))?.code).toBe('artifact.damaged');
  });

  it('count what waits to be read', () => {
    expect(words({ ...well, unread: 1_200, pending: 3 })).toEqual({
      tone: 'working',
      word: 'Reading 1\u202f200',
      count: '3 to send',
      sentence: '3 changes wait to be sent. 1\u202f200 changes of other benches wait to be read.',
    });
    expect(readWords({ unread: 1, trouble: null })).toBe('1 change of another bench waits to be read.');
  });

  it('say what an exchange did', () => {
    expect(exchangedWords({ pushed: 3, pulled: 1_200 })).toBe('3 sent, 1\u202f200 read.');
  });

  it('put what waits for a person before what goes on by itself', () => {
    expect(words({ ...well, conflicts: 2, toLookAt: 1, pending: 3, unread: 40 })).toMatchObject({
      tone: 'needs',
      word: '2 conflicts',
      count: '1 to look at',
    });
    const { sentence, ...short } = words({ ...well, toLookAt: 1 });
    expect(short).toEqual({ tone: 'ready', word: '1 to look at', count: null });
    expect(sentence).toMatch(/^1 change to look at\. Work met work of another bench/);
    expect(openWords({ conflicts: 1, toLookAt: 2 })).toBe('1 conflict and 2 changes to look at');
    expect(openWords(well)).toBeNull();
    expect(openCounts({ conflicts: 0, toLookAt: 2 })).toEqual([
      { review: 'to-look-at', words: '2 changes to look at' },
    ]);
    expect(openLooks({ conflicts: 1, toLookAt: 2 }).map(({ word }) => word)).toEqual([
      '1 conflict',
      '2 to look at',
    ]);
  });

  it('say what is wrong, since when, what waits and what to do', () => {
    const { sentence, ...short } = words(apart('sync.unreachable'));
    expect(short).toEqual({ tone: 'needs', word: 'Hub away', count: '12 to send' });
    expect(sentence).toMatch(
      /^The hub does not answer\. Since .*09:21.*\. 12 changes wait to be sent\. Work goes on here\.$/,
    );
    expect(words(apart('sync.not-a-hub', {}))).toMatchObject({ word: 'Hub away', count: null });
    expect(words(apart('sync.not-a-hub', { conflicts: 1, pending: 2 }))).toMatchObject({
      word: 'Hub away',
      count: '1 conflict',
    });
  });

  it('claim nothing of the other benches while the hub is away', () => {
    expect(words(apart('sync.unreachable', { unread: 7 }))).toMatchObject({ word: 'Hub away', count: null });
    expect(readWords(apart('sync.unreachable', {}))).toMatch(/at the last contact/);
  });

  it('tell a hub that refuses from one that is away, and from trouble of the bench itself', () => {
    expect(words(apart('sync.revoked'))).toMatchObject({ tone: 'needs', word: 'Hub refuses' });
    expect(words(apart('sync.rewritten'))).toMatchObject({ tone: 'needs', word: 'Hub trouble' });
    expect(words(apart('storage.full'))).toMatchObject({ tone: 'needs', word: 'Hub trouble' });
  });
});
