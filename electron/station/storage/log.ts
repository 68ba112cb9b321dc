import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Database, Statement } from 'better-sqlite3';
import { BenchError } from '../../../shared/errors/index.ts';
import type { Op, OpInput, OpKind } from '../../../shared/ops/define.ts';
import { commitTo, entryHash, genesis, nextHlc, signHash } from './chain.ts';
import { type OpRow, type ToldOp, toOp } from './history.ts';
import { createPlacing, type Placing } from './placing.ts';
import { createProjecting } from './projecting.ts';
import { siteHash } from './site-hash.ts';
import { type Line, siteCopy, siteLines } from './snapshot.ts';
import type { Actor, Clock, Projection, SiteProjection, Store } from './store.ts';
import { diskTrouble } from './trouble.ts';

export type OpKinds = Readonly<Record<string, OpKind<never>>>;

interface StationRow {
  id: string;
  incarnation: string;
  public_key: Buffer;
  private_key: Buffer;
}

const INSERT = `INSERT INTO ops (seq, id, incarnation, kind, entity, entity_id, version, base_version, case_id,
  actor_id, actor_name, at, hlc, synced, base, epoch, body, salt, commitment, previous, hash, signature)
  VALUES (:seq, :id, :incarnation, :kind, :entity, :entity_id, :version, :base_version, :case_id,
  :actor_id, :actor_name, :at, :hlc, :synced, :base, :epoch, :body, :salt, :commitment, :previous, :hash, :signature)`;

/** The store over the signed log; also reads it back, and takes in what other benches of the site did. */
export interface LogStore extends Store, Placing {
  readonly stationId: string;
  readonly incarnation: string;
  /** The key this bench signs with, from its last change on. */
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** Records that the bench signs with another key from now on, made here; the entry is signed by the one before. */
  rotateKey(actor: Actor): Op;
  /** Seq of the newest entry; 0 when there is none. */
  head(): number;
  /** What happened to a case on all benches, oldest first, and what became of it; erased entries are left out. */
  byCase(caseId: string): readonly ToldOp[];
  /** Whether whoever made an entry of the history knew of one that comes before it there. */
  knew(later: ToldOp, earlier: ToldOp): boolean;
  /** Own entries of a kind, oldest first. */
  byKind(kind: string): readonly Op[];
  /** Signs what stands for the log as a whole, by the station's key. */
  sign(hash: Uint8Array): Buffer;
  /** Rows after `seq` as they are stored, oldest first. */
  rows(seq: number, limit: number): readonly OpRow[];
  /** Entries after `seq`, oldest first. */
  after(seq: number, limit: number): readonly Op[];
  /** Clears every projection and replays the log into it, in one transaction. */
  rebuild(): void;
  /** What the site's tables are, by schema and projectors: what is brought over must be of the same form. */
  readonly snapshotForm: string;
  /** Everything of the site in lines; nothing may be appended or placed meanwhile. */
  siteLines(): Generator<Line>;
  /** SHA-256 (hex) of the site's tables; equal on benches that have read the feed equally far and sent everything. */
  siteHash(): string;
}

export interface LogOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly kinds: OpKinds;
  readonly projections: readonly (Projection | SiteProjection)[];
  /**
   * Raised whenever what the projectors write changes: tables that an earlier program filled are then made anew
   * from the log when it is opened. Left out: they are taken as they are.
   */
  readonly projectionVersion?: number;
  /** Told what a listener threw; without it the error is nobody's, and ends the process. */
  readonly onListenerError?: (error: unknown) => void;
  /** Told of an operation of another bench that cannot be shown. */
  readonly onUnfit?: (op: Op, error: unknown) => void;
}

const fail = (error: unknown): never => {
  throw error;
};

/** Opens the log of a database that holds a station (see `makeStation`). */
export function openLog({
  db,
  clock,
  kinds,
  projections,
  projectionVersion,
  onListenerError = fail,
  onUnfit,
}: LogOptions): LogStore {
  const station = db.prepare('SELECT * FROM station WHERE one = 1').get() as StationRow;
  let privateKey = createPrivateKey({ key: station.private_key, format: 'der', type: 'pkcs8' });
  let publicKey = createPublicKey({ key: station.public_key, format: 'der', type: 'spki' });
  const insert: Statement = db.prepare(INSERT);
  const last = db.prepare('SELECT seq, hash, hlc FROM ops ORDER BY seq DESC LIMIT 1');
  const versionOf = db.prepare('SELECT version FROM entity_versions WHERE entity_id = ?');
  const setVersion = db.prepare(
    `INSERT INTO entity_versions VALUES (?, ?, 1)
     ON CONFLICT DO UPDATE SET version = excluded.version, entries = entries + 1`,
  );
  const kindRows = db.prepare('SELECT * FROM ops WHERE kind = ? AND body IS NOT NULL ORDER BY seq');
  const base = db.prepare(
    // What was read of a hub that the bench has left is known here all the same.
    `SELECT coalesce((SELECT read_n FROM hub), (SELECT max(n) FROM feed)) AS base,
       (SELECT epochs ->> '$[#-1].id' FROM feed_site) AS epoch`,
  );
  const rowsAfter = db.prepare('SELECT * FROM ops WHERE seq > ? ORDER BY seq LIMIT ?');
  const projecting = createProjecting({ db, kinds, projections, ...(onUnfit ? { onUnfit } : {}) });
  const listeners = new Set<(ops: readonly Op[]) => void>();
  let depth = 0;
  let uncommitted: Op[] = [];
  /** Another key, which signs as soon as its entry is on disk. */
  let rotated: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | null = null;

  function appendOne(actor: Actor, input: OpInput): Op {
    const kind = kinds[input.kind];
    if (!kind) throw new Error(`no operation kind “${input.kind}”`);
    const parsed = kind.body.safeParse(input.body);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const detail = `${input.kind}: ${issue?.path.join('.') || 'body'}: ${issue?.message}`;
      throw new BenchError('input.invalid', { detail });
    }
    const now = (versionOf.get(input.entityId) as { version: number } | undefined)?.version ?? 0;
    if (input.baseVersion !== undefined && input.baseVersion !== now) {
      throw new BenchError('state.stale', { what: `this ${kind.entity}`, seen: input.baseVersion, now });
    }
    const before = last.get() as { seq: number; hash: Buffer; hlc: string } | undefined;
    const at = clock.now();
    const body = JSON.stringify(parsed.data);
    const salt = Buffer.from(clock.random(16));
    const commitment = commitTo(salt, body);
    const previous = before?.hash ?? genesis(station.id);
    const { base: readN, epoch } = base.get() as { base: number | null; epoch: string | null };
    const meta = {
      stationId: station.id,
      incarnation: station.incarnation,
      seq: (before?.seq ?? 0) + 1,
      id: clock.id(),
      kind: input.kind,
      entity: kind.entity,
      entityId: input.entityId,
      version: now + 1,
      baseVersion: input.baseVersion ?? null,
      caseId: input.caseId ?? null,
      actorId: actor.id,
      actorName: actor.name,
      at,
      hlc: nextHlc(before?.hlc ?? null, Date.parse(at)),
      synced: kind.synced,
      base: readN,
      epoch: readN === null ? null : epoch,
    };
    const hash = entryHash(meta, commitment, previous);
    insert.run({
      seq: meta.seq,
      id: meta.id,
      incarnation: meta.incarnation,
      kind: meta.kind,
      entity: meta.entity,
      entity_id: meta.entityId,
      version: meta.version,
      base_version: meta.baseVersion,
      case_id: meta.caseId,
      actor_id: meta.actorId,
      actor_name: meta.actorName,
      at,
      hlc: meta.hlc,
      synced: meta.synced ? 1 : 0,
      base: meta.base,
      epoch: meta.epoch,
      body,
      salt,
      commitment,
      previous,
      hash,
      signature: signHash(hash, rotated?.privateKey ?? privateKey),
    });
    setVersion.run(input.entityId, meta.version);
    const op: Op = { ...input, ...meta, baseVersion: input.baseVersion, body: parsed.data };
    projecting.appended(op);
    return op;
  }

  /** What is committed is done: a listener that fails must not make it look undone, nor keep it from the others. */
  function tell(committed: readonly Op[]): void {
    for (const listener of [...listeners]) {
      try {
        listener(committed);
      } catch (error) {
        queueMicrotask(() => onListenerError(error));
      }
    }
  }

  function transaction<T>(work: () => T): T {
    if (depth > 0) {
      try {
        return work();
      } catch (error) {
        // Whoever is in between must know a disk's trouble from any other: the transaction is lost with it.
        throw diskTrouble(error, db.name);
      }
    }
    depth += 1;
    uncommitted = [];
    let result: T;
    try {
      result = db.transaction(work).immediate();
    } catch (error) {
      uncommitted = [];
      rotated = null;
      throw diskTrouble(error, db.name);
    } finally {
      depth -= 1;
    }
    if (rotated) ({ publicKey, privateKey } = rotated);
    rotated = null;
    // Memory hears of a change only after it is on disk, so that nothing shows what a crash could undo.
    const committed = uncommitted;
    uncommitted = [];
    if (committed.length > 0) tell(committed);
    return result;
  }

  function rotateKey(actor: Actor): Op {
    const next = generateKeyPairSync('ed25519');
    const spki = next.publicKey.export({ format: 'der', type: 'spki' });
    return transaction(() => {
      const body = { publicKey: spki.toString('base64') };
      const made = appendOne(actor, { kind: 'station.key-rotated', entityId: station.id, body });
      uncommitted.push(made);
      db.prepare('UPDATE station SET public_key = ?, private_key = ?').run(
        spki,
        next.privateKey.export({ format: 'der', type: 'pkcs8' }),
      );
      rotated = next;
      return made;
    });
  }

  const rebuild = (): void => transaction(() => projecting.rebuild({ onward: false }));
  const own = (row: OpRow): Op => toOp({ ...row, station_id: station.id });

  const projectedBy = db.prepare('SELECT version FROM projected').pluck().get();
  if (projectionVersion !== undefined && projectedBy !== projectionVersion) {
    transaction(() => {
      rebuild();
      db.prepare('INSERT OR REPLACE INTO projected VALUES (1, ?)').run(projectionVersion);
    });
  }

  return {
    db,
    clock,
    stationId: station.id,
    incarnation: station.incarnation,
    get publicKey() {
      return publicKey;
    },
    get privateKey() {
      return privateKey;
    },
    rotateKey,
    transaction,
    append: (actor, inputs) =>
      transaction(() => {
        const ops = inputs.map((input) => appendOne(actor, input));
        uncommitted.push(...ops);
        return ops;
      }),
    onCommitted(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    head: () => (last.get() as { seq: number } | undefined)?.seq ?? 0,
    byCase: projecting.history.byCase,
    knew: projecting.knew,
    byKind: (kind) => (kindRows.all(kind) as OpRow[]).map(own),
    sign: (hash) => signHash(hash, privateKey),
    rows: (seq, limit) => rowsAfter.all(seq, limit) as OpRow[],
    after: (seq, limit) => (rowsAfter.all(seq, limit) as OpRow[]).map(own),
    rebuild,
    snapshotForm: `${db.pragma('user_version', { simple: true })}.${projectionVersion ?? 0}`,
    siteLines: () => siteLines(db, projections),
    siteHash: () => siteHash(db, projections),
    ...createPlacing({
      db,
      stationId: station.id,
      projecting,
      copy: () => siteCopy(db, projections),
      transaction,
      changed: (ops) => uncommitted.push(...ops),
    }),
  };
}
