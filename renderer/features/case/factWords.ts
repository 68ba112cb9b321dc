import type { CaseFields } from '../../../shared/model/cases.ts';
import { formatDay } from '../../ui/format.ts';
import { DATA_WORDS } from '../../ui/words.ts';

/** What people call the fields of a case. */
export const FACT_WORDS: Readonly<Record<keyof CaseFields, string>> = {
  fault: 'Fault',
  customer: 'Customer',
  contact: 'Contact',
  contract: 'Contract',
  priority: 'Priority',
  tier: 'Tier',
  promisedOn: 'Promised to the customer',
  purchasedOn: 'Bought',
  accessories: 'Accessories',
  condition: 'Condition',
  assigneeId: 'Assignee',
  custodian: 'Who has it',
  place: 'Place',
  dataInstruction: 'Customer’s data',
};

/** A field's value as a sentence shows it. `nameOf` names a person by id. */
export function factText(
  field: keyof CaseFields,
  value: CaseFields[keyof CaseFields],
  nameOf: (id: string) => string,
): string {
  if (value === null || value.length === 0) return 'nothing';
  if (Array.isArray(value)) return value.join(', ');
  switch (field) {
    case 'assigneeId':
      return nameOf(value);
    case 'promisedOn':
    case 'purchasedOn':
      return formatDay(value);
    case 'dataInstruction':
      return DATA_WORDS[value as CaseFields['dataInstruction']].long;
    default:
      return value;
  }
}
