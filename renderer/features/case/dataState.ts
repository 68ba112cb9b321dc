import type { CaseView, DataInstruction } from '../../../shared/model/cases.ts';
import type { Tone } from '../../ui/looks.ts';

/** What a signed paper is called under each instruction. */
export const PAPERS: Readonly<Record<DataInstruction, string>> = {
  wipe: 'Exception',
  keep: 'Waiver',
  destroy: 'Record of destruction',
  'media-returned': 'Receipt',
};

type Seen = Pick<CaseView, 'dataInstruction' | 'dataException' | 'records' | 'consent' | 'withoutUnit'>;

/** How far the customer's data is dealt with, in one line; null when there is nothing to say. */
export function dataState(view: Seen): { tone: Tone; word: string } | null {
  const { dataInstruction, dataException } = view;
  if (dataInstruction === 'wipe' && view.records.some(({ verdict }) => verdict === 'verified')) {
    return { tone: 'passed', word: 'Wiped, verified' };
  }
  if (dataException && (dataException.instruction ?? dataInstruction) === dataInstruction) {
    return { tone: 'passed', word: `${PAPERS[dataInstruction]} signed` };
  }
  if (view.withoutUnit) return null;
  if (dataInstruction !== 'wipe') return { tone: 'needs', word: `${PAPERS[dataInstruction]} missing` };
  return view.consent
    ? { tone: 'passed', word: 'Consent on record' }
    : { tone: 'needs', word: 'No consent yet' };
}
