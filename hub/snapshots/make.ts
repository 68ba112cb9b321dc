import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { openReplica, type Replica } from '../../electron/station/replica.ts';
import { BATCH } from '../../shared/sync/protocol.ts';
import type { Snapshot } from '../../shared/sync/snapshot.ts';
import { toFeedEntry } from '../feed/read.ts';
import type { FeedReads } from '../feed/store.ts';

const MIGRATIONS = fileURLToPath(new URL('../../electron/station/storage/migrations/', import.meta.url));
/** Lines that are handed on together. */
const LINES = 500;

/**
 * Brings the site's replica up to the feed and writes all of it to a file. Gives what the hub then signs; null while
 * the feed is empty. The file has its name only when it is on disk.
 */
export async function makeSnapshot(
  feed: FeedReads,
  siteId: string,
  dir: string,
): Promise<Omit<Snapshot, 'signature'> | null> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const replica = await catchUp(feed, siteId, join(dir, 'replica.db'));
  try {
    const read = replica.read();
    return read && (await write(replica, read, dir));
  } finally {
    replica.close();
  }
}

async function catchUp(feed: FeedReads, siteId: string, path: string): Promise<Replica> {
  const site = { siteId, epochs: (await feed.site(siteId)).epochs };
  const open = () => openReplica(path, site, MIGRATIONS);
  let replica = open();
  const read = replica?.read();
  // A hub that was restored begins anew.
  const isSame = replica && (!read || (await feed.hashAt(siteId, read.n))?.equals(read.hash));
  if (!isSame) {
    replica?.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    replica = open();
  }
  if (!replica) throw new Error('a new replica is on no path');
  for (;;) {
    const page = await feed.page(siteId, replica.read()?.n ?? 0, BATCH);
    if (page.length === 0) return replica;
    replica.place(page.map((fed) => ({ entry: toFeedEntry(fed), hash: fed.hash })));
  }
}

async function write(
  replica: Replica,
  { n, hash }: { readonly n: number; readonly hash: Buffer },
  dir: string,
): Promise<Omit<Snapshot, 'signature'>> {
  // What a hub that was stopped meanwhile has left.
  for (const name of readdirSync(dir)) if (/^\d+\.new$/.test(name)) rmSync(join(dir, name), { force: true });
  const target = join(dir, `${n}.new`);
  const sha = createHash('sha256');
  let size = 0;
  const packed = createGzip({ level: 3 });
  packed.on('data', (bytes: Buffer) => {
    sha.update(bytes);
    size += bytes.length;
  });
  await pipeline(Readable.from(texts(replica)), packed, createWriteStream(target, { mode: 0o600 }));
  const file = await open(target, 'r');
  await file.sync();
  await file.close();
  const sha256 = sha.digest('hex');
  renameSync(target, join(dir, sha256));
  return { n, hash: hash.toString('base64'), form: replica.form, size, sha256 };
}

function* texts(replica: Replica): Generator<string> {
  let lines: string[] = [];
  for (const line of replica.lines()) {
    lines.push(JSON.stringify(line));
    if (lines.length < LINES) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}
