import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Database, Statement } from 'better-sqlite3';
import { BenchError } from '../../../shared/errors/index.ts';
import type { EntityType, Op, OpInput, OpKind } from '../../../shared/ops/define.ts';
import { commitTo, entryHash, genesis, nextHlc, signHash } from './chain.ts';
import { sql } from './statements.ts';
import type { Actor, Clock, Projection, Projector, Store } from './store.ts';
import { diskTrouble } from './trouble.ts';

export type OpKinds = Readonly<Record<string, OpKind<never>>>;

interface StationRow {
  id: string;
  incarnation: string;
  public_key: Buffer;
  private_key: Buffer;
}

/** A row of `ops`, as stored. */
export interface OpRow {
  seq: number;
  id: string;
  incarnation: string;
  kind: string;
  entity: EntityType;
  entity_id: string;
  version: number;
  base_version: number | null;
  case_id: string | null;
  actor_id: string;
  actor_name: string;
  at: string;
  hlc: string;
  synced: 0 | 1;
  base: number | null;
  body: string | null;
  salt: Buffer | null;
  commitment: Buffer;
  previous: Buffer;
  hash: Buffer;
  signature: Buffer;
}

const INSERT = `INSERT INTO ops (seq, id, incarnation, kind, entity, entity_id, version, base_version, case_id,
  actor_id, actor_name, at, hlc, synced, base, body, salt, commitment, previous, hash, signature)
  VALUES (:seq, :id, :incarnation, :kind, :entity, :entity_id, :version, :base_version, :case_id,
  :actor_id, :actor_name, :at, :hlc, :synced, :base, :body, :salt, :commitment, :previous, :hash, :signature)`;

/** The store over the signed log; also reads it back. */
export interface LogStore extends Store {
  readonly stationId: string;
  readonly incarnation: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** Seq of the newest entry; 0 when there is none. */
  head(): number;
  /** Entries of a case, oldest first; erased ones are left out. */
  byCase(caseId: string): readonly Op[];
  /** Entries of a kind, oldest first. */
  byKind(kind: string): readonly Op[];
  /** Signs what stands for the log as a whole, by the station's key. */
  sign(hash: Uint8Array): Buffer;
  /** Rows after `seq` as they are stored, oldest first. */
  rows(seq: number, limit: number): readonly OpRow[];
  /** Entries after `seq`, oldest first. */
  after(seq: number, limit: number): readonly Op[];
  /** Clears every projection and replays the log into it, in one transaction. */
  rebuild(): void;
}

export interface LogOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly kinds: OpKinds;
  readonly projections: readonly Projection[];
  /**
   * Raised whenever what the projectors write changes: tables that an earlier program filled are then made anew
   * from the log when it is opened. Left out: they are taken as they are.
   */
  readonly projectionVersion?: number;
  /** Told what a listener threw; without it the error is nobody's, and ends the process. */
  readonly onListenerError?: (error: unknown) => void;
}

const fail = (error: unknown): never => {
  throw error;
};

export function toOp(row: OpRow): Op {
  return {
    seq: row.seq,
    id: row.id,
    kind: row.kind,
    entity: row.entity,
    entityId: row.entity_id,
    version: row.version,
    caseId: row.case_id,
    actorId: row.actor_id,
    actorName: row.actor_name,
    at: row.at,
    body: row.body === null ? null : JSON.parse(row.body),
    ...(row.base_version === null ? {} : { baseVersion: row.base_version }),
  };
}

/** Opens the log of a database that holds a station (see `makeStation`). */
export function openLog({
  db,
  clock,
  kinds,
  projections,
  projectionVersion,
  onListenerError = fail,
}: LogOptions): LogStore {
  const station = db.prepare('SELECT * FROM station WHERE one = 1').get() as StationRow;
  const privateKey = createPrivateKey({ key: station.private_key, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey({ key: station.public_key, format: 'der', type: 'spki' });
  const projectors = new Map<string, Projector>(
    projections.flatMap((projection) => Object.entries(projection.projectors)),
  );
  const insert: Statement = db.prepare(INSERT);
  const last = db.prepare('SELECT seq, hash, hlc FROM ops ORDER BY seq DESC LIMIT 1');
  const versionOf = db.prepare('SELECT version FROM entity_versions WHERE entity_id = ?');
  const setVersion = db.prepare(
    'INSERT INTO entity_versions VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version',
  );
  const kindRows = db.prepare('SELECT * FROM ops WHERE kind = ? AND body IS NOT NULL ORDER BY seq');
  const base = db.prepare('SELECT read_n FROM hub').pluck();
  const caseRows = db.prepare('SELECT * FROM ops WHERE case_id = ? AND body IS NOT NULL ORDER BY seq');
  const rowsAfter = db.prepare('SELECT * FROM ops WHERE seq > ? ORDER BY seq LIMIT ?');
  const projected = withCachedStatements(db);
  const listeners = new Set<(ops: readonly Op[]) => void>();
  let depth = 0;
  let uncommitted: Op[] = [];

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
      base: (base.get() as number | undefined) ?? null,
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
      body,
      salt,
      commitment,
      previous,
      hash,
      signature: signHash(hash, privateKey),
    });
    setVersion.run(input.entityId, meta.version);
    const op: Op = { ...input, ...meta, baseVersion: input.baseVersion, body: parsed.data };
    project(op);
    return op;
  }

  function project(op: Op): void {
    const projector = projectors.get(op.kind);
    if (!projector) throw new Error(`no projector for “${op.kind}”`);
    projector(projected, op as Op<string, never>);
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
      throw diskTrouble(error, db.name);
    } finally {
      depth -= 1;
    }
    // Memory hears of a change only after it is on disk, so that nothing shows what a crash could undo.
    const committed = uncommitted;
    uncommitted = [];
    if (committed.length > 0) tell(committed);
    return result;
  }

  /** Clears every projection and replays the log into it, in one transaction. */
  const rebuild = (): void =>
    transaction(() => {
      for (const table of projections.flatMap((projection) => projection.tables)) {
        db.exec(`DELETE FROM ${table}`);
      }
      const rows = db.prepare('SELECT * FROM ops WHERE seq > ? ORDER BY seq LIMIT 500');
      for (let seq = 0; ; ) {
        const page = rows.all(seq) as OpRow[];
        if (page.length === 0) break;
        for (const row of page) if (row.body !== null) project(toOp(row));
        seq = page.at(-1)?.seq ?? seq;
      }
    });

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
    publicKey,
    privateKey,
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
    byCase: (caseId) => (caseRows.all(caseId) as OpRow[]).map(toOp),
    byKind: (kind) => (kindRows.all(kind) as OpRow[]).map(toOp),
    sign: (hash) => signHash(hash, privateKey),
    rows: (seq, limit) => rowsAfter.all(seq, limit) as OpRow[],
    after: (seq, limit) => (rowsAfter.all(seq, limit) as OpRow[]).map(toOp),
    rebuild,
  };
}

/** The database as projectors see it: they name their SQL anew for each operation. */
const withCachedStatements = (db: Database): Database =>
  Object.create(db, { prepare: { value: (text: string) => sql(db, text) } });
