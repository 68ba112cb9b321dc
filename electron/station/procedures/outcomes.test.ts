import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../../../shared/errors/index.ts';
import type { Outcome } from '../../../shared/model/runs.ts';
import { worst } from '../../../shared/procedures/outcome.ts';
import { type Handler, scriptedUnit } from './testing.ts';
import { runnerFor } from './testing-runner.ts';

/** How a scripted phase behaves, and what the rules say that it means. */
const BEHAVIOURS = {
  passes: 'pass',
  fails: 'fail',
  breaks: 'error',
  vanishes: 'interrupted',
  'cannot do it': null,
  'refuses it': null,
} as const satisfies Readonly<Record<string, Outcome | null>>;
type Behaviour = keyof typeof BEHAVIOURS;

const phase = fc.record({
  behaviour: fc.constantFrom(...(Object.keys(BEHAVIOURS) as Behaviour[])),
  onFail: fc.constantFrom('stop' as const, 'continue' as const),
});
type ScriptedPhase = { behaviour: Behaviour; onFail: 'stop' | 'continue' };
const section = fc.array(phase, { maxLength: 4 });
const plan = fc.record({
  setup: section,
  main: fc.array(phase, { minLength: 1, maxLength: 4 }),
  teardown: section,
});
type Plan = { setup: ScriptedPhase[]; main: ScriptedPhase[]; teardown: ScriptedPhase[] };

const SECTIONS = ['setup', 'main', 'teardown'] as const;

const yamlOf = (given: Plan): string =>
  SECTIONS.map(
    (name) =>
      `${name}:${given[name].length === 0 ? ' []' : ''}\n` +
      given[name]
        .map(
          ({ onFail }, index) =>
            `  - { id: ${name}-${index}, title: T, action: at, args: { command: ${name}-${index} }, onFail: ${onFail}, optional: true }\n`,
        )
        .join(''),
  ).join('');

function unitFor(given: Plan) {
  const at: Handler = async (args) => {
    const [name, index] = (args as { command: string }).command.split('-') as [keyof Plan, string];
    switch (given[name][Number(index)]?.behaviour) {
      case 'fails':
        throw new BenchError('unit.unreadable', { path: 'X', detail: 'no' });
      case 'refuses it':
        throw new BenchError('unit.refused', { command: 'X', detail: 'ERROR' });
      case 'breaks':
        throw new BenchError('unit.protocol', { address: 'P', what: 'X', detail: 'noise' });
      case 'vanishes':
        throw new BenchError('port.gone', { address: 'P' });
      case 'cannot do it':
        throw new BenchError('unit.unsupported', { family: 'at', action: 'at' });
      default:
        return { ok: true, text: 'OK' };
    }
  };
  return scriptedUnit({ at });
}

/** What a run must come to, told without running it. */
function expected(given: Plan): { outcomes: Map<string, Outcome | null>; outcome: Outcome } {
  const outcomes = new Map<string, Outcome | null>();
  let goesOn = true;
  let connected = true;
  let tested = false;
  for (const name of SECTIONS) {
    for (const [index, { behaviour, onFail }] of given[name].entries()) {
      if (!goesOn && name !== 'teardown') break;
      const outcome = connected ? BEHAVIOURS[behaviour] : null;
      outcomes.set(`${name}-${index}`, outcome);
      if (outcome !== null && name === 'main') tested = true;
      if (outcome === 'interrupted') connected = false;
      const bad = outcome !== null && outcome !== 'pass';
      if (bad && (onFail === 'stop' || outcome === 'interrupted')) goesOn = false;
    }
  }
  const all = [...outcomes.values()].filter((outcome) => outcome !== null);
  const found = worst(all) ?? 'pass';
  return { outcomes, outcome: found === 'pass' && !tested ? 'error' : found };
}

describe('the outcome of any run', () => {
  it('is the worst of its phases, the teardown runs, and what began has an end', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (given) => {
        const unit = unitFor(given);
        const test = runnerFor(yamlOf(given), { unit });
        const { outcome } = await test.runner.run();
        const model = expected(given);
        expect(outcome).toBe(model.outcome);
        const seen = new Map(
          [...test.ends].filter(([id]) => id !== 'connect').map(([id, end]) => [id, end.outcome]),
        );
        expect(seen).toEqual(model.outcomes);
        expect(test.open()).toEqual([]);
        expect([unit.opened, unit.closed]).toEqual([1, 1]);
      }),
      { numRuns: 200 },
    );
  });

  it('passes only when everything that was done passed and something was', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (given) => {
        const test = runnerFor(yamlOf(given), { unit: unitFor(given) });
        const { outcome } = await test.runner.run();
        if (outcome !== 'pass') return;
        const ends = [...test.ends.values()];
        expect(ends.every((end) => end.outcome === null || end.outcome === 'pass')).toBe(true);
        expect(given.main.some(({ behaviour }) => behaviour === 'passes')).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
