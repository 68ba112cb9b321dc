import { strongMatch } from '../../../shared/identity/index.ts';
import { IDENTIFIERS, type WipeStatement } from '../../../shared/model/records.ts';
import { emptyIdentity } from '../../../shared/model/units.ts';
import type { JournaledRun } from '../procedures/types.ts';
import { count, destructivePhase, safetyPhase, TECHNIQUES } from './facts.ts';
import { type Grounds, readNotes } from './safety-notes.ts';
import type { SignedJudgement, WipeFacts } from './verdict.ts';

/** Everything a record states that is not in the run itself. */
export interface StatementContext {
  readonly recordId: string;
  readonly station: {
    readonly id: string;
    readonly name: string;
    readonly mode: 'live' | 'training';
    readonly version: string;
  };
  /** What the case says now; counts only where the journal does not say what authorised the wipe. */
  readonly grounds: Grounds;
  /** SHA-256 of an artifact's content; null when it is not registered. */
  readonly artifactSha256: (id: string) => string | null;
}

const WORDS_LIMIT = 2000;
const cut = (text: string, limit = WORDS_LIMIT): string => text.slice(0, limit);

/** The statement of a run's wipe, ready to be signed. It claims what the judgement allows, and nothing more. */
export function statementOf(
  run: JournaledRun,
  facts: WipeFacts,
  { verdict, reasons }: SignedJudgement,
  context: StatementContext,
): WipeStatement {
  const { station } = context;
  const safety = safetyPhase(run);
  const notes = readNotes(safety?.values ?? {});
  const { expected, label, consent } = notes.grounds ?? context.grounds;
  const asked = safety?.identity ? safety : run.phases.find(({ identity }) => identity !== null);
  const identity = asked?.identity ?? emptyIdentity();
  const matched = strongMatch(identity, expected).fields.filter(({ agrees }) => agrees);
  const phase = destructivePhase(run);
  const technique = TECHNIQUES[phase?.action ?? ''] ?? 'directed';
  // ISO 8601 in UTC sorts as time does.
  const ends = [run.startedAt, ...run.phases.flatMap(({ endedAt }) => endedAt ?? [])].sort();
  return {
    schema: 1,
    recordId: context.recordId,
    runId: run.id,
    case: { id: run.caseId, number: cut(run.caseNumber, 40) },
    mode: station.mode,
    unit: { id: run.unitId, identity, readAt: asked?.endedAt ?? run.startedAt },
    label,
    expected: { ...expected, model: null },
    matchedBy: IDENTIFIERS.filter((field) => matched.some((match) => match.field === field)),
    method: {
      name: cut(methodName(technique, phase?.values.method), 200),
      technique,
      // A reset or an overwrite is Clear and no more, unless encryption is proven; and only when verified.
      category: verdict === 'verified' ? 'Clear' : null,
      encryptionProven: false,
    },
    target: targetOf(run, technique),
    bytesOverwritten: facts.overwrite?.bytes ?? null,
    bytesReadBack: facts.overwrite?.readBackBytes ?? null,
    pastCache: facts.overwrite?.readBackBytes ? facts.overwrite.pastCache : null,
    verification: withLimits(verificationOf(facts, phase?.values.computedBy), notes.notReached),
    verdict,
    reasons: reasons.map((reason) => cut(reason)),
    procedure: { id: run.procedureId, version: run.procedureVersion, hash: run.procedureHash },
    program: { name: 'Repairbench', version: cut(station.version, 80) },
    station: { id: station.id, name: cut(station.name, 80) },
    operator: { id: run.startedById, name: cut(run.startedBy, 80) },
    consent: consent && { by: cut(consent.by, 200), ref: cut(consent.ref, 200) },
    startedAt: run.startedAt,
    endedAt: ends.at(-1) ?? run.startedAt,
    artifacts: run.phases
      .flatMap(({ artifactIds }) => artifactIds)
      .flatMap((id) => {
        const sha256 = context.artifactSha256(id);
        return sha256 === null ? [] : [{ id, sha256 }];
      }),
  };
}

const methodName = (technique: 'overwrite' | 'directed', said: unknown): string => {
  if (typeof said === 'string' && said !== '') return said;
  return technique === 'overwrite'
    ? 'Overwrite of every addressable byte'
    : 'Factory reset by the maker’s command';
};

function targetOf(run: JournaledRun, technique: 'overwrite' | 'directed'): WipeStatement['target'] {
  const found = safetyPhase(run)?.target;
  const text = (value: string | null, limit: number) => value && cut(value, limit);
  if (found) {
    const { kind } = found;
    return {
      id: cut(found.id, 400),
      title: cut(found.title, 400),
      kind,
      bytes: count(found.bytes),
      model: text(found.model, 200),
      serial: text(found.serial, 200),
    };
  }
  const id = run.inputs.target ?? (technique === 'directed' ? 'phone' : 'unknown');
  const kind = technique === 'directed' ? 'phone' : 'disk';
  return { id, title: 'Never looked at', kind, bytes: null, model: null, serial: null };
}

function verificationOf({ overwrite, reset }: WipeFacts, computedBy: unknown): WipeStatement['verification'] {
  if (overwrite?.readBackBytes) {
    const { verified } = overwrite;
    return {
      method: 'read-back',
      result: verified === null ? 'not-done' : verified ? 'passed' : 'failed',
      computedBy: computedBy === 'unit' || computedBy === 'bench' ? computedBy : null,
      detail: `${overwrite.readBackBytes} bytes read back`,
    };
  }
  if (reset?.proven) {
    return {
      method: 'state-after',
      result: 'passed',
      computedBy: 'bench',
      detail: cut(reset.evidence ?? ''),
    };
  }
  return { method: 'none', result: 'not-done', computedBy: null, detail: cut(reset?.evidence ?? '') };
}

/** What a verification does not speak of is said where it is read. */
function withLimits(
  verification: WipeStatement['verification'],
  notReached: readonly string[],
): WipeStatement['verification'] {
  if (notReached.length === 0) return verification;
  const limit = `Not overwritten: ${notReached.join(', ')} (boot and key areas of the eMMC, apart from its user area)`;
  return { ...verification, detail: cut([verification.detail, limit].filter(Boolean).join('. ')) };
}
