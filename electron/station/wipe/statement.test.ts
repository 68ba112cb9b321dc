import { expect, it } from 'vitest';
import { statementProblems, WipeStatement } from '../../../shared/model/records.ts';
import { testIdentity } from '../procedures/testing.ts';
import type { JournaledPhase, JournaledRun } from '../procedures/types.ts';
import { factsOf } from './facts.ts';
import { writeNotes } from './safety-notes.ts';
import { statementOf } from './statement.ts';
import { isSigned, judgeWipe } from './verdict.ts';

const ID = '01890000-0000-7000-8000-00000000000a';
const AT = '2026-03-02T09:00:00.000Z';
const BYTES = 24 << 20;
const expected = { serial: 'SER12345', imei1: null, imei2: null, meid: null };
const later = { serial: 'CORRECTED1', imei1: null, imei2: null, meid: null };

const phase = (id: string, over: Partial<JournaledPhase>): JournaledPhase => ({
  id,
  title: id,
  section: 'main',
  state: 'done',
  outcome: 'pass',
  startedAt: AT,
  endedAt: AT,
  durationMs: 1,
  message: null,
  errorCode: null,
  measurements: [],
  values: {},
  artifactIds: [],
  action: null,
  destructive: false,
  identity: null,
  target: null,
  ...over,
});

const target = {
  id: '/dev/mmcblk0',
  title: 'Disk /dev/mmcblk0',
  kind: 'disk' as const,
  bytes: BYTES,
  model: 'BJTD4R',
  serial: '0x71d0a5e2',
  allowed: true,
  reasons: [],
};
const notes = writeNotes({
  media: [],
  notReached: ['/dev/mmcblk0boot0', '/dev/mmcblk0rpmb'],
  grounds: { expected, label: null, consent: { by: 'Customer', ref: 'mail' } },
});
const overwritten = { bytes: BYTES, readBackBytes: BYTES, verified: true, pastCache: true, errors: 0 };

const run: JournaledRun = {
  id: ID,
  caseId: ID,
  caseNumber: 'B1-1',
  unitId: ID,
  portId: ID,
  portLabel: 'left',
  procedureId: 'console-wipe',
  procedureVersion: 1,
  procedureTitle: 'Wipe',
  procedureHash: '0'.repeat(64),
  kind: 'wipe',
  state: 'running',
  outcome: null,
  message: null,
  startedAt: AT,
  endedAt: null,
  startedBy: 'Ana',
  startedById: ID,
  programVersion: '1',
  destructive: true,
  inputs: { target: target.id },
  progress: null,
  prompt: null,
  recordId: null,
  phases: [
    phase('wipe-safety', { identity: testIdentity(), target, values: { target: target.id, ...notes } }),
    phase('overwrite', {
      action: 'wipe-overwrite',
      destructive: true,
      values: { ...overwritten, computedBy: 'unit' },
    }),
  ],
};

it('says what authorised the wipe, and which areas of the medium it did not reach', () => {
  const facts = factsOf(run, { outcome: 'pass', message: null, error: null });
  const judgement = judgeWipe(facts);
  if (!isSigned(judgement)) throw new Error('it was started');
  const statement = statementOf(run, facts, judgement, {
    recordId: ID,
    station: { id: ID, name: 'Bench 1', mode: 'live', version: '1' },
    grounds: { expected: later, label: null, consent: null },
    artifactSha256: () => null,
  });
  expect(WipeStatement.parse(statement)).toMatchObject({
    verdict: 'verified',
    expected: { serial: 'SER12345' },
    matchedBy: ['serial'],
    consent: { by: 'Customer', ref: 'mail' },
    verification: {
      result: 'passed',
      detail:
        `${BYTES} bytes read back. Not overwritten: /dev/mmcblk0boot0, /dev/mmcblk0rpmb ` +
        '(boot and key areas of the eMMC, apart from its user area)',
    },
  });
  expect(statementProblems(statement)).toEqual([]);
});
