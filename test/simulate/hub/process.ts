import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type pg from 'pg';
import type { z } from 'zod';
import { genesis } from '../../../hub/feed/chain.ts';
import { push } from '../../../hub/feed/push.ts';
import { pathOf, readFeed, signedHead } from '../../../hub/feed/read.ts';
import { rejudge } from '../../../hub/feed/rejudge.ts';
import type { FeedStore } from '../../../hub/feed/store.ts';
import { RefusedError } from '../../../hub/refusal.ts';
import { whoAsks } from '../../../hub/stations/requests.ts';
import type { Rules } from '../../../shared/sync/arrival.ts';
import { EnrolRequest, PushRequest } from '../../../shared/sync/protocol.ts';
import type { WireAnswer, WireRequest } from '../world/network.ts';
import type { HubDisk } from './disk.ts';

/** What a hub's process works with: the code that decides is the product's, the rest is simulated. */
export interface HubProcess {
  readonly store: FeedStore;
  readonly rules: Rules;
  readonly key: KeyObject;
  /** Whether what it is sent is checked against the protocol. */
  readonly isChecked: boolean;
  disk(): HubDisk;
  /** Told of what the hub failed of by itself. */
  failed(error: unknown): void;
}

/** What the hub's server does with a request, without a server. */
export async function handle(hub: HubProcess, request: WireRequest): Promise<WireAnswer> {
  const hubTime = new Date().toISOString();
  try {
    return { status: 200, said: { ...(await answer(hub, request)), hubTime } };
  } catch (error) {
    if (error instanceof RefusedError) {
      const { code, message, more, status } = error;
      return { status, said: { error: { code, message, hubTime, ...more } } };
    }
    hub.failed(error);
    return { status: 500, said: { error: { code: 'sync.failed', message: '', hubTime } } };
  }
}

async function answer(hub: HubProcess, request: WireRequest): Promise<object> {
  if (request.path === '/v1/enrol') return enrol(hub, read(hub, request, EnrolRequest));
  const { stationId, siteId } = await whoAsks(stationsOf(hub.disk()), bytesOf(request), (name) => {
    return request.headers[name];
  });
  if (request.path === '/v1/push') {
    const pushed = await push(hub.store, stationId, read(hub, request, PushRequest), hub.rules);
    return {
      acknowledged: pushed.acknowledged,
      backedUp: pushed.backedUp,
      head: signedHead(pushed.n, pushed.hash, hub.key),
      ...pathOf(pushed.epochs),
    };
  }
  const after = Number(new URL(request.path, 'http://hub').searchParams.get('after'));
  return readFeed(hub.store, siteId, after, hub.key);
}

const bytesOf = ({ method, path, body }: WireRequest) => ({ method, path, body: Buffer.from(body) });

function read<T>({ isChecked }: HubProcess, request: WireRequest, schema: z.ZodType<T>): T {
  const said = JSON.parse(request.body);
  if (!isChecked) return said as T;
  const parsed = schema.safeParse(said);
  if (!parsed.success) throw new RefusedError('sync.bad-request');
  return parsed.data;
}

/** The one table that the check of a request's signature reads. */
const stationsOf = (disk: HubDisk): pg.Pool =>
  ({
    query: async (text: string, [id]: [string]) => {
      const row = text.startsWith('SELECT site_id') ? disk.stations.get(id) : undefined;
      const { siteId: site_id, publicKey: public_key, state } = row ?? {};
      return { rows: row ? [{ site_id, public_key, state, seen_at: new Date(), clock_offset_s: 0 }] : [] };
    },
  }) as unknown as pg.Pool;

/** What `hub/stations/enrol` does, in memory. */
function enrol({ disk, key }: HubProcess, request: EnrolRequest): object {
  const { stations, codes, site } = disk();
  const { stationId: id, incarnation, prefix } = request;
  const usedBy = codes.get(request.code);
  if (usedBy === undefined || (usedBy !== null && usedBy !== id)) throw new RefusedError('sync.bad-code');
  const publicKey = Buffer.from(request.publicKey, 'base64');
  const before = stations.get(id);
  if (before && !before.publicKey.equals(publicKey)) throw new RefusedError('sync.already-enrolled');
  codes.set(request.code, id);
  const fresh = { lastSeq: 0, lastHash: genesis(id), lastSignature: null, backedUp: 0, incarnation };
  stations.set(id, { ...fresh, ...before, id, siteId: site.id, publicKey, prefix, state: 'active' });
  return {
    siteId: site.id,
    siteName: 'Lab',
    hubKey: createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64'),
    ...pathOf(site.epochs),
  };
}

/** Starts a hub on its database: what an older one could not judge is judged first. */
export const startUp = ({ store, rules }: HubProcess): Promise<number> => rejudge(store, rules);

/** An Ed25519 key from 32 bytes: the same bytes give the same key, and it signs the same way each time. */
export function keyFrom(seed: Buffer): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
