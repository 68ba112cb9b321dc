import { createHash, createPublicKey, verify } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import { BenchError, isBenchError } from '../../../shared/errors/index.ts';
import {
  type Snapshot,
  SnapshotAnswer,
  SnapshotLine,
  snapshotForm,
  snapshotPath,
} from '../../../shared/sync/snapshot.ts';
import type { LogStore } from '../storage/log.ts';
import { download } from './blob-download.ts';
import type { HubConnection } from './hub-client.ts';
import type { Joined } from './state.ts';

/** A history shorter than this is read as it is. */
const WORTH = 10_000;

/** Longer than any row: an operation's content and what surrounds it, in characters. */
const LONGEST_LINE = 20_000_000;

/** Throws `sync.not-a-hub` when the hub has not signed it. */
function checkSignature(hub: Joined, snapshot: Snapshot): void {
  const key = createPublicKey({ key: hub.hubKey, format: 'der', type: 'spki' });
  const text = Buffer.from(snapshotForm(hub.siteId, snapshot), 'utf8');
  if (!verify(null, text, key, Buffer.from(snapshot.signature, 'base64'))) {
    throw new BenchError('sync.not-a-hub', { url: hub.url, detail: 'its snapshot is not signed by its key' });
  }
}

/** The newest snapshot the hub has; null when it has none, or is of a version that makes none. */
async function offered(client: HubConnection, signal: AbortSignal): Promise<Snapshot | null> {
  try {
    return (await client.ask('GET', '/v1/snapshot', null, SnapshotAnswer, signal)).snapshot;
  } catch (error) {
    if (isBenchError(error, 'sync.not-a-hub')) return null;
    throw error;
  }
}

/**
 * Takes a site's state over from the hub instead of reading its whole history, where that is worth it and the hub has
 * one that fits this program. Gives whether it did; the feed is read on from there. What is not whole changes nothing.
 * @param last how far the feed goes
 */
export async function takeSnapshot(
  { log, hub, client }: { readonly log: LogStore; readonly hub: Joined; readonly client: HubConnection },
  last: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (last < WORTH || log.readFeed() !== null) return false;
  const snapshot = await offered(client, signal);
  if (!snapshot || snapshot.form !== log.snapshotForm || snapshot.n < last / 2) return false;
  checkSignature(hub, snapshot);
  const copy = log.copyOfSite();
  try {
    const lines = lineReader((line) => copy.take(SnapshotLine.parse(JSON.parse(line))));
    const sha = createHash('sha256');
    let received = 0;
    await download(
      client,
      { path: snapshotPath(snapshot.sha256), size: snapshot.size },
      {
        packs: false,
        received: () => received,
        async write(bytes) {
          received += bytes.length;
          sha.update(bytes);
          await lines.write(bytes);
        },
        async finish() {
          await lines.end();
          if (sha.digest('hex') !== snapshot.sha256) throw new BenchError('blob.damaged');
        },
        async discard() {},
      },
      signal,
      () => {},
    );
    // Meanwhile somebody else began to read the feed.
    if (log.readFeed() !== null) return false;
    return copy.takeOver(snapshot.n, Buffer.from(snapshot.hash, 'base64'));
  } catch (error) {
    signal.throwIfAborted();
    // Whatever is wrong with it (what is no error of the domain, a rule of the tables broke): the history itself is
    // there to be read.
    if (!isBenchError(error) || error.code === 'blob.damaged' || error.code === 'blob.unknown') return false;
    throw error;
  } finally {
    copy.dispose();
  }
}

/** Lines of compressed text, in pieces as they come. */
function lineReader(take: (line: string) => void) {
  const unpacked = createGunzip();
  let rest = '';
  let failure: Error | null = null;
  unpacked.setEncoding('utf8');
  unpacked.on('data', (text: string) => {
    try {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) throw new Error('a line without an end');
      for (const line of lines) take(line);
    } catch (error) {
      unpacked.destroy(error as Error);
    }
  });
  const ended = new Promise<void>((resolve) => {
    unpacked.once('error', (error) => {
      failure = error;
      resolve();
    });
    unpacked.once('end', resolve);
  });
  const check = () => {
    if (failure) throw new BenchError('blob.damaged', {}, { cause: failure });
  };
  return {
    async write(bytes: Uint8Array): Promise<void> {
      check();
      // A stream that fails does not tell whoever waits for a write.
      await Promise.race([ended, new Promise<void>((resolve) => unpacked.write(bytes, () => resolve()))]);
      check();
    },
    async end(): Promise<void> {
      unpacked.end();
      await ended;
      check();
    },
  };
}
