import { type CaseFields, type CaseView, statusWords, TIERS } from '../model/cases.ts';
import { type Blocker, blocked } from './guards.ts';
import { LEFT_LAB } from './states.ts';

/**
 * Why facts of a case cannot be changed to these values, whoever asks; null: they can. What stays as it is is no
 * change.
 * @param isPerson whether somebody has that id
 */
export function editBlocker(
  { number, status, fields: before }: Pick<CaseView, 'number' | 'status' | 'fields'>,
  wanted: Partial<CaseFields>,
  isPerson: (id: string) => boolean,
): Blocker | null {
  if (status === 'closed') return blocked('case.closed', { number });
  const { dataInstruction = before.dataInstruction, tier = before.tier, assigneeId } = wanted;
  if (dataInstruction !== before.dataInstruction && LEFT_LAB.has(status)) {
    return blocked('case.unit-left', { number, status: statusWords(status) });
  }
  if (TIERS.indexOf(tier) > TIERS.indexOf(before.tier)) {
    return blocked('case.tier-escalates', { number, tier: before.tier });
  }
  if (assigneeId && assigneeId !== before.assigneeId && !isPerson(assigneeId)) {
    return blocked('input.not-found', { what: 'person', id: assigneeId });
  }
  return null;
}
