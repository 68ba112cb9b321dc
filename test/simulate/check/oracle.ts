import { strongKeys } from '../../../shared/identity/index.ts';
import type { CaseIdentifiers, Status } from '../../../shared/model/cases.ts';
import { LEFT_LAB, TRANSITIONS } from '../../../shared/rma/index.ts';
import type { Outcome, State, Unseen } from '../../../shared/sync/merge.ts';
import type { HubEntry } from '../hub/disk.ts';
import type { Knowledge, Universe } from '../universe/universe.ts';
import { Violation } from './violations.ts';

/** Who wrote something, as the oracle remembers it. */
interface Writer {
  readonly id: string;
  readonly author: string;
  readonly n: number;
}
interface Case {
  status: Status;
  readonly fields: Map<string, Writer>;
  /** Safety stops that nobody has released. */
  readonly stops: Map<string, Writer>;
  places: readonly string[];
}
interface Body {
  readonly number: string;
  readonly status: Status;
  readonly from: Status;
  readonly to: Status;
  readonly stopId: string;
  readonly opId: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly identifiers: CaseIdentifiers;
  readonly identity: object | null;
}

/** Kinds that are about a case which must be there. */
const OF_CASE = new Set([
  ...['case.fields', 'case.moved', 'case.labelled'],
  ...['case.safety-stop', 'case.safety-released'],
]);

const LOST = 'every change that was lost to somebody else’s is named, and no other';
const END = 'every case ends where its history has brought it';
const LEGAL = 'a case moves only as its states allow';

/**
 * What the outcomes in the feed mean to people, worked out apart from the product's own judgement: from what each author
 * really had read and done when they did something, which only the simulator knows. Throws `Violation`.
 */
export function checkMeaning(universe: Universe): void {
  const oracle = new Oracle(universe);
  for (const row of universe.hub.disk.feed) oracle.follow(row);
  oracle.compareTo(universe.hub.disk.states);
}

class Oracle {
  readonly #cases = new Map<string, Case>();
  readonly #numbers = new Map<string, string>();
  readonly #places = new Map<string, (Writer & { readonly caseId: string })[]>();
  readonly #settled = new Set<string>();
  readonly #knowledge: ReadonlyMap<string, Knowledge>;
  readonly #indexes = new Map<readonly unknown[], ReadonlyMap<string, number>>();
  readonly #isKnown: (kind: string) => boolean;
  /** Hashes of the histories that the hub stood by; who had read another one knew something that nobody can name. */
  readonly #stoodBy: ReadonlySet<string>;
  /** Where the hub was restored, an author may count as not having read what was numbered anew. */
  readonly #isExact: boolean;

  constructor({ knowledge, hub, versions, stoodBy }: Universe) {
    const now = hub.disk.feed.map(({ place }) => place?.hash.toString('base64') ?? '');
    this.#stoodBy = new Set([...stoodBy, ...now]);
    this.#knowledge = knowledge;
    this.#isExact = hub.restores === 0;
    this.#isKnown = versions.current.isJudged;
  }

  follow(row: HubEntry): void {
    const { entry, place } = row;
    if (!place) return;
    const { outcome } = place;
    if (!this.#isKnown(entry.kind)) expect(outcome, 'unjudged', row);
    else if (entry.body === null) expect(outcome, 'refused', row);
    else this.#judged(row, JSON.parse(entry.body) as Body, outcome);
  }

  /** In the end every case is where its history has brought it, with the safety stops that nobody released. */
  compareTo(states: ReadonlyMap<string, State>): void {
    for (const [id, { status, stops }] of this.#cases) {
      const state = states.get(`case:${id}`);
      const is = state?.is === 'case' ? [state.status, ...Object.keys(state.stops).sort()] : [];
      const should = [status, ...[...stops.keys()].sort()];
      if (is.join() !== should.join()) throw new Violation(END, `${id}: ${is} instead of ${should}`);
    }
  }

  #judged(row: HubEntry, body: Body, outcome: Outcome): void {
    const { kind, entityId } = row.entry;
    const known = this.#cases.get(entityId);
    if (!isWellFormed(kind, body)) expect(outcome, 'refused', row);
    else if (kind === 'case.conflict-settled') this.#settle(row, body, outcome);
    else if (kind === 'case.opened' && known) expect(outcome, 'superseded', row);
    else if (kind === 'case.opened') this.#opened(row, body, outcome);
    else if (!OF_CASE.has(kind)) expect(outcome, 'applied', row);
    else if (!known) expect(outcome, 'refused', row);
    else if (kind === 'case.fields') this.#edited(row, body, outcome, known);
    else if (kind === 'case.moved') this.#moved(row, body, outcome, known);
    else this.#changed(row, body, outcome, known);
  }

  #settle(row: HubEntry, { opId }: Body, outcome: Outcome): void {
    expect(outcome, this.#settled.has(opId) ? 'superseded' : 'applied', row);
    this.#settled.add(opId);
  }

  /** What holds whatever happened, and changes what is known of its case. */
  #changed(row: HubEntry, body: Body, outcome: Outcome, known: Case): void {
    const { kind, entityId } = row.entry;
    expect(outcome, 'applied', row);
    if (kind === 'case.safety-stop') known.stops.set(body.stopId, writerOf(row));
    if (kind === 'case.safety-released') known.stops.delete(body.stopId);
    if (kind === 'case.labelled' && !LEFT_LAB.has(known.status)) {
      const places = placesOf(body.identifiers);
      this.#leave(
        entityId,
        known.places.filter((key) => !places.includes(key)),
      );
      this.#compare(row, 'unit-elsewhere', this.#enter(row, places), outcome);
      known.places = places;
    }
  }

  #opened(row: HubEntry, body: Body, outcome: Outcome): void {
    expect(outcome, 'applied', row);
    const { entityId } = row.entry;
    const places = placesOf(body.identifiers);
    this.#cases.set(entityId, { status: body.status, fields: new Map(), stops: new Map(), places });
    const number = body.number.toUpperCase();
    const first = this.#numbers.get(number);
    this.#compare(row, 'number-taken', first === undefined ? [] : [first], outcome, true);
    if (first === undefined) this.#numbers.set(number, entityId);
    this.#compare(row, 'unit-elsewhere', this.#enter(row, places), outcome);
  }

  #edited(row: HubEntry, { fields }: Body, outcome: Outcome, known: Case): void {
    const names = Object.keys(fields);
    const lost = names.filter((name) => this.#isNews(row, known.fields.get(name)));
    this.#compare(row, 'field-edited', lost, outcome);
    const named = new Set(unseenOf(outcome, 'field-edited').map(({ what }) => what));
    expect(outcome, named.size > 0 ? 'conflict' : 'applied', row);
    for (const { what, n } of unseenOf(outcome, 'field-edited')) {
      if (known.fields.get(what)?.n !== n)
        throw new Violation(LOST, `${told(row)}: ${what} is not from ${n}`);
    }
    for (const name of names) if (!named.has(name)) known.fields.set(name, writerOf(row));
  }

  #moved(row: HubEntry, { from, to }: Body, outcome: Outcome, known: Case): void {
    const { status } = known;
    const isLegal = TRANSITIONS.some((way) => way.from === status && way.to === to);
    const is = status === from ? 'applied' : status === to ? 'superseded' : isLegal ? 'applied' : 'conflict';
    expect(outcome, is, row, LEGAL);
    if (is === 'superseded') return;
    this.#compare(row, 'moved', status === from ? [] : [status], outcome, true);
    if (is === 'conflict') return;
    const instruction = known.fields.get('dataInstruction');
    const isNews = LEFT_LAB.has(to) && this.#isNews(row, instruction);
    this.#compare(row, 'instruction-changed', isNews ? ['dataInstruction'] : [], outcome);
    const isStopped = [...known.stops.values()].some((stop) => this.#isNews(row, stop));
    this.#compare(row, 'safety-stop', isStopped ? [to] : [], outcome);
    if (LEFT_LAB.has(to)) this.#leave(row.entry.entityId, known.places);
    else if (LEFT_LAB.has(status)) this.#enter(row, known.places);
    known.status = to;
  }

  /** Puts a case's unit into the lab; gives the other cases that have it, as far as the author could not know. */
  #enter(row: HubEntry, places: readonly string[]): string[] {
    const caseId = row.entry.entityId;
    const elsewhere = new Set<string>();
    for (const key of places) {
      const there = this.#places.get(key) ?? [];
      for (const other of there) {
        if (other.caseId !== caseId && this.#isNews(row, other)) elsewhere.add(other.caseId);
      }
      if (there.every((other) => other.caseId !== caseId)) {
        this.#places.set(key, [...there, { ...writerOf(row), caseId }]);
      }
    }
    return [...elsewhere];
  }

  #leave(caseId: string, places: readonly string[]): void {
    for (const key of places) {
      const there = this.#places.get(key) ?? [];
      this.#places.set(
        key,
        there.filter((other) => other.caseId !== caseId),
      );
    }
  }

  /** What the author did not know must be named; what they knew must not, as far as that can be told. */
  #compare(
    row: HubEntry,
    code: Unseen['code'],
    news: readonly string[],
    outcome: Outcome,
    isExact = false,
  ): void {
    const named = unseenOf(outcome, code).map(({ what }) => what);
    const missing = news.filter((what) => !named.includes(what));
    const needless = named.filter((what) => !news.includes(what));
    if (missing.length > 0 && !this.#isMisled(row))
      throw new Violation(LOST, `${told(row)}: ${code} ${missing} is not named`);
    if (needless.length > 0 && (isExact || this.#isExact)) {
      throw new Violation(LOST, `${told(row)}: ${code} ${needless} was known`);
    }
  }

  #isMisled({ entry }: HubEntry): boolean {
    const known = this.#knowledge.get(entry.id);
    const last = known?.read[known.readTo - 1];
    return last !== undefined && !this.#stoodBy.has(last.hash.toString('base64'));
  }

  /** Whether the author of an operation had neither done nor read another one. */
  #isNews({ entry, stationId }: HubEntry, other: Writer | undefined): boolean {
    if (!other || other.author === `${stationId}/${entry.incarnation}`) return false;
    const known = this.#knowledge.get(entry.id);
    if (!known) throw new Error(`nobody did ${entry.id}`);
    const done = this.#index(known.own, (own) => own.entry.id).get(other.id);
    if (done !== undefined && done < entry.seq - 1) return false;
    const read = this.#index(known.read, (each) => each.entry.id).get(other.id);
    return read === undefined || read >= known.readTo;
  }

  #index<T>(list: readonly T[], idOf: (each: T) => string): ReadonlyMap<string, number> {
    let index = this.#indexes.get(list);
    if (!index) {
      index = new Map(list.map((each, at) => [idOf(each), at]));
      this.#indexes.set(list, index);
    }
    return index;
  }
}

const writerOf = ({ entry, stationId, place }: HubEntry): Writer => ({
  id: entry.id,
  author: `${stationId}/${entry.incarnation}`,
  n: place?.n ?? 0,
});

const placesOf = (identifiers: CaseIdentifiers): string[] =>
  strongKeys(identifiers).map(({ kind, value }) => `${kind}:${value}`);

/** What the simulator’s people do wrong. */
const isWellFormed = (kind: string, { to, identity }: Body): boolean =>
  (kind !== 'case.moved' || typeof to === 'string') && (kind !== 'unit.seen' || identity !== null);

const unseenOf = (outcome: Outcome, code: Unseen['code']): readonly Unseen[] =>
  outcome.is === 'applied' || outcome.is === 'conflict'
    ? outcome.unseen.filter((each) => each.code === code)
    : [];

const told = ({ entry, place }: HubEntry) => `number ${place?.n}, ${entry.kind} ${entry.entityId}`;

function expect(
  outcome: Outcome,
  is: Outcome['is'],
  row: HubEntry,
  invariant = 'outcomes mean what they say',
): void {
  if (outcome.is !== is)
    throw new Violation(invariant, `${told(row)}: ${JSON.stringify(outcome)} is not ${is}`);
}
