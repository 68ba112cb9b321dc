import { generateKeyPairSync, sign } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Head } from '../../../shared/sync/protocol.ts';
import { label, SERIAL, type TestCases } from '../cases/testing.ts';
import { feedGenesis } from '../storage/chain.ts';
import { systemClock } from '../storage/clock.ts';
import { type TestSite, testSite } from '../testing/site.ts';
import { type HubClient, RefusedByHub } from './hub-client.ts';
import { createSync } from './service.ts';
import { type Joined, syncState } from './state.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const hubKey = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const hubTime = systemClock.now();

let site: TestSite;
let a: TestCases;
let sync: ReturnType<typeof createSync>;
beforeEach(() => {
  site = testSite(1);
  [a] = site.benches as [TestCases];
  a.open({ label: label({ serial: SERIAL }) });
  state().left();
  state().joined('http://127.0.0.1:1', { siteId: siteId(), siteName: 'Lab', hubKey, hubTime }, hubTime);
});
afterEach(async () => {
  await sync.close();
  await site.dispose();
});

const state = () => syncState(a.db);
const siteId = (): string => a.db.prepare('SELECT site_id FROM feed_site').pluck().get() as string;

/** The end of what the bench has read, as its hub would sign it. */
function head(): Head {
  const { n, hash } = a.store.readFeed() ?? { n: 0, hash: feedGenesis(siteId()) };
  return { n, hash: hash.toString('base64'), signature: sign(null, hash, privateKey).toString('base64') };
}

/** A hub that refuses some requests by their path, takes what it is sent and has nothing to tell. */
function syncWith(refusals: Readonly<Record<string, ConstructorParameters<typeof RefusedByHub>[0]>>) {
  const asked: string[] = [];
  const ask = async (_method: string, address: string) => {
    const [path = ''] = address.split('?');
    asked.push(path);
    const code = refusals[path];
    if (code) throw new RefusedByHub(code);
    return path === '/v1/push'
      ? { acknowledged: a.store.head(), backedUp: 0, head: head(), hubTime }
      : { entries: [], head: head(), last: head().n, hubTime };
  };
  sync = createSync({
    ...{ log: a.store, mode: 'live', bench: () => ({ name: 'Bench 2', prefix: 'B2' }) },
    ...{ changed() {}, anew() {}, note() {} },
    client: () => ({ ask, skewMs: () => 0 }) as unknown as HubClient,
  });
  return asked;
}

it('an exchange sends and reads although another bench has the prefix, and says so in the end', async () => {
  const asked = syncWith({ '/v1/station': 'sync.prefix-taken' });
  await expect(sync.once()).rejects.toMatchObject({ code: 'sync.prefix-taken' });
  expect(asked).toEqual(['/v1/station', '/v1/push', '/v1/feed']);
  expect(sync.view()).toMatchObject({ pending: 0, trouble: { code: 'sync.prefix-taken' } });
});

it('what keeps bench and hub apart is told since it began, however often it is tried', async () => {
  syncWith({ '/v1/station': 'sync.prefix-taken' });
  await expect(sync.once()).rejects.toThrow();
  const { troubleSince } = state().get() as Joined;
  await expect(sync.once()).rejects.toThrow();
  expect(troubleSince).not.toBeNull();
  expect(state().get()).toMatchObject({ troubleSince });
});

it('reads nothing where the hub refuses the bench itself', async () => {
  const asked = syncWith({ '/v1/station': 'sync.revoked' });
  await expect(sync.once()).rejects.toMatchObject({ code: 'sync.revoked' });
  expect(asked).toEqual(['/v1/station']);
});
