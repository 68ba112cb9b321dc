import { type Random, seededRandom } from '../../electron/rack/cable.ts';

/** Choices that a seed repeats. */
export interface Dice {
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  /** A whole number whose size is as likely small as large. */
  spread(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** One of the names, as likely as its weight. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
}

export function dice(seed: number): Dice {
  const random: Random = seededRandom(seed);
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  return {
    between,
    spread: (least, most) => Math.round(least * (most / least) ** random()),
    chance: (probability) => random() < probability,
    pick<T>(from: readonly T[]): T {
      const found = from[between(0, from.length - 1)];
      if (found === undefined) throw new Error('nothing to pick from');
      return found;
    },
    weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
      const entries = Object.entries<number>(weights) as [K, number][];
      let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) {
        left -= weight;
        if (left < 0) return name;
      }
      throw new Error('nothing to pick from');
    },
  };
}
