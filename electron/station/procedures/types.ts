import type { WipeTarget } from '../../../shared/contract/work.ts';
import type { BenchError } from '../../../shared/errors/index.ts';
import type {
  CaseIdentifiers,
  DataInstruction,
  IdentityConflict,
  SafetyStop,
  Status,
} from '../../../shared/model/cases.ts';
import type { ArtifactKind } from '../../../shared/model/evidence.ts';
import type { Role } from '../../../shared/model/people.ts';
import type { Progress, PromptView } from '../../../shared/model/ports.ts';
import type { Measurement, Outcome, PhaseResult, RunView } from '../../../shared/model/runs.ts';
import type { Family, Identity, LabelIdentity } from '../../../shared/model/units.ts';
import type { ArtifactSink, UnitSession, Value } from '../drivers/driver.ts';
import type { Actor } from '../storage/store.ts';
import type { Phase, Procedure } from './format.ts';

/** Who starts a run: a signed-in person with a role. */
export interface RunActor extends Actor {
  readonly role: Role;
}

/** A safety stop that nobody has released. */
export type Stop = Pick<SafetyStop, 'reason' | 'reportDueAt' | 'reportedAt'>;

/** What a run needs to know of its case; a `CaseView` has all of it. */
export interface RunCase {
  readonly id: string;
  readonly number: string;
  readonly status: Status;
  readonly unit: {
    readonly id: string;
    readonly label: LabelIdentity;
    readonly blocked: Stop | null;
  } | null;
  /** What the case expects its unit to say. */
  readonly identifiers?: CaseIdentifiers | undefined;
  /** Where unit, label and case disagree now. */
  readonly conflicts: readonly IdentityConflict[];
  readonly fields: { readonly dataInstruction: DataInstruction };
  readonly consent: { readonly by: string; readonly ref: string } | null;
  /** A safety stop of the case. */
  readonly safety?: Stop | null | undefined;
}

export type Values = Readonly<Record<string, Value>>;

/** A phase as the journal has it: what windows see, and what the rules of a wipe look at afterwards. */
export interface JournaledPhase extends PhaseResult {
  /** The driver's action; null for questions, checks and what the bench itself does. */
  readonly action: string | null;
  readonly destructive: boolean;
  /** Who the unit said it was, where the phase asked. */
  readonly identity: Identity | null;
  /** What was to be wiped, where the phase looked. */
  readonly target: WipeTarget | null;
}

/** A run as the journal has it. */
export interface JournaledRun extends RunView {
  readonly startedById: string;
  readonly destructive: boolean;
  readonly inputs: Readonly<Record<string, string>>;
  readonly phases: JournaledPhase[];
}

/** How a phase ended, on its way into the journal. */
export interface PhaseEnd {
  readonly title: string;
  readonly state: 'done' | 'skipped';
  readonly outcome: Outcome | null;
  readonly durationMs: number;
  readonly message: string | null;
  readonly errorCode: string | null;
  readonly values: Values;
  readonly measurements: readonly Measurement[];
  readonly artifactIds: readonly string[];
  readonly unitId: string | null;
  readonly identity: Identity | null;
  readonly target: WipeTarget | null;
}

/**
 * Where the runner writes what happens, before and after each phase. A call that returned is on disk;
 * one that throws stops the run.
 */
export interface RunJournal {
  phaseStarted(phaseId: string): void;
  /** `actor` is who answered, for questions; otherwise who started the run. */
  phaseEnded(phaseId: string, end: PhaseEnd, actor: Actor | null): void;
}

/** Opens a session on the port that a run holds; again, when the unit restarts in between. */
export type OpenSession = (
  actor: Actor,
  signal: AbortSignal,
  use: (session: UnitSession, identity: Identity) => Promise<void>,
) => Promise<void>;

/** What runs need of the ports. */
export interface RunPorts {
  get(portId: string): { readonly label: string; readonly family: Family | null };
  /** Holds the port while `work` runs; rejects at once, in words, when somebody else holds it. */
  withRun<T>(
    portId: string,
    run: { id: string; title: string },
    work: (open: OpenSession) => Promise<T>,
  ): Promise<T>;
  /** A short look that is no run; leaves the port as it was. */
  look<T>(
    actor: Actor,
    portId: string,
    title: string,
    use: (session: UnitSession, identity: Identity, signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  runProgress(portId: string, progress: Progress | null, prompt: PromptView | null): void;
  runEnded(portId: string, outcome: Outcome, error: BenchError | null): void;
}

/** How a run ended. */
export interface RunEnd {
  readonly outcome: Outcome;
  /** A sentence for people when it did not pass. */
  readonly message: string | null;
  /** What decided the outcome. */
  readonly error: BenchError | null;
}

/** The unit at a port, for one run that holds the port. */
export interface UnitAccess {
  /** Opens a session, lets `use` work on it, closes it; may be called again after a restart of the unit. */
  open(signal: AbortSignal, use: (session: UnitSession, identity: Identity) => Promise<void>): Promise<void>;
  /** Compares the unit with the case; throws when it is not the case's. Returns the unit's id where known. */
  check(identity: Identity): string | null;
}

/** What is asked before data is destroyed. */
export interface DestructiveRequest {
  /** With the role that they have now; null when they were taken off the bench. */
  readonly actor: Actor & { readonly role: Role | null };
  readonly procedure: Procedure;
  readonly inputs: Readonly<Record<string, string>>;
  /** What the person typed or scanned to confirm. */
  readonly confirm: string | null;
  /** The case as it is now. */
  readonly rmaCase: RunCase;
}

export interface DestructiveMoment {
  /** Reads case and person anew; to be called after everything that waits. */
  readonly request: () => DestructiveRequest;
  readonly session: UnitSession;
  readonly signal: AbortSignal;
  /** The phase that is about to destroy, and its arguments. */
  readonly phase: Phase;
  readonly args: unknown;
  /** What the actions of this run told so far, newest last. */
  readonly told: readonly { readonly action: string; readonly values: Values }[];
}

/** What was found right before, for the journal. */
export interface Authorisation {
  readonly identity: Identity;
  readonly target: WipeTarget | null;
  readonly values: Values;
}

/** What a passed safety check found, for whoever adds up what of a unit was wiped. */
export interface SafetyCheck {
  readonly runId: string;
  readonly caseId: string;
  readonly unitId: string | null;
  /** When it was over. */
  readonly at: string;
  readonly values: Values;
}

/** The rules of destructive procedures, kept by the wipe folder and passed in. */
export interface DestructiveRules {
  /** Everything that can be known without the unit. Throws BenchError. */
  preflight(request: DestructiveRequest): void;
  /** Everything, with the unit at hand, right before. Throws BenchError. */
  authorise(moment: DestructiveMoment): Promise<Authorisation>;
  /** Whether the unit that is back after a restart is the same. Throws BenchError. */
  rematch(before: Identity, now: Identity): void;
  /**
   * Decides how the run ends and signs the record, for every run of a destructive procedure: passed, failed,
   * stopped, or found cut off at the next start; a run that destroyed nothing has none. Called inside the
   * transaction that ends the run. Throws `record.untruthful`, `input.invalid`, `input.not-found` when there is
   * nothing that can be signed, with nothing written; anything else means that the transaction has failed.
   */
  settle(run: JournaledRun, end: RunEnd, actor: Actor): RunEnd & { readonly recordId: string | null };
}

export type OpenArtifact = (info: {
  readonly kind: ArtifactKind;
  readonly name: string;
  readonly mime: string;
}) => Promise<ArtifactSink>;
