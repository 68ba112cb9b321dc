import { generateKeyPairSync, sign } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BenchError } from '../../../shared/errors/index.ts';
import type { Head } from '../../../shared/sync/protocol.ts';
import { label, SERIAL, type TestCases } from '../cases/testing.ts';
import { feedGenesis } from '../storage/chain.ts';
import { systemClock } from '../storage/clock.ts';
import { type TestSite, testSite } from '../testing/site.ts';
import { createExchange } from './exchange.ts';
import { type HubClient, RefusedByHub } from './hub-client.ts';
import { type Joined, syncState } from './state.ts';

const OTHER = '01900000-0000-7000-8000-0000000000cc';
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const hubKey = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const signal = AbortSignal.timeout(60_000);

let site: TestSite;
let a: TestCases;
beforeEach(() => {
  site = testSite(1);
  [a] = site.benches as [TestCases];
  a.open({ label: label({ serial: SERIAL }) });
  join(siteId());
});
afterEach(() => site.dispose());

const state = () => syncState(a.db);
const siteId = (): string => (state().get() as Joined).siteId;
const hubTime = systemClock.now();

function join(id: string): void {
  state().left();
  state().joined('http://127.0.0.1:1', { siteId: id, siteName: 'Lab', hubKey, hubTime }, hubTime);
  a.store.openSite(id);
}

/** The end of what the bench has read, as its hub would sign it. */
function head(): Head {
  const { n, hash } = a.store.readFeed() ?? { n: 0, hash: feedGenesis(siteId()) };
  const signature = sign(null, hash, privateKey).toString('base64');
  return { n, hash: hash.toString('base64'), signature };
}

/** An exchange with a hub that gives these answers, one after the other, and then is away. */
function exchangeWith(...answers: (() => object)[]) {
  const client = {
    skewMs: () => 0,
    async ask() {
      const answer = answers.shift();
      if (!answer) throw new BenchError('sync.unreachable', { url: '', detail: 'away' });
      return answer();
    },
  } as unknown as HubClient;
  return createExchange({
    ...{ log: a.store, state: state(), client: () => client, changed() {}, progressed() {}, anew() {} },
    joined: () => state().get() as Joined,
  });
}

it('a hub that takes nothing of what it is sent is told of, not asked for ever', async () => {
  const answer = () => ({ acknowledged: 0, backedUp: 0, head: head(), hubTime });
  const { push } = exchangeWith(answer, answer, answer);
  await expect(push(signal)).rejects.toMatchObject({ code: 'sync.not-a-hub' });
});

it('an answer of the hub that was left says nothing of the one that was joined meanwhile', async () => {
  site.settle();
  const { pull } = exchangeWith(() => {
    const answer = { entries: [], head: head(), last: head().n, hubTime };
    join(OTHER);
    return answer;
  });
  await expect(pull(signal)).rejects.toMatchObject({ code: 'sync.unreachable' });
  expect(state().get()).toMatchObject({ siteId: OTHER, head: null });
});

it('whoever hears last of a hub that was restored finds that the bench went back already', async () => {
  site.settle();
  const hash = feedGenesis(siteId()).toString('base64');
  const epochs = [{ id: systemClock.id(), n: 0, hash, signature: '' }];
  const { pull } = exchangeWith(
    () => {
      a.store.rewind(0, { epochs, left: [] });
      throw new RefusedByHub('sync.rewritten', { epochs });
    },
    () => ({ entries: [], head: head(), last: 0, epochs, hubTime }),
  );
  await expect(pull(signal)).resolves.toBe(0);
});
