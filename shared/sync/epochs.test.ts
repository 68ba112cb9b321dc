import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseOnPath, epochForms, type KeptHistory, provenUpTo, wayAlong } from './epochs.ts';
import type { Epoch } from './protocol.ts';

const epoch = (name: string, n: number, hash = `hash at ${n}`): Epoch => ({
  id: name,
  n,
  hash,
  signature: `signature of ${name}`,
});
const kept = (readN: number, epochs: Epoch[] = [], left: string[] = []): KeptHistory => ({
  ...{ readN, epochs, left },
  hashAt: (n) => (n <= readN ? `hash at ${n}` : null),
});

describe('where a bench goes on reading', () => {
  it('where it was, at a hub that was never restored or is in the same epoch', () => {
    expect(wayAlong(kept(50), [])).toEqual({ is: 'same' });
    const one = epoch('one', 30);
    expect(wayAlong(kept(50, [one]), [one])).toEqual({ is: 'same' });
  });

  it('at the place the hub went back to, when it had read further', () => {
    const one = epoch('one', 30);
    expect(wayAlong(kept(50), [one])).toEqual({
      ...{ is: 'back', n: 30, epochs: [one], left: [], head: { n: 30, hash: 'hash at 30' } },
    });
    // Two restores that it heard of at once.
    const two = epoch('two', 40);
    expect(wayAlong(kept(50), [one, two])).toMatchObject({ n: 30, head: { n: 40 } });
    expect(wayAlong(kept(50, [one]), [one, two])).toMatchObject({ n: 40, left: [] });
  });

  it('where it was, when it had not read so far: only the path is new', () => {
    const one = epoch('one', 80);
    expect(wayAlong(kept(50), [one])).toMatchObject({ is: 'back', n: 50, head: { n: 80 } });
  });

  it('where the paths part, when the hub was restored from before an epoch that the bench followed', () => {
    const [one, other] = [epoch('one', 30), epoch('other', 20)];
    expect(wayAlong(kept(50, [one]), [other])).toMatchObject({ n: 20, epochs: [other], left: ['one'] });
    // The other backup goes further along what was given up: the bench does not have that.
    const further = epoch('further', 40, 'the hash of the history that was given up');
    expect(wayAlong(kept(50, [one]), [further])).toMatchObject({ is: 'back', n: 30, left: ['one'] });
  });

  it('where the last epoch that both followed is proved, when what the hub kept is not what the bench has read', () => {
    const [one, other] = [epoch('one', 30), epoch('other', 40, 'another hash')];
    // It had read a history that nobody spoke of: the hub’s disk was put back, and then restored from a backup.
    expect(wayAlong(kept(50), [epoch('one', 30, 'another hash')])).toMatchObject({ is: 'back', n: 0 });
    expect(wayAlong(kept(50, [one]), [one, other])).toMatchObject({ is: 'back', n: 30, head: { n: 40 } });
    expect(provenUpTo(kept(50, [one]))).toBe(30);
    expect(provenUpTo(kept(50, [one, other]))).toBe(30);
    expect(provenUpTo(kept(20, [one]))).toBe(0);
    expect(provenUpTo(kept(20))).toBe(0);
  });

  it('nowhere, without a signed epoch that leads there', () => {
    const [one, other] = [epoch('one', 30), epoch('other', 20)];
    // The hub’s disk was put back behind its back: it does not know of the restore any more.
    expect(wayAlong(kept(50, [one]), [])).toEqual({ is: 'rewritten' });
    expect(wayAlong(kept(50, [one, other]), [one])).toEqual({ is: 'rewritten' });
    // An old copy of the hub, in an epoch that was left.
    expect(wayAlong(kept(50, [other], ['one']), [one])).toEqual({ is: 'rewritten' });
  });

  it('never behind what all epochs on both ways prove, and never beyond what it has read', () => {
    const path = fc
      .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(100)), { maxLength: 4 })
      .map((steps) => {
        const names = new Set<string>();
        const unique = steps.filter(([name]) => !names.has(name) && names.add(name));
        const numbers = unique.map(([, n]) => n).sort((x, y) => x - y);
        return unique.map(([name], index) => epoch(name, numbers[index] ?? 0));
      });
    fc.assert(
      fc.property(fc.nat(120), path, path, (readN, mine, theirs) => {
        const way = wayAlong(kept(readN, mine), theirs);
        if (way.is !== 'back') return;
        expect(way.n).toBeLessThanOrEqual(readN);
        const common = theirs.findIndex(({ id }, index) => id !== mine[index]?.id);
        const ends = [theirs[common]?.n, mine[common]?.n, readN].filter((n) => n !== undefined);
        expect(way.n).toBe(Math.min(...ends));
        expect(way.head.n).toBe(theirs.at(-1)?.n);
      }),
    );
  });
});

describe('what an author had read', () => {
  const path = [epoch('one', 30), epoch('two', 60)];

  it('counts as it is in the epoch they read it in', () => {
    expect(baseOnPath({ n: 20, base: 10 }, path)).toBe(10);
    expect(baseOnPath({ n: 50, base: 45, epoch: 'one' }, path)).toBe(45);
    expect(baseOnPath({ n: 90, base: 85, epoch: 'two' }, path)).toBe(85);
    expect(baseOnPath({ n: 5, base: null }, path)).toBeNull();
  });

  it('counts up to the place where the history they read turned off', () => {
    // Made before the first restore, placed after it: 40 was another operation then.
    expect(baseOnPath({ n: 50, base: 40 }, path)).toBe(30);
    expect(baseOnPath({ n: 90, base: 70, epoch: 'one' }, path)).toBe(60);
    expect(baseOnPath({ n: 90, base: 70 }, path)).toBe(30);
  });

  it('counts for nothing in a history that was given up', () => {
    expect(baseOnPath({ n: 90, base: 70, epoch: 'given up' }, path)).toBe(0);
  });

  it('does not change for what is placed already when the hub is restored again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(59), (n, base) => {
        const op = { n, base: Math.min(base, n - 1), epoch: n > 30 ? 'one' : null };
        expect(baseOnPath(op, path)).toBe(baseOnPath(op, path.slice(0, 1)));
      }),
    );
  });
});

it('each epoch is signed with the one before it', () => {
  const [first, second] = epochForms('site', [epoch('one', 30), epoch('two', 60)]);
  expect(JSON.parse(first?.text ?? '')).toEqual([
    'repairbench epoch v1',
    'site',
    null,
    'one',
    30,
    'hash at 30',
  ]);
  expect(JSON.parse(second?.text ?? '')).toEqual([
    'repairbench epoch v1',
    'site',
    'one',
    'two',
    60,
    'hash at 60',
  ]);
  expect(second?.signature).toBe('signature of two');
});
