import { APPLIED, type Judge, judgeOf, knownBy, lineageKey, type Placed } from './judging.ts';

/** The author that a restored bench was before. */
const formerly = (op: Placed, incarnation: string) => `${op.author.split('/')[0]}/${incarnation}`;

export const stationJudges: Readonly<Record<string, Judge<never>>> = {
  'station.restored': judgeOf<{ from: string }>({
    keys: (op, { from }) => [lineageKey(formerly(op, from))],
    judge(op, { from }, states) {
      const parent = formerly(op, from);
      const kept = op.seq - 1;
      const before = Object.entries(knownBy(parent, states)).map(([author, seq]) => [
        author,
        Math.min(seq, kept),
      ]);
      const knows = { ...Object.fromEntries(before), [parent]: kept };
      states.set(lineageKey(op.author), { is: 'lineage', knows });
      return APPLIED;
    },
  }),
};
