import { describe, expect, it } from 'vitest';
import type { PortView } from '../../../shared/model/ports.ts';
import type { ProcedureSummary } from '../../../shared/model/runs.ts';
import { emptyIdentity } from '../../../shared/model/units.ts';
import { offeredProcedures, portsFor } from './offers.ts';

const procedure = (id: string, rest: Partial<ProcedureSummary>): ProcedureSummary => ({
  id,
  version: 1,
  title: id,
  summary: '',
  kind: 'diagnosis',
  families: ['at'],
  needsPort: true,
  destructive: false,
  hash: '0'.repeat(64),
  ...rest,
});
const all = [
  procedure('at-wipe', { kind: 'wipe', destructive: true }),
  procedure('at-diagnosis', {}),
  procedure('console-intake', { kind: 'intake', families: ['console'] }),
  procedure('at-intake', { kind: 'intake' }),
  procedure('inspection', { kind: 'inspection', needsPort: false, families: [] }),
];
const ids = (list: ProcedureSummary[]): string[] => list.map(({ id }) => id);

describe('what can be run', () => {
  it('fits the family and puts what erases last', () => {
    expect(ids(offeredProcedures(all, 'at', 'any'))).toEqual([
      'at-intake',
      'at-diagnosis',
      'inspection',
      'at-wipe',
    ]);
  });
  it('leaves a dead unit its manual inspection', () => {
    expect(ids(offeredProcedures(all, null, 'any'))).toEqual(['inspection']);
  });
  it('offers what the person came for', () => {
    expect(ids(offeredProcedures(all, 'at', 'intake'))).toEqual(['at-intake']);
    expect(ids(offeredProcedures(all, 'at', { procedureId: 'at-diagnosis' }))).toEqual(['at-diagnosis']);
    expect(ids(offeredProcedures(all, null, 'diagnosis'))).toEqual(['inspection']);
  });
  it('offers wipes alone when a wipe is asked for', () => {
    expect(ids(offeredProcedures(all, 'at', 'wipe'))).toEqual(['at-wipe']);
  });
});

describe('ports of a case', () => {
  const port = (id: string, rest: Partial<PortView>) =>
    ({ id, identity: emptyIdentity(), state: 'ready', caseId: null, unitId: null, ...rest }) as PortView;
  it('are those with its unit on them', () => {
    const ports = [
      port('a', { caseId: 'case' }),
      port('b', { unitId: 'unit' }),
      port('c', { caseId: 'other' }),
      port('d', { caseId: 'case', state: 'absent' }),
      port('e', { caseId: 'case', identity: null }),
    ];
    expect(portsFor({ id: 'case', unit: { id: 'unit' } as never }, ports).map(({ id }) => id)).toEqual([
      'a',
      'b',
    ]);
  });
});
