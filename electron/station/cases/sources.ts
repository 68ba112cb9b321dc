import type { StationSettings } from '../../../shared/contract/station.ts';
import type { CauseCatalogue, Review } from '../../../shared/model/cases.ts';
import type { Artifact, RecordSummary } from '../../../shared/model/evidence.ts';
import type { RunSummary } from '../../../shared/model/runs.ts';
import type { Family, Identity } from '../../../shared/model/units.ts';
import type { Op } from '../../../shared/ops/define.ts';
import type { WipeListing } from '../../../shared/rma/index.ts';
import type { ToldOp } from '../storage/history.ts';
import type { Actor, Store } from '../storage/store.ts';
import type { Policies } from './resources.ts';

/** What a wipe of a case found and proved. */
export interface CaseWipe extends WipeListing {
  readonly caseId: string;
  readonly runId: string;
  /** The unit it was done on; null proves nothing for a case. */
  readonly unitId: string | null;
}

/** What other services know of a case; asked for, never read out of their tables. */
export interface CaseSources {
  /** Newest first. */
  runs(caseId: string): RunSummary[];
  artifacts(caseId: string): Artifact[];
  records(caseId: string): RecordSummary[];
  /**
   * In one go for many cases: lists ask it for a whole page. `proven` leaves out cases none of whose wipes is
   * verified, so that nothing of them can be wiped.
   */
  wipes(caseIds: readonly string[], which?: 'proven'): readonly CaseWipe[];
  /** What each of many cases waits for a person for because benches disagree; left out: nothing. */
  reviews(caseIds: readonly string[]): ReadonlyMap<string, readonly Review[]>;
  /** The cases that wait for a person so. */
  inReview(review: Review): readonly string[];
  /** The name of the bench; null: this one. */
  benchName(stationId: string): string | null;
  /** Null: nobody has that id. */
  personName(personId: string): string | null;
  /** What hangs on a port; null when nobody has asked it yet. Throws `input.not-found` for no port. */
  port(portId: string): { identity: Identity; family: Family; unitId: string | null } | null;
}

export interface CasesOptions {
  readonly store: Store;
  readonly facts: CaseSources;
  readonly policies: Policies;
  readonly catalogue: CauseCatalogue;
  readonly settings: () => Pick<StationSettings, 'benchPrefix' | 'timeZone'>;
  /** Who has this name and PIN; throws as a sign-in would. */
  readonly verifyPerson: (name: string, pin: string) => Promise<Actor>;
  /** A case's entries of the history, in its order. */
  readonly timeline: (caseId: string) => readonly ToldOp[];
  /** Whether whoever made an entry knew of one that comes before it. */
  readonly knew: (later: ToldOp, earlier: ToldOp) => boolean;
  /** An entry as a sentence. */
  readonly describe: (op: Op) => string;
}
