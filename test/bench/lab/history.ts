import { v7 } from 'uuid';
import type { BareStation } from '../../support/hub.ts';

/** Work as a lab makes it: of each so many entries a case, a move, an edit, and notes. */
export function fillLog(bench: BareStation, entries: number, ofCase = 8): void {
  let id = '';
  const on = (kind: string, body: object) => bench.append(kind, id, body, { caseId: id });
  for (let n = 0; n < entries; n++) {
    if (n % ofCase === 0) id = openCase(bench, n);
    else if (n % ofCase === 1) on('case.moved', { from: 'received', to: 'diagnosing', reason: null });
    else if (n % ofCase === 2) on('case.fields', { fields: { customer: 'Acme' } });
    else on('case.noted', { noteId: v7(), text: 'Swollen battery, lid does not close' });
  }
}

/** @param n makes number and serial */
function openCase(bench: BareStation, n: number): string {
  const id = v7();
  const none = {
    ...{ fault: null, customer: null, contact: null, contract: null, condition: null, assigneeId: null },
    ...{ promisedOn: null, purchasedOn: null, accessories: [], custodian: null, place: null },
  };
  const body = {
    ...{ number: `${bench.prefix}-${n + 1}`, status: 'received', withoutUnit: false },
    policyVersion: 'consumer@1',
    fields: { ...none, priority: 'P3', tier: 'L1', dataInstruction: 'wipe' },
    identifiers: { serial: `SN${bench.prefix}X${n}`, imei1: null, imei2: null, meid: null },
    ...{ identifiersFrom: 'label', unitId: null, label: null, unitArrived: true },
  };
  bench.append('case.opened', id, body, { caseId: id });
  return id;
}
