import type { CauseCode } from '../../../shared/model/cases.ts';
import { CLASS_WORDS, sentence } from '../../ui/words.ts';

/** A code as people read it: `Hardware › Battery › Capacity loss`. */
export const causePath = ({
  class: of,
  component,
  mode,
}: Pick<CauseCode, 'class' | 'component' | 'mode'>): string =>
  [CLASS_WORDS[of], sentence(component), sentence(mode)].join(' › ');

/**
 * Codes in which every typed word occurs, the best first: whole words and beginnings of component and mode
 * count more than keywords, keywords more than the class.
 */
export function searchCauses(codes: readonly CauseCode[], query: string, limit: number): CauseCode[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return codes
    .map((code) => ({ code, score: scoreOf(code, words) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ code }) => code);
}

function scoreOf(code: CauseCode, words: readonly string[]): number {
  const fields = [
    { text: sentence(code.mode).toLowerCase(), weight: 4 },
    { text: sentence(code.component).toLowerCase(), weight: 4 },
    { text: code.code.toLowerCase(), weight: 3 },
    { text: code.keywords.join(' ').toLowerCase(), weight: 2 },
    { text: CLASS_WORDS[code.class].toLowerCase(), weight: 1 },
  ];
  let total = 1;
  for (const word of words) {
    const best = Math.max(...fields.map(({ text, weight }) => weight * occurrence(text, word)));
    if (best === 0) return 0;
    total += best;
  }
  return total;
}

/** 3: a whole word; 2: a word's beginning; 1: anywhere; 0: not at all. */
function occurrence(text: string, word: string): number {
  const at = text.indexOf(word);
  if (at < 0) return 0;
  const parts = text.split(/[^\p{L}\p{N}]+/u);
  if (parts.includes(word)) return 3;
  return parts.some((part) => part.startsWith(word)) ? 2 : 1;
}
