import {
  IconArrowsSplit2,
  IconCircleMinus,
  IconEqual,
  IconEyeCheck,
  IconEyeExclamation,
} from '@tabler/icons-react';
import { ENTRY_WORDS, type TimelineEntry } from '../../shared/model/cases.ts';
import type { ChangeMade, Conflict } from '../../shared/model/sync.ts';
import type { Look } from './looks.ts';

const CHOOSE: Look = { tone: 'needs', word: 'Choose', icon: IconArrowsSplit2 };
const LOOK: Look = { tone: 'ready', word: 'Look at it', icon: IconEyeExclamation };

/** What a conflict wants of a person. */
export const conflictLook = ({ needsChoice }: Pick<Conflict, 'needsChoice'>): Look =>
  needsChoice ? CHOOSE : LOOK;

/** `Tess Okafor on Bench 2`. */
export const madeBy = ({ by, bench }: Pick<ChangeMade, 'by' | 'bench'>): string => `${by} on ${bench}`;

/**
 * What became of an entry that does not simply hold. It is loud only while somebody should do something about it.
 * @param open nobody has settled it yet
 */
export function entryLook(outcome: NonNullable<TimelineEntry['outcome']>, open: boolean): Look {
  const word = ENTRY_WORDS[outcome];
  switch (outcome) {
    case 'conflict':
      return { tone: open ? 'needs' : 'ghost', word, icon: IconArrowsSplit2 };
    case 'refused':
      return { tone: open ? 'needs' : 'ghost', word, icon: IconCircleMinus };
    case 'look':
      return open
        ? { tone: 'ready', word, icon: IconEyeExclamation }
        : { tone: 'ghost', word: 'was looked at', icon: IconEyeCheck };
    case 'superseded':
      return { tone: 'ghost', word, icon: IconEqual };
  }
}
