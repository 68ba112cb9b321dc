import { describe, expect, it } from 'vitest';
import { statementProblems, WipeStatement } from './records.ts';
import { emptyIdentity, LabelIdentity } from './units.ts';

const ID = '01890000-0000-7000-8000-00000000000a';
const BYTES = 4_194_304;

const verified: WipeStatement = WipeStatement.parse({
  schema: 1,
  recordId: ID,
  runId: ID,
  case: { id: ID, number: 'B1-1' },
  mode: 'training',
  unit: { id: ID, identity: { ...emptyIdentity(), serial: 'S1' }, readAt: '2026-01-01T10:00:00.000Z' },
  label: null,
  expected: { serial: 'S1', imei1: null, imei2: null, meid: null, model: null },
  matchedBy: ['serial'],
  method: { name: 'One pass of zeros', technique: 'overwrite', category: 'Clear', encryptionProven: false },
  target: { id: '/dev/mmcblk0', title: 'eMMC', kind: 'disk', bytes: BYTES, model: null, serial: null },
  bytesOverwritten: BYTES,
  bytesReadBack: BYTES,
  pastCache: true,
  verification: { method: 'read-back', result: 'passed', computedBy: 'unit', detail: 'all zeros' },
  verdict: 'verified',
  reasons: [],
  procedure: { id: 'console-wipe', version: 1, hash: '0'.repeat(64) },
  program: { name: 'repairbench', version: '0.1.0' },
  station: { id: ID, name: 'Bench 1' },
  operator: { id: ID, name: 'Ada' },
  consent: { by: 'The customer', ref: 'mail of 1 January' },
  startedAt: '2026-01-01T10:00:01.000Z',
  endedAt: '2026-01-01T10:05:00.000Z',
  artifacts: [],
});

type Change = { [K in keyof WipeStatement]?: Partial<WipeStatement[K]> | WipeStatement[K] };
function problems(change: Change): string[] {
  const merged = Object.fromEntries(
    Object.entries(verified).map(([key, value]) => {
      const other = change[key as keyof WipeStatement];
      const nested = typeof other === 'object' && other !== null && !Array.isArray(other);
      return [key, other === undefined ? value : nested ? { ...(value as object), ...other } : other];
    }),
  );
  return statementProblems(WipeStatement.parse(merged));
}

const directed: Change = {
  method: { technique: 'directed' },
  bytesOverwritten: null,
  bytesReadBack: null,
  pastCache: null,
  target: { id: 'phone', kind: 'phone', bytes: null },
};

describe('“verified” can be signed', () => {
  it('for a whole overwrite, read back past the cache', () => expect(problems({})).toEqual([]));

  it('for a reset that left a state to prove it', () => {
    expect(problems({ ...directed, verification: { method: 'state-after' } })).toEqual([]);
    const purged = { technique: 'directed', category: 'Purge', encryptionProven: true } as const;
    expect(problems({ ...directed, method: purged, verification: { method: 'state-after' } })).toEqual([]);
  });

  it('for a medium that somebody saw destroyed', () => {
    const method = { technique: 'physical', category: 'Destroy' } as const;
    expect(problems({ method, verification: { method: 'witness', computedBy: 'person' } })).toEqual([]);
  });
});

describe('“verified” cannot be signed', () => {
  it.each<[string, Change, string]>([
    ['without a verification', { verification: { method: 'none', result: 'not-done' } }, 'did not pass'],
    ['when it failed', { verification: { result: 'failed' } }, 'did not pass'],
    ['when it was not done', { verification: { result: 'not-done' } }, 'did not pass'],
    ['when nobody computed it', { verification: { computedBy: null } }, 'nobody is named'],
    [
      'for a reset, by itself',
      { ...directed, verification: { method: 'none', result: 'not-done' } },
      'state-after only',
    ],
    ['for an overwrite by its state', { verification: { method: 'state-after' } }, 'read-back only'],
    ['when a byte was not overwritten', { bytesOverwritten: BYTES - 1 }, 'overwritten'],
    ['when it is not known how much was overwritten', { bytesOverwritten: null }, 'overwritten'],
    ['when a byte was not read back', { bytesReadBack: BYTES - 1 }, 'read back'],
    ['when the read-back may be the cache', { pastCache: false }, 'page cache'],
    ['when nobody knows about the cache', { pastCache: null }, 'page cache'],
    [
      'for a target of unknown size',
      { target: { bytes: null }, bytesOverwritten: null, bytesReadBack: null },
      'size',
    ],
    ['for a target of no size', { target: { bytes: 0 }, bytesOverwritten: 0, bytesReadBack: 0 }, 'size'],
    ['when no identifier matched', { matchedBy: [] }, 'no identifier'],
    ['without a category', { method: { category: null } }, 'no category'],
    ['as Purge by overwriting', { method: { category: 'Purge', encryptionProven: true } }, 'Purge'],
    [
      'as Purge without proven encryption',
      { ...directed, method: { technique: 'directed', category: 'Purge' } },
      'Purge',
    ],
    ['as Destroy by overwriting', { method: { category: 'Destroy' } }, 'Destroy'],
    ['when it ends before it starts', { endedAt: '2026-01-01T09:00:00.000Z' }, 'before'],
  ])('%s', (_, change, word) => {
    expect(problems(change).join('; ')).toContain(word);
  });
});

describe('anything else', () => {
  const unverified: Change = {
    ...directed,
    method: { technique: 'directed', category: null },
    verification: { method: 'none', result: 'not-done', computedBy: null },
    verdict: 'unverified',
    reasons: ['Nothing readable afterwards proves the reset.'],
  };

  it.each(['unverified', 'failed', 'interrupted', 'cannot-sanitize'] as const)(
    '%s, with a reason',
    (verdict) => {
      expect(problems({ ...unverified, verdict })).toEqual([]);
    },
  );
  it('claims no category', () => {
    expect(problems({ ...unverified, method: { technique: 'directed' } }).join()).toContain(
      'Clear is claimed',
    );
  });
  it('says why', () => {
    expect(problems({ ...unverified, reasons: [] }).join()).toContain('no reason');
  });
  it('has no result without a method', () => {
    expect(problems({ ...unverified, verification: { method: 'none', result: 'passed' } }).join()).toContain(
      'method',
    );
  });
});

it('takes identities and labels as the rest of the program has them', () => {
  const identity: WipeStatement['unit']['identity'] = emptyIdentity();
  const label: WipeStatement['expected'] = LabelIdentity.parse({});
  expect(problems({ unit: { identity }, label })).toEqual([]);
});

it('a statement has no other fields', () => {
  expect(WipeStatement.safeParse({ ...verified, note: 'x' }).success).toBe(false);
});
