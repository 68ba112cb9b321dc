import { verify } from 'node:crypto';
import { feedGenesis, feedHash, genesis, hashOf, publicKey } from '../../../hub/feed/chain.ts';
import { arrive, arrivedOf } from '../../../shared/sync/arrival.ts';
import { needsReview, type Outcome, type State } from '../../../shared/sync/merge.ts';
import type { HubDisk } from '../hub/disk.ts';
import type { Universe } from '../universe/universe.ts';
import { checkMeaning } from './oracle.ts';
import { holds } from './violations.ts';

const isEqual = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/** Everything that must hold when nothing is under way. Throws `Violation`. */
export function check(universe: Universe): void {
  const { disk } = universe.hub;
  checkFeed(disk, universe.isChecked);
  checkStations(disk);
  checkCommitted(universe);
  const { outcomes, states } = checkJudgement(universe);
  checkReplicas(universe, outcomes, states);
  checkMeaning(universe);
}

/** The feed is dense and its chain unbroken. */
function checkFeed({ feed, site }: HubDisk, isWhole: boolean): void {
  let previous = feedGenesis(site.id);
  holds(
    'the feed has no hole',
    feed.length === site.n,
    () => `${feed.length} operations, the last is ${site.n}`,
  );
  for (let n = 1; n <= site.n; n++) {
    const row = feed[n - 1];
    holds('the feed has no hole', row?.place?.n === n, () => `number ${n}`);
    if (!row?.place) return;
    // Every bench has computed every link anew as it read the feed; now and then it is done here as well.
    if (!isWhole) continue;
    const hash = hashOf(row.stationId, row.entry, row.previous);
    holds('every entry is what its bench committed', hash?.equals(row.hash) === true, () => `number ${n}`);
    previous = feedHash(site.id, n, row.hash, previous);
    holds('the feed’s chain is unbroken', previous.equals(row.place.hash), () => `number ${n}`);
  }
  const end = isWhole ? previous : (feed.at(-1)?.place?.hash ?? previous);
  holds('the feed’s chain is unbroken', end.equals(site.hash), () => 'the head is another one');
}

/** What the hub says of each station's log is what it has, and what the station signed. */
function checkStations(disk: HubDisk): void {
  for (const {
    id,
    incarnation,
    lastSeq,
    lastHash,
    lastSignature,
    publicKey: key,
  } of disk.stations.values()) {
    const last = disk.at(id, lastSeq).some(({ hash }) => hash.equals(lastHash));
    const isThere = lastSeq === 0 ? lastHash.equals(genesis(id)) : last;
    holds('a station’s end is one of its entries', isThere, () => `${id}/${incarnation} at ${lastSeq}`);
    if (lastSignature) {
      const isSigned = verify(null, lastHash, publicKey(key), lastSignature);
      holds('a station’s end is signed by it', isSigned, () => `${id} at ${lastSeq}`);
    }
  }
}

/** What was committed is there exactly once, and nothing else is. */
function checkCommitted({ hub, benches, committed, expected }: Universe): void {
  const seen = new Set<string>();
  for (const row of hub.disk.all) {
    const { id, seq } = row.entry;
    holds('what was committed is on the hub once', !seen.has(id), () => `${row.stationId} ${seq}`);
    seen.add(id);
    holds(
      'the hub has nothing that was not committed',
      committed.get(id)?.equals(row.hash) === true,
      () => `${row.stationId} ${seq}`,
    );
  }
  for (const bench of benches) {
    for (const id of expected.get(bench) ?? []) {
      holds('what was committed is on the hub', seen.has(id), () => `${bench.name} ${id}`);
    }
    for (const { entry } of bench.disk.own) {
      holds(
        'what was committed is on the hub',
        seen.has(entry.id),
        () => `${bench.name} ${entry.seq} ${entry.kind}`,
      );
    }
  }
}

/** Outcomes and states are those of judging the feed from its beginning; who should look at what is told. */
function checkJudgement({ hub, versions }: Universe): {
  outcomes: readonly Outcome[];
  states: ReadonlyMap<string, State>;
} {
  const { feed, site, states: kept, reviews } = hub.disk;
  const states = new Map<string, State>();
  const outcomes = feed.map(({ entry, stationId, place }) => {
    const n = place?.n ?? 0;
    const op = arrivedOf({ ...entry, n, stationId }, site.epochs);
    const { outcome } = arrive(op, states, versions.current);
    holds(
      'outcomes are those of judging the feed from its beginning',
      isEqual(outcome, place?.outcome),
      () => `number ${n}: ${JSON.stringify(place?.outcome)} instead of ${JSON.stringify(outcome)}`,
    );
    holds(
      'what a person should look at is told',
      reviews.has(n) === needsReview(outcome),
      () => `number ${n}`,
    );
    return outcome;
  });
  checkStates('the hub', kept, states);
  return { outcomes, states };
}

function checkStates(
  who: string,
  kept: ReadonlyMap<string, State>,
  states: ReadonlyMap<string, State>,
): void {
  const invariant = 'states are those of judging the feed from its beginning';
  holds(
    invariant,
    kept.size === states.size,
    () => `${who} has ${kept.size} states instead of ${states.size}`,
  );
  for (const [key, state] of states) {
    holds(invariant, isEqual(kept.get(key), state), () => `${who}, ${key}: ${JSON.stringify(kept.get(key))}`);
  }
}

/** Every bench that has read as far has the same. */
function checkReplicas(
  { hub, benches }: Universe,
  outcomes: readonly Outcome[],
  states: ReadonlyMap<string, State>,
): void {
  const { feed } = hub.disk;
  const tables = new Set<string>();
  for (const { name, disk } of benches) {
    disk.look();
    for (const [index, { entry, hash, outcome }] of disk.read.entries()) {
      const row = feed[index];
      const isSame = row?.entry.id === entry.id && row.place?.hash.equals(hash) === true;
      holds('every bench has read the same feed', isSame, () => `${name}, number ${entry.n}`);
      holds(
        'operations come to the same everywhere',
        isEqual(outcome, outcomes[index]),
        () => `${name}, number ${entry.n}: ${JSON.stringify(outcome)}`,
      );
    }
    checkStates(name, disk.states, states);
    const made = disk.tables();
    if (made !== null) tables.add(made);
  }
  holds('every bench has the same tables', tables.size <= 1, () => `${tables.size} different ones`);
}
