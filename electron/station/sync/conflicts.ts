import { BenchError, isBenchError } from '../../../shared/errors/index.ts';
import { type CaseFields, type CaseView, type Status, statusWords } from '../../../shared/model/cases.ts';
import type { ChangeMade, Conflict, ConflictPart } from '../../../shared/model/sync.ts';
import { FIELD_TITLES } from '../../../shared/ops/cases.ts';
import type { Op } from '../../../shared/ops/define.ts';
import { editBlocker } from '../../../shared/rma/index.ts';
import type { Outcome, Unseen } from '../../../shared/sync/merge.ts';
import type { ToldOp } from '../storage/history.ts';
import type { LogStore } from '../storage/log.ts';
import type { Actor } from '../storage/store.ts';
import { benchName } from './directory.ts';

export interface ConflictsOptions {
  readonly log: LogStore;
  /** The case as it stands. Throws `input.not-found`. */
  caseOf(id: string): CaseView;
  personName(id: string): string | null;
  describe(op: Op): string;
  /** What a person can change on a case; refused as any change is. */
  readonly edit: (actor: Actor, input: { id: string; fields: Partial<CaseFields> }) => unknown;
  readonly move: (actor: Actor, input: { id: string; to: Status; reason?: string | undefined }) => unknown;
}

interface Review {
  readonly n: number;
  readonly caseId: string;
  readonly isConflict: 0 | 1;
}

const STATUS = 'status';
const list = (names: readonly string[]) => new Intl.ListFormat('en').format(names.map((name) => `“${name}”`));

/**
 * Changes that met changes of other benches. The order in which the hub got them decided what stands; a person decides
 * whether that is what should stand. Settling is a change like any other, on every bench.
 */
export function createConflicts(options: ConflictsOptions) {
  const { log, caseOf, personName, describe } = options;
  const open = log.db.prepare(
    `SELECT n, case_id AS caseId, is_conflict AS isConflict FROM reviews
     WHERE settled IS NULL AND case_id = coalesce(?, case_id) ORDER BY n`,
  );

  const made = (op: ToldOp): ChangeMade => ({
    by: op.actorName,
    bench: benchName(log.db, op.stationId) ?? 'another bench',
    at: op.at,
    text: op.body === null ? op.kind : describe(op),
  });

  function words(name: string, value: unknown): string {
    if (value === null || value === undefined || value === '') return 'none';
    if (name === 'assigneeId') return personName(String(value)) ?? 'somebody of another bench';
    if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
    return name === 'dataInstruction' ? statusWords(value as Status) : String(value);
  }

  const unseenOf = (outcome: Outcome | null): readonly Unseen[] =>
    outcome?.is === 'applied' || outcome?.is === 'conflict' ? outcome.unseen : [];

  /** What two changes of one thing are about, as it stands now. */
  function partsOf(op: ToldOp, now: CaseView): ConflictPart[] {
    if (op.outcome?.is !== 'conflict') return [];
    if (op.kind === 'case.moved') {
      const { to } = op.body as { to: Status };
      const move = now.moves.find((each) => each.to === to);
      const blocked = move
        ? (move.reasons[0]?.message ?? null)
        : `A case cannot go from “${statusWords(now.status)}” to “${statusWords(to)}”.`;
      return [
        { key: STATUS, title: 'status', stands: statusWords(now.status), wanted: statusWords(to), blocked },
      ];
    }
    const { fields } = op.body as { fields: Partial<CaseFields> };
    const lost = unseenOf(op.outcome).filter(({ code }) => code === 'field-edited');
    return lost.map(({ what }) => {
      const name = what as keyof CaseFields;
      const blocker = editBlocker(now, { [name]: fields[name] }, (id) => personName(id) !== null);
      return {
        key: name,
        title: FIELD_TITLES[name] ?? name,
        stands: words(name, now.fields[name]),
        wanted: words(name, fields[name]),
        blocked: blocker && new BenchError(blocker.code, blocker.params).message,
      };
    });
  }

  function otherOf(op: ToldOp): Conflict['other'] {
    const found = unseenOf(op.outcome).find(
      ({ code }) => code === 'unit-elsewhere' || code === 'number-taken',
    );
    if (!found) return null;
    const other = caseIfKnown(found.what);
    return other && { id: other.id, number: other.number };
  }

  function titleOf(op: ToldOp, parts: readonly ConflictPart[], other: Conflict['other']): string {
    if (op.outcome?.is === 'refused') return `A change had no effect: ${op.outcome.reason}`;
    const [first] = unseenOf(op.outcome);
    switch (first?.code) {
      case 'field-edited':
        return `Changed on two benches at once: ${list(parts.map(({ title }) => title))}`;
      case 'moved':
        return parts.length > 0
          ? 'Moved on two benches at once, and both cannot be'
          : `Moved on, while it had been moved to “${statusWords(first.what as Status)}” elsewhere`;
      case 'unit-elsewhere':
        return `The same unit is on case ${other?.number ?? 'of another bench'} too`;
      case 'number-taken':
        return 'Another case had this number first';
      case 'instruction-changed':
        return 'It left the lab while its data instruction had been changed elsewhere';
      case 'safety-stop':
        return 'It was moved while a safety stop had been raised elsewhere';
      default:
        return 'Two changes met';
    }
  }

  /** A case that another bench names need not be there. */
  function caseIfKnown(id: string): CaseView | null {
    try {
      return caseOf(id);
    } catch (error) {
      if (isBenchError(error, 'input.not-found')) return null;
      throw error;
    }
  }

  function toConflict({ n, isConflict }: Review): Conflict | null {
    const op = log.placedAt(n);
    const now = op?.entity === 'case' ? caseIfKnown(op.entityId) : null;
    if (!op || !now) return null;
    // One change of several fields is told once.
    const first = new Set(unseenOf(op.outcome).map((each) => each.n));
    const before = [...first].flatMap((n) => log.placedAt(n) ?? []);
    const parts = partsOf(op, now);
    const other = otherOf(op);
    return {
      id: op.id,
      caseId: now.id,
      caseNumber: now.number,
      needsChoice: isConflict === 1,
      title: titleOf(op, parts, other),
      change: made(op),
      before: before.map(made),
      parts,
      other,
    };
  }

  const all = (caseId: string | null): Conflict[] =>
    (open.all(caseId) as Review[]).flatMap((review) => toConflict(review) ?? []);

  return {
    list: ({ caseId }: { caseId?: string | undefined }): Conflict[] => all(caseId ?? null),

    /** Throws `input.not-found` when it is settled already, `input.invalid`, and whatever refuses the change. */
    settle(actor: Actor, input: { id: string; take: readonly string[]; reason: string | null }): void {
      log.transaction(() => {
        const conflict = all(null).find(({ id }) => id === input.id);
        const op = conflict && log.byCase(conflict.caseId).find(({ id }) => id === input.id);
        if (!conflict || !op)
          throw new BenchError('input.not-found', { what: 'open conflict', id: input.id });
        const parts = input.take.map((key) => {
          const part = conflict.parts.find((each) => each.key === key);
          if (!part) throw new BenchError('input.invalid', { detail: `take: “${key}” is not part of it` });
          return part;
        });
        const { caseId } = conflict;
        for (const { key } of parts) {
          if (key === STATUS) {
            const { to, reason } = op.body as { to: Status; reason: string | null };
            options.move(actor, { id: caseId, to, reason: input.reason ?? reason ?? undefined });
          } else {
            const { fields } = op.body as { fields: Partial<CaseFields> };
            options.edit(actor, { id: caseId, fields: { [key]: fields[key as keyof CaseFields] } });
          }
        }
        const choice = parts.length > 0 ? 'taken' : conflict.needsChoice ? 'kept' : 'seen';
        const about = (parts.length > 0 ? list(parts.map(({ title }) => title)) : conflict.title).slice(
          0,
          500,
        );
        const body = { opId: op.id, choice, about, reason: input.reason };
        log.append(actor, [{ kind: 'case.conflict-settled', entityId: caseId, caseId, body }]);
      });
    },
  };
}
