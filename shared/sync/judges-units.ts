import {
  type IdentifierKey,
  type Identifiers,
  otherMaker,
  serialOnly,
  sharedKeys,
  strongKeys,
} from '../identity/index.ts';
import {
  APPLIED,
  isUnseen,
  type Judge,
  judgeOf,
  type Placed,
  type States,
  type UnitsState,
  writtenBy,
} from './judging.ts';

type Named = Identifiers & { readonly maker?: string | null | undefined };
type Known = UnitsState['units'][number];

const unitKey = ({ kind, value }: IdentifierKey) => `unit:${kind}:${value}`;

function unitsAt(key: IdentifierKey, states: States): readonly Known[] {
  const state = states.get(unitKey(key));
  return state?.is === 'units' ? state.units : [];
}

/** Another bench's record of the same unit, made while the author could not know of it: most alike, then first. */
function twin(
  op: Placed,
  keys: readonly IdentifierKey[],
  maker: string | null,
  states: States,
): string | null {
  let best: { readonly id: string; readonly shared: number; readonly n: number } | null = null;
  for (const unit of keys.flatMap((key) => unitsAt(key, states))) {
    if (unit.id === op.entityId || !isUnseen(op, unit, states)) continue;
    const shared = sharedKeys(keys, unit.keys);
    if (shared === 0 || (serialOnly(keys, unit.keys) && otherMaker(unit.maker, maker))) continue;
    if (!best || shared > best.shared || (shared === best.shared && unit.n < best.n)) {
      best = { id: unit.id, shared, n: unit.n };
    }
  }
  return best?.id ?? null;
}

/** Lets a record be found by its identifiers; the first to write a record stays its author. */
function record(
  op: Placed,
  id: string,
  keys: readonly IdentifierKey[],
  maker: string | null,
  states: States,
): void {
  const before = keys.flatMap((key) => unitsAt(key, states)).find((unit) => unit.id === id);
  const unit: Known = { ...(before ?? writtenBy(op)), id, keys, maker: maker ?? before?.maker ?? null };
  for (const key of keys) {
    const units = unitsAt(key, states);
    const known = units.find((each) => each.id === id);
    if (known && JSON.stringify(known) === JSON.stringify(unit)) continue;
    states.set(unitKey(key), { is: 'units', units: [...units.filter((each) => each.id !== id), unit] });
  }
}

const recorded = <B>(namedBy: (body: B) => Named): Judge<never> =>
  judgeOf<B>({
    keys: (_op, body) => strongKeys(namedBy(body)).map(unitKey),
    judge(op, body, states) {
      const named = namedBy(body);
      const keys = strongKeys(named);
      const maker = named.maker ?? null;
      const same = twin(op, keys, maker, states);
      record(op, same ?? op.entityId, keys, maker, states);
      return same === null ? APPLIED : { is: 'applied', unseen: [], same };
    },
  });

export const unitJudges: Readonly<Record<string, Judge<never>>> = {
  'unit.seen': recorded<{ identity: Named }>(({ identity }) => identity),
  'unit.registered': recorded<{ label: Named }>(({ label }) => label),
};
