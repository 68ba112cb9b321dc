import { RULES, type Rules } from '../../../shared/sync/arrival.ts';

/** Kinds that the older version of the program does not know: some change what others come to, one is a fact. */
const NEWER = new Set(['case.safety-stop', 'case.safety-released', 'case.labelled', 'case.noted']);

/** The rules of a version that knows less than these. */
export const without = (kinds: ReadonlySet<string>, rules: Rules): Rules => ({
  isJudged: (kind) => !kinds.has(kind) && rules.isJudged(kind),
  isFact: (kind) => !kinds.has(kind) && rules.isFact(kind),
  contentOf: (op) => (kinds.has(op.kind) ? null : rules.contentOf(op)),
  needs: (op) => (kinds.has(op.kind) ? [] : rules.needs(op)),
  judge: (op, states) => (kinds.has(op.kind) ? { is: 'unjudged' } : rules.judge(op, states)),
});

export interface Versions {
  readonly current: Rules;
  readonly older: Rules;
}

/** Both versions of the program, as they are or with a bug. */
export function versionsOf(plant: (rules: Rules) => Rules = (rules) => rules): Versions {
  const current = plant(remembering(RULES));
  return { current, older: without(NEWER, current) };
}

/** Reading the same text twice gives the same: every replica of a universe reads it, and one of them is enough. */
function remembering(rules: Rules): Rules {
  const read = new Map<string, { readonly kind: string; readonly content: unknown }>();
  return {
    ...rules,
    contentOf(op) {
      if (op.body === null) return rules.contentOf(op);
      const known = read.get(op.body);
      if (known?.kind === op.kind) return known.content;
      const content = rules.contentOf(op);
      read.set(op.body, { kind: op.kind, content });
      return content;
    },
  };
}
