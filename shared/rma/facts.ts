import type { CauseClass, DataInstruction, IdentityConflict, Status } from '../model/cases.ts';
import type { MediumState } from './media.ts';

/**
 * Everything about a case that decides which moves it may make: a plain object, so that the rules can be
 * asked without a database, on the bench, at the hub and in tests alike.
 */
export interface CaseFacts {
  readonly status: Status;
  /** A claim after loss or theft, say: nothing will arrive. */
  readonly withoutUnit: boolean;
  /** The unit is or was in the lab: it was received, or read on a port. */
  readonly unitArrived: boolean;
  readonly conflicts: readonly Pick<IdentityConflict, 'field' | 'message'>[];
  /** A safety stop that nobody has released. */
  readonly safetyStop: {
    readonly reason: string;
    readonly reportDueAt: string;
    readonly reportedAt: string | null;
  } | null;
  readonly dataInstruction: DataInstruction;
  /** The customer's consent to the wipe is on record. */
  readonly wipeConsent: boolean;
  /** The case awaited the customer's approval at some time: work needs it from then on. */
  readonly approvalAwaited: boolean;
  /** The customer approved the repair since the case last awaited it. */
  readonly approval: boolean;
  /** The media of this unit, as it is now, that its newest wipe listed; none while nothing was listed. */
  readonly media: readonly MediumState[];
  /**
   * The data instruction under which QA signed a paper: an exception (`wipe`), the waiver (`keep`), the
   * record of destruction (`destroy`), the receipt (`media-returned`). It counts for that one only, and for
   * the unit it was signed for, as that is now.
   */
  readonly signedFor: DataInstruction | null;
  readonly causes: readonly { readonly class: CauseClass; readonly role: 'primary' | 'contributing' }[];
  /** A diagnosis or inspection of this unit passed. */
  readonly passedRun: boolean;
  /** Title of a run that is under way for the case. */
  readonly running: string | null;
}

/** A case as it is when a unit was just received and nothing else happened. */
export const freshFacts = (changes: Partial<CaseFacts> = {}): CaseFacts => ({
  status: 'received',
  withoutUnit: false,
  unitArrived: true,
  conflicts: [],
  safetyStop: null,
  dataInstruction: 'wipe',
  wipeConsent: false,
  approvalAwaited: false,
  approval: false,
  media: [],
  signedFor: null,
  causes: [],
  passedRun: false,
  running: null,
  ...changes,
});
