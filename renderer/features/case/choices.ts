import { DATA_INSTRUCTIONS, statusWords } from '../../../shared/model/cases.ts';
import type { Conflict, ConflictPart } from '../../../shared/model/sync.ts';
import { formatDay } from '../../ui/format.ts';
import { DATA_WORDS, sentence } from '../../ui/words.ts';

type Parts = Pick<Conflict, 'parts'>;
type Asked = Parts & Pick<Conflict, 'needsChoice'>;

/** The one part that is not a field of the case. */
const STATUS = 'status';
const DAYS: ReadonlySet<string> = new Set(['promisedOn', 'purchasedOn']);
const listed = new Intl.ListFormat('en-GB');

/** What is taken over of what a person chose: what has become impossible meanwhile stays as it stands. */
export const takenOf = ({ parts }: Parts, chosen: ReadonlySet<string>): ConflictPart[] =>
  parts.filter(({ key, blocked }) => chosen.has(key) && blocked === null);

/** What the button will do, in words. */
export function settleWords({ needsChoice, parts }: Asked, taken: readonly ConflictPart[]): string {
  if (!needsChoice) return 'I have looked at it';
  if (taken.length === 0) return 'Keep what stands';
  const status = taken.find(({ key }) => key === STATUS);
  if (status) return `Move it to ${status.wanted}`;
  const over = `Take over ${listed.format(taken.map(({ title }) => title))}`;
  return taken.length < parts.length ? `${over}, keep the rest` : over;
}

/** What the button did, in words. */
export function settledWords({ needsChoice }: Asked, taken: readonly ConflictPart[]): string {
  if (!needsChoice) return 'Looked at.';
  if (taken.length === 0) return 'Settled: what stands was kept.';
  return `Settled: ${listed.format(taken.map(({ title }) => title))} taken over.`;
}

/** What stands above the two sides: why one of them holds, or what one of them could not know. */
export function sideWords(conflict: Pick<Conflict, 'needsChoice' | 'before' | 'other'>): {
  readonly before: string;
  readonly change: string;
} {
  const { needsChoice, before, other } = conflict;
  if (needsChoice) return { before: 'Came first and stands', change: 'Came later and did not hold' };
  if (before.length === 0) return { before: '', change: 'Had no effect' };
  return other
    ? { before: `Came first, on case ${other.number}`, change: 'Came later, on this case' }
    : { before: 'Came first', change: 'Was done without knowing of it' };
}

/** A value of a part as the rest of the page writes it. */
export function valueWords({ key }: Pick<ConflictPart, 'key'>, text: string): string {
  if (DAYS.has(key) && /^\d{4}-\d{2}-\d{2}$/.test(text)) return formatDay(text);
  if (key === STATUS) return sentence(text);
  const instruction =
    key === 'dataInstruction' && DATA_INSTRUCTIONS.find((each) => statusWords(each) === text);
  return instruction ? DATA_WORDS[instruction].long : text;
}
