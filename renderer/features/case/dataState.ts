import type { CaseView, DataInstruction } from '../../../shared/model/cases.ts';
import type { Tone } from '../../ui/looks.ts';

/** What a signed paper is called under each instruction. */
export const PAPERS: Readonly<Record<DataInstruction, string>> = {
  wipe: 'Exception',
  keep: 'Waiver',
  destroy: 'Record of destruction',
  'media-returned': 'Receipt',
};

type Seen = Pick<CaseView, 'dataInstruction' | 'dataState' | 'records' | 'consent' | 'withoutUnit'>;

/**
 * How far the customer's data is dealt with, in one line; null when there is nothing to say. Whether it is done
 * is the station's judgement, which also decides whether the unit may leave.
 */
export function dataState(view: Seen): { tone: Tone; word: string } | null {
  const { dataInstruction } = view;
  const { settled, media } = view.dataState;
  const wiped = media.filter((medium) => medium.wiped).length;
  const whole = media.length > 0 && wiped === media.length;
  if (settled) {
    return dataInstruction === 'wipe' && whole
      ? { tone: 'passed', word: 'Wiped, verified' }
      : { tone: 'passed', word: `${PAPERS[dataInstruction]} signed` };
  }
  if (view.withoutUnit) return null;
  if (dataInstruction !== 'wipe') return { tone: 'needs', word: `${PAPERS[dataInstruction]} missing` };
  if (wiped > 0) return { tone: 'needs', word: `${wiped} of ${media.length} media wiped` };
  if (newestVerdict(view.records) === 'unverified') return { tone: 'needs', word: 'Wipe unverified' };
  return view.consent
    ? { tone: 'passed', word: 'Consent on record' }
    : { tone: 'needs', word: 'No consent yet' };
}

const newestVerdict = (records: Seen['records']) =>
  records.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1)?.verdict ?? null;
