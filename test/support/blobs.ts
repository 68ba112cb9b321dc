import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { v7 } from 'uuid';
import { download } from '../../electron/station/sync/blob-download.ts';
import { type Content, upload } from '../../electron/station/sync/blob-upload.ts';
import { type HubConnection, hubClient } from '../../electron/station/sync/hub-client.ts';
import { BenchError } from '../../shared/errors/index.ts';
import { blobPath, CheckAnswer, MissingAnswer } from '../../shared/sync/blobs.ts';
import { HEADERS, signingForm } from '../../shared/sync/protocol.ts';
import { BareStation } from './hub.ts';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const never = new AbortController().signal;

/** A bench that speaks of content by the program's own client, and can be made to lie about it. */
export class BlobStation extends BareStation {
  readonly privateKey: KeyObject;

  constructor(address: string, prefix: string) {
    const pair = generateKeyPairSync('ed25519');
    super(address, prefix, pair);
    this.privateKey = pair.privateKey;
  }

  client(url: string = this.address): HubConnection {
    const now = () => new Date(Date.now() + this.skewMs).toISOString();
    return hubClient({ url, stationId: this.id, privateKey: this.privateKey, now });
  }

  /** Says by a pushed entry that it has this content, or something of this hash and size. */
  async announce(content: Uint8Array, lie: { sha256?: string; size?: number } = {}): Promise<string> {
    const hash = lie.sha256 ?? sha256(content);
    const [id, caseId] = [v7(), v7()];
    this.append(
      'artifact.added',
      id,
      {
        ...{ id, caseId, runId: null, kind: 'log', name: 'kernel.log', mime: 'text/plain' },
        ...{ size: lie.size ?? content.length, sha256: hash, hashedByUnit: null },
        ...{ root: sha256(randomBytes(8)), storedBytes: content.length + 400, lineBreaks: 0 },
      },
      { caseId, entity: 'artifact' },
    );
    await this.push(this.log.length - 1);
    return hash;
  }

  /** Sends content; gives the offsets that were read of it. */
  async upload(
    content: Uint8Array,
    options: {
      url?: string;
      hash?: string;
      size?: number;
      packs?: boolean;
      begun?: boolean;
      signal?: AbortSignal;
      /** Before a piece is handed over. */
      onRead?: (offset: number) => Promise<void>;
    } = {},
  ): Promise<number[]> {
    const offsets: number[] = [];
    const described: Content = {
      sha256: options.hash ?? sha256(content),
      size: options.size ?? content.length,
      packs: options.packs ?? false,
      begun: options.begun ?? false,
      async read(offset, length) {
        offsets.push(offset);
        await options.onRead?.(offset);
        return content.subarray(offset, offset + length);
      },
    };
    try {
      await upload(this.client(options.url), described, options.signal ?? never, () => {});
    } catch (error) {
      throw Object.assign(error as Error, { offsets });
    }
    return offsets;
  }

  /** Which of these the hub lacks. */
  async missing(hashes: readonly string[]): Promise<string[]> {
    const asked = { sha256: hashes };
    return (await this.client().ask('POST', '/v1/blobs/missing', asked, MissingAnswer, never)).missing;
  }

  /** Whether the hub finds its copy whole. */
  async check(hash: string): Promise<boolean> {
    return (await this.client().ask('POST', `${blobPath(hash)}/check`, {}, CheckAnswer, never)).ok;
  }

  /** What signs a request that somebody else's client sends. */
  headersFor(method: string, path: string, bodyHash: string): Record<string, string> {
    const at = new Date().toISOString();
    const form = signingForm({ method, path, stationId: this.id, at, bodyHash });
    return {
      [HEADERS.station]: this.id,
      [HEADERS.at]: at,
      [HEADERS.signature]: sign(null, Buffer.from(form), this.privateKey).toString('base64'),
    };
  }

  /** Fetches content as a bench does, into memory. */
  async download(
    hash: string,
    size: number,
    options: { url?: string; packs?: boolean } = {},
  ): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    const received = () => parts.reduce((sum, part) => sum + part.length, 0);
    const copy = {
      packs: options.packs ?? false,
      received,
      async write(bytes: Uint8Array) {
        parts.push(bytes);
      },
      async finish() {
        if (sha256(Buffer.concat(parts)) !== hash) throw new BenchError('blob.damaged');
      },
      async discard() {},
    };
    await download(this.client(options.url), { path: blobPath(hash), size }, copy, never, () => {});
    return Buffer.concat(parts);
  }
}

/** Tries until it works, as a bench does; gives each try's first offset. */
export async function persist(tries: number, work: () => Promise<number[]>): Promise<number[]> {
  const firsts: number[] = [];
  for (let n = 0; n < tries; n++) {
    try {
      const [first] = await work();
      return first === undefined ? firsts : [...firsts, first];
    } catch (error) {
      const [first] = (error as { offsets?: number[] }).offsets ?? [];
      if (first !== undefined) firsts.push(first);
    }
  }
  throw new Error(`it was not there after ${tries} tries`);
}
