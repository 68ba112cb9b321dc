import type { CaseView } from '../../../shared/model/cases.ts';
import type { Policy } from '../../../shared/rma/policy.ts';
import type { Actor } from '../storage/store.ts';
import type { CaseRow } from './rows.ts';
import type { CasesOptions } from './sources.ts';
import type { Units } from './units.ts';
import type { Views } from './views.ts';

/** What the parts of the cases service share. */
export interface Commands {
  readonly options: CasesOptions;
  readonly units: Units;
  readonly views: Views;
  /**
   * Reads, decides and appends in one transaction, and shows the case as it is then. A closed case is
   * refused unless `any` is set.
   */
  change(id: string, work: (row: CaseRow) => void, any?: boolean): CaseView;
  append(actor: Actor, row: CaseRow, kind: string, body: object, seen?: number): void;
  policyOf(row: CaseRow): Policy;
}
