import { createHash, generateKeyPairSync, type KeyObject, randomBytes, randomUUID, sign } from 'node:crypto';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { feedGenesis, feedHash, genesis, hashOf, publicKey, signed } from '../../hub/feed/chain.ts';
import type { StationView } from '../../hub/http/admin-answers.ts';
import { type Hub, startHub } from '../../hub/hub.ts';
import type { Entry } from '../../shared/sync/entry.ts';
import type { Outcome } from '../../shared/sync/merge.ts';
import {
  BATCH,
  EnrolAnswer,
  FeedAnswer,
  type FeedEntry,
  HEADERS,
  PushAnswer,
  type PushRequest,
  Refusal,
  signingForm,
} from '../../shared/sync/protocol.ts';

/** A hub on a real PostgreSQL of its own, in a folder of the test's. */
export async function testHub(folder: string, port = 0): Promise<Hub & { admin(): Promise<AdminClient> }> {
  const hub = await startHub({ dataDir: join(folder, 'hub'), host: '127.0.0.1', port, log: () => {} });
  return { ...hub, admin: () => adminOf(hub) };
}

export interface AdminClient {
  code(): Promise<string>;
  revoke(stationId: string): Promise<void>;
  admit(stationId: string): Promise<void>;
  reviews(): Promise<{ n: number; opId: string; isConflict: boolean; outcome: Outcome }[]>;
  stations(): Promise<StationView[]>;
}

/** Claims a hub's first link. */
export async function adminOf({
  address,
  adminLink,
}: Pick<Hub, 'address' | 'adminLink'>): Promise<AdminClient> {
  const once = adminLink?.split('#')[1];
  const post = async (path: string, body: object, token?: string) => {
    const answer = await fetch(`${address}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, string>;
  };
  const { token = '' } = await post('/v1/admin/claim', { token: once, name: 'Hanna' });
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${address}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return (await answer.json()) as T;
  };
  return {
    code: async () => (await post('/v1/admin/codes', {}, token)).code ?? '',
    revoke: async (id) => void (await post(`/v1/admin/stations/${id}/revoke`, {}, token)),
    admit: async (id) => void (await post(`/v1/admin/stations/${id}/admit`, {}, token)),
    reviews: async () => (await get<{ reviews: [] }>('/v1/admin/reviews')).reviews,
    stations: async () => (await get<{ stations: [] }>('/v1/admin/stations')).stations,
  };
}

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** What the hub refused, by its code. */
export class HubRefusal extends Error {
  readonly code: string;
  readonly hubTime: string | undefined;
  readonly acknowledged: number | undefined;

  constructor(code: string, hubTime: string | undefined, acknowledged: number | undefined) {
    super(code);
    this.code = code;
    this.hubTime = hubTime;
    this.acknowledged = acknowledged;
  }
}

/**
 * A bench as the hub sees one: a key, a log, and nothing else. It signs, chains and checks as the station does, and can
 * be cloned, restored and made to lie.
 */
export class BareStation {
  readonly address: string;
  readonly prefix: string;
  readonly id: string;
  incarnation: string = randomUUID();
  lineage: PushRequest['lineage'] = [];
  log: { entry: Entry; hash: Buffer }[] = [];
  readN = 0;
  readHash: Buffer | null = null;
  siteId = '';
  hubKey = '';
  /** By how much its clock is ahead, in milliseconds. */
  skewMs = 0;
  readonly #key: KeyObject;
  readonly #publicDer: Buffer;

  constructor(address: string, prefix: string, key?: KeyPair, id: string = v7()) {
    const pair = key ?? generateKeyPairSync('ed25519');
    this.address = address;
    this.prefix = prefix;
    this.id = id;
    this.#key = pair.privateKey;
    this.#publicDer = pair.publicKey.export({ format: 'der', type: 'spki' });
  }

  get end(): Buffer {
    return this.log.at(-1)?.hash ?? genesis(this.id);
  }

  /** Appends one entry to its log. */
  append(kind: string, entityId: string, body: object | null, more: Partial<Entry> = {}): Entry {
    const text = body === null ? null : JSON.stringify(body);
    const salt = randomBytes(16);
    const entry: Entry = {
      ...{
        seq: this.log.length + 1,
        id: v7(),
        incarnation: this.incarnation,
        kind,
        entity: 'case',
        entityId,
      },
      ...{ version: 1, baseVersion: null, caseId: null, actorId: 'ada', actorName: 'Ada' },
      ...{ at: new Date().toISOString(), hlc: `${String(Date.now()).padStart(15, '0')}.000000` },
      ...{ synced: true, base: this.readN, body: text, salt: text === null ? null : salt.toString('base64') },
      commitment: createHash('sha256')
        .update(salt)
        .update(text ?? '')
        .digest('base64'),
      ...more,
    };
    const hash = hashOf(this.id, entry, this.end);
    if (!hash) throw new Error('an entry that contradicts itself');
    this.log.push({ entry, hash });
    return entry;
  }

  async enrol(code: string): Promise<EnrolAnswer> {
    const answer = await this.#send('POST', '/v1/enrol', {
      ...{ protocol: 1, code, stationId: this.id, incarnation: this.incarnation, prefix: this.prefix },
      ...{ publicKey: this.#publicDer.toString('base64'), name: `Bench ${this.prefix}` },
      at: new Date().toISOString(),
    });
    const joined = EnrolAnswer.parse(answer);
    this.siteId = joined.siteId;
    this.hubKey = joined.hubKey;
    return joined;
  }

  /** The request that pushes entries after `from`, at most `count`. */
  pushOf(from: number, count = BATCH): PushRequest {
    const sent = this.log.slice(from, from + count);
    const { entry, hash } = sent.at(-1) ?? this.log.at(-1) ?? { entry: { seq: 0 }, hash: this.end };
    return {
      incarnation: this.incarnation,
      lineage: this.lineage,
      entries: sent.map((row) => row.entry),
      end: {
        seq: entry.seq,
        hash: hash.toString('base64'),
        signature: sign(null, hash, this.#key).toString('base64'),
      },
    };
  }

  async send(request: PushRequest): Promise<PushAnswer> {
    return PushAnswer.parse(await this.#send('POST', '/v1/push', request));
  }

  /** Pushes everything after `from`. */
  async push(from: number): Promise<number> {
    let acknowledged = from;
    do acknowledged = (await this.send(this.pushOf(acknowledged))).acknowledged;
    while (acknowledged < this.log.length);
    return acknowledged;
  }

  /** Reads the feed to its end, checking every link of it. */
  async pull(wait = 0): Promise<FeedEntry[]> {
    const all: FeedEntry[] = [];
    for (;;) {
      const page = FeedAnswer.parse(
        await this.#send('GET', `/v1/feed?after=${this.readN}&wait=${wait}`, null),
      );
      let previous = this.readHash ?? feedGenesis(this.siteId);
      for (const entry of page.entries) {
        if (entry.n !== this.readN + 1) throw new Error(`a hole in the feed before ${entry.n}`);
        const { n, stationId, previous: link, ...own } = entry;
        const hash = hashOf(stationId, own, Buffer.from(link, 'base64'));
        if (!hash) throw new Error(`entry ${n} contradicts itself`);
        previous = feedHash(this.siteId, n, hash, previous);
        this.readN = n;
      }
      const head = Buffer.from(page.head.hash, 'base64');
      if (!head.equals(previous)) throw new Error('the feed’s head is another one');
      const hubKey = publicKey(Buffer.from(this.hubKey, 'base64'));
      if (!signed(head, page.head.signature, hubKey)) throw new Error('the head is not signed by the hub');
      this.readHash = head;
      all.push(...page.entries);
      if (this.readN >= page.last) return all;
    }
  }

  /** The same bench twice, as when its folder was copied. */
  clone(): BareStation {
    const pair = { privateKey: this.#key, publicKey: publicKey(this.#publicDer) };
    const copy = new BareStation(this.address, this.prefix, pair, this.id);
    const { incarnation, lineage, log, readN, readHash, siteId, hubKey } = this;
    return Object.assign(copy, { incarnation, lineage, log: [...log], readN, readHash, siteId, hubKey });
  }

  /** The bench as a backup had it after `seq` entries, under a new incarnation. */
  restore(seq: number): void {
    this.lineage = [...this.lineage, { incarnation: this.incarnation, seq }];
    this.log = this.log.slice(0, seq);
    this.incarnation = randomUUID();
    this.readN = 0;
    this.readHash = null;
  }

  /** Any request, signed. Throws `HubRefusal`. */
  ask(
    method: 'GET' | 'POST',
    path: string,
    content: object | null,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    return this.#send(method, path, content, headers);
  }

  async #send(
    method: 'GET' | 'POST',
    path: string,
    content: object | null,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const body = content === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(content));
    const at = new Date(Date.now() + this.skewMs).toISOString();
    const bodyHash = createHash('sha256').update(body).digest('hex');
    const form = signingForm({ method, path, stationId: this.id, at, bodyHash });
    const answer = await fetch(`${this.address}${path}`, {
      method,
      headers: {
        [HEADERS.station]: this.id,
        [HEADERS.at]: at,
        [HEADERS.signature]: sign(null, Buffer.from(form), this.#key).toString('base64'),
        ...(content === null ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(content === null ? {} : { body }),
    });
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text);
    const { error } = Refusal.parse(JSON.parse(text));
    throw new HubRefusal(error.code, error.hubTime, error.acknowledged);
  }
}
