import type { Database } from 'better-sqlite3';
import type { Bench } from '../../electron/station/bench.ts';
import type { Actor } from '../../electron/station/storage/store.ts';
import { BenchError, type ErrorKind } from '../../shared/errors/index.ts';
import { DATA_INSTRUCTIONS, OpenCase, PRIORITIES } from '../../shared/model/cases.ts';
import { emptyIdentity } from '../../shared/model/units.ts';
import type { Dice } from './dice.ts';

/** Units that any bench of the site may get into its hands: the same ones turn up on several. */
const SHARED_UNITS = 20_000;
/** Most work is on what was opened last, by whichever bench. */
const RECENT_CASES = 120;

/** Whose doing an error is when the lab's rules refuse something. */
const RULES = new Set<ErrorKind>(['refused', 'input']);

const SHARES = {
  open: 16,
  note: 30,
  edit: 18,
  move: 20,
  read: 8,
  consent: 3,
  sign: 2,
  escalate: 1,
  stop: 1,
  report: 1,
};

/** Work at a bench as its services do it, chosen by dice; what the rules of the lab refuse counts as refused. */
export function makeWork(bench: Bench, db: Database, actor: Actor, dice: Dice) {
  const { cases } = bench;
  const recent = db.prepare('SELECT id FROM cases ORDER BY n DESC LIMIT 1 OFFSET ?').pluck();
  let refused = 0;

  const serial = (): string =>
    dice.chance(0.3)
      ? `SHARED${dice.between(1, SHARED_UNITS)}`
      : `OWN${bench.settings.get().benchPrefix}${dice.between(1, 1e9)}`;

  function open(): void {
    cases.open(
      actor,
      OpenCase.parse({
        label: { serial: serial(), maker: 'Acme' },
        announced: dice.chance(0.1),
        fields: { customer: `Customer ${dice.between(1, 500)}`, fault: 'Does not charge' },
      }),
    );
  }

  function edit(id: string): void {
    const fields = dice.pick([
      { customer: `Customer ${dice.between(1, 500)}` },
      { place: `Shelf ${dice.between(1, 40)}` },
      { priority: dice.pick(PRIORITIES), condition: 'Scratched lid' },
      { dataInstruction: dice.pick(DATA_INSTRUCTIONS) },
    ]);
    cases.edit(actor, { id, fields });
  }

  function move(id: string): void {
    const allowed = cases.get({ id }).moves.filter((option) => option.allowed);
    if (allowed.length > 0) cases.move(actor, { id, to: dice.pick(allowed).to, reason: 'As agreed' });
  }

  function read(): void {
    const identity = { ...emptyIdentity(), maker: 'Acme', model: 'Router 3', serial: serial() };
    cases.unitSeen(actor, { ...identity, firmware: `1.${dice.between(0, 9)}` }, 'console', null);
  }

  const deeds: Readonly<Record<keyof typeof SHARES, (id: string) => void>> = {
    open,
    edit,
    move,
    read,
    note: (id) => void cases.note(actor, { id, text: `Looked at it again, ${dice.between(1, 1e6)}` }),
    consent: (id) => void cases.consent(actor, { id, by: 'Customer', ref: 'by telephone' }),
    sign: (id) => void cases.dataException(actor, { id, reason: 'Asked for', ref: 'paper 7' }),
    escalate: (id) =>
      void cases.escalate(actor, { id, tier: 'L2', reason: 'Too hard', summary: 'No boot, no log' }),
    stop: (id) => void cases.safetyStop(actor, { id, reason: 'Swollen battery' }),
    report: (id) => {
      cases.safetyReported(actor, { id, to: 'Product safety', ref: 'R1' });
      cases.safetyRelease(actor, { id, reason: 'Battery replaced' });
    },
  };

  /** One thing after another until `entries` more are in the log, in one transaction. */
  function some(entries: number): void {
    const end = bench.entries() + entries;
    db.transaction(() => {
      while (bench.entries() < end) one();
    }).immediate();
  }

  function one(): void {
    const deed = dice.weighted(SHARES);
    const id = recent.get(dice.between(0, RECENT_CASES)) as string | undefined;
    try {
      if (id === undefined) open();
      else deeds[deed](id);
    } catch (error) {
      if (!(error instanceof BenchError) || !RULES.has(error.kind)) throw error;
      refused += 1;
    }
  }

  return {
    some,
    /** A photo of a case: bytes to the disk first, then its entry. */
    async photo(): Promise<void> {
      const caseId = recent.get(0) as string | undefined;
      if (caseId === undefined) return;
      const about = { caseId, runId: null, kind: 'photo', name: 'unit.jpg', mime: 'image/jpeg' } as const;
      const artifact = await bench.artifacts.open({ ...about, actor });
      await artifact.write(Buffer.alloc(dice.spread(100, 200_000), caseId));
      await artifact.finish();
    },
    refused: () => refused,
  };
}
