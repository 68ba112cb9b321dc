import { parseArgs } from 'node:util';
import { FAULTS, type Fault, type UniverseOptions } from './universe/plan.ts';
import { Random } from './world/random.ts';

export interface RunOptions {
  readonly seed: string;
  /** Operations in all universes together. */
  readonly ops: number;
  /** Benches of a universe, at most. */
  readonly benches: number;
  readonly workers: number;
  /** In how many of the universes some benches are on the station's own storage, as a share. */
  readonly real: number;
  /** One universe alone, told in full. */
  readonly universe: UniverseOptions | null;
  readonly isPlanted: boolean;
  /** Only planted bugs whose name has this in it. */
  readonly only: string;
}

export const USAGE = `npm run simulate -- [--ops N] [--seed TEXT] [--benches N] [--workers N]
npm run simulate -- --planted [NAME]
npm run simulate -- --universe SEED --ops N --benches N [--real N] [--without FAULT,FAULT]

  --ops N        operations in all universes together (default: 100000)
  --seed TEXT    what everything is drawn from; the same seed gives the same (default: 1)
  --benches N    benches of a universe, at most (default: 4)
  --workers N    universes at a time (default: 2)
  --real-share S in which share of the universes some benches have the station's own database (default: 0.02)
  --planted      builds in one bug after the other and shows which invariant finds it
  --universe     one universe again, with all that happened in it
  --without      leaves out what the seed has chosen: ${FAULTS.join(', ')}`;

/** Throws where an argument is none. */
export function readOptions(args: string[]): RunOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ops: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      benches: { type: 'string', default: '4' },
      real: { type: 'string', default: '0' },
      'real-share': { type: 'string', default: '0.02' },
      workers: { type: 'string', default: '2' },
      planted: { type: 'boolean', default: false },
      universe: { type: 'string' },
      without: { type: 'string', default: '' },
    },
  });
  const whole = (name: 'ops' | 'benches' | 'workers' | 'real', least: number): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < least)
      throw new Error(`--${name} is a whole number from ${least} on.`);
    return value;
  };
  const without = values.without.split(',').filter(Boolean) as Fault[];
  const unknown = without.find((name) => !FAULTS.includes(name));
  if (unknown) throw new Error(`“${unknown}” is nothing that goes wrong here.`);
  const [ops, benches] = [whole('ops', 1), whole('benches', 2)];
  return {
    ...{ ops, benches, seed: values.seed, workers: whole('workers', 1) },
    real: Number(values['real-share']),
    ...{ isPlanted: values.planted, only: positionals[0] ?? '' },
    universe: values.universe
      ? { seed: values.universe, ops, benches, real: whole('real', 0), without }
      : null,
  };
}

/** The universe with a number, of a run's seed. */
export function universeOptions({ seed, benches, real }: RunOptions, number: number): UniverseOptions {
  const random = new Random(`${seed}/${number}`);
  const ops = random.pick([500, 2000, 4000]);
  const count = random.between(2, benches);
  return {
    seed: `${seed}/${number}`,
    ops,
    benches: count,
    real: random.happens(real) ? random.between(1, 2) : 0,
  };
}

/** How a universe is called again. */
export const commandOf = ({ seed, ops, benches, real, without = [] }: UniverseOptions): string =>
  `npm run simulate -- --universe ${seed} --ops ${ops} --benches ${benches}` +
  `${real > 0 ? ` --real ${real}` : ''}${without.length > 0 ? ` --without ${without.join(',')}` : ''}`;
