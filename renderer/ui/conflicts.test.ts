import { describe, expect, it } from 'vitest';
import { conflictLook, entryLook } from './conflicts.ts';

describe('how conflicts look', () => {
  it('tell what wants a choice from what wants a look', () => {
    expect(conflictLook({ needsChoice: true })).toMatchObject({ tone: 'needs', word: 'Choose' });
    expect(conflictLook({ needsChoice: false })).toMatchObject({ tone: 'ready', word: 'Look at it' });
  });

  it('mark an entry loudly only while it waits for somebody', () => {
    const said = (outcome: Parameters<typeof entryLook>[0]) =>
      [true, false].map((open) => {
        const { tone, word } = entryLook(outcome, open);
        return [tone, word];
      });
    expect(said('conflict')).toEqual([
      ['needs', 'did not hold'],
      ['ghost', 'did not hold'],
    ]);
    expect(said('refused')).toEqual([
      ['needs', 'had no effect'],
      ['ghost', 'had no effect'],
    ]);
    expect(said('look')).toEqual([
      ['ready', 'look at it'],
      ['ghost', 'was looked at'],
    ]);
    expect(said('superseded')).toEqual([
      ['ghost', 'was so already'],
      ['ghost', 'was so already'],
    ]);
  });
});
