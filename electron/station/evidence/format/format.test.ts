import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logText, testWriter, type WrittenFile, writeArtifact } from '../testing.ts';
import { CHUNK, HEADER, MIN_FILE, PREFIX, TAG, TRAILER } from './layout.ts';
import { ArtifactReader, RANGE } from './reader.ts';
import { checkFile } from './verify.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'repairbench-format-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const code = (expected: string) => expect.objectContaining({ code: expected });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const verify = ({ file, stored }: WrittenFile) => checkFile(file, stored);

async function readAll({ file }: WrittenFile): Promise<Buffer> {
  const reader = await ArtifactReader.open(file);
  try {
    const parts: Buffer[] = [];
    for await (const { bytes } of reader.chunks()) parts.push(bytes);
    return Buffer.concat(parts);
  } finally {
    await reader.close();
  }
}

async function readRange({ file }: WrittenFile, offset: number, length: number): Promise<Buffer> {
  const reader = await ArtifactReader.open(file);
  try {
    return await reader.read(offset, length);
  } finally {
    await reader.close();
  }
}

/** Half log, half noise, so that both gzipped and plain chunks occur. */
function mixed(size: number, seed: number): Buffer {
  const half = Math.floor(size / 2);
  const noise = Buffer.alloc(size - half);
  for (let i = 0, state = seed | 1; i < noise.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    noise[i] = state >>> 24;
  }
  return seed % 2 ? Buffer.concat([logText(half, seed), noise]) : Buffer.concat([noise, logText(half, seed)]);
}

describe('what comes in goes out', () => {
  const sizes = [0, 1, 2, 1000, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 3 * CHUNK + 12_345];
  it.each(sizes)('%i bytes', async (size) => {
    const content = mixed(size, size + 1);
    const written = await writeArtifact(folder, [content]);
    expect(written.stored).toMatchObject({
      size,
      sha256: sha256(content),
      lineBreaks: content.filter((byte) => byte === 10).length,
      storedBytes: (await stat(written.file.path)).size,
    });
    expect((await readAll(written)).equals(content)).toBe(true);
    expect(await verify(written)).toEqual({ chunks: Math.max(1, Math.ceil(size / CHUNK)), findings: [] });
  });

  it('in pieces of any size, read in ranges of any place', async () => {
    const around = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: -3, max: 3 }));
    const size = fc.oneof(
      around.map(([chunks, delta]) => Math.max(0, chunks * CHUNK + delta)),
      fc.integer({ min: 0, max: 300_000 }),
    );
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
    const ranges = fc.array(
      fc.tuple(fc.double({ min: 0, max: 1.2, noNaN: true }), fc.integer({ min: 1, max: RANGE })),
      {
        maxLength: 5,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        size,
        fc.integer({ min: 1, max: 1e6 }),
        cuts,
        ranges,
        async (n, seed, cutAt, wanted) => {
          const content = mixed(n, seed);
          const places = [0, ...cutAt.map((part) => Math.floor(part * n)).sort((a, b) => a - b), n];
          const pieces = places.slice(1).map((end, i) => content.subarray(places[i], end));
          const written = await writeArtifact(folder, pieces);
          expect(written.stored.sha256).toBe(sha256(content));
          const reader = await ArtifactReader.open(written.file);
          for (const [part, length] of wanted) {
            const offset = Math.floor(part * n);
            const got = await reader.read(offset, length);
            expect(got.equals(content.subarray(offset, offset + length))).toBe(true);
          }
          await reader.close();
          await rm(written.file.path);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('refuses ranges that are none', async () => {
    const written = await writeArtifact(folder, [Buffer.from('abc')]);
    for (const [offset, length] of [
      [-1, 1],
      [0, 0],
      [0, RANGE + 1],
      [0.5, 1],
      [Number.NaN, 1],
    ] as const) {
      await expect(readRange(written, offset, length)).rejects.toThrow(code('input.invalid'));
    }
    for (const past of [3, 4, 5 * CHUNK]) expect(await readRange(written, past, 10)).toHaveLength(0);
    expect((await readRange(written, 1, 10)).toString()).toBe('bc');
  });

  it('takes the buffer over: the caller may use it again', async () => {
    const { writer, id, caseKey, path } = await testWriter(folder);
    const buffer = Buffer.alloc(1000);
    for (let n = 0; n < 5; n++) await writer.write(buffer.fill(n));
    const stored = await writer.finish();
    const content = await readAll({ file: { path, id, caseKey, root: stored.root }, stored });
    expect([0, 1000, 2000, 3000, 4999].map((at) => content[at])).toEqual([0, 1, 2, 3, 4]);
  });

  it('stores what does not shrink as it is, and shrinks what does', async () => {
    const noise = await writeArtifact(folder, [randomBytes(4 * CHUNK)]);
    expect(noise.stored.storedBytes - noise.stored.size).toBeLessThan(1000);
    const turning = await writeArtifact(folder, [randomBytes(2 * CHUNK), logText(4 * CHUNK)]);
    expect(turning.stored.storedBytes).toBeLessThan(4.5 * CHUNK);
    expect((await verify(turning)).findings).toEqual([]);
  });

  it('never uses a key twice: equal content looks unlike', async () => {
    const caseKey = randomBytes(32);
    const id = '01890000-0000-7000-8000-000000000001';
    const first = await writeArtifact(join(folder, 'a'), [Buffer.alloc(100)], { id, caseKey });
    const second = await writeArtifact(join(folder, 'b'), [Buffer.alloc(100)], { id, caseKey });
    const body = async (w: WrittenFile) => (await readFile(w.file.path)).subarray(HEADER + PREFIX, -TRAILER);
    expect((await body(first)).equals(await body(second))).toBe(false);
    expect(first.stored.root).not.toBe(second.stored.root);
  });
});

describe('a changed file is noticed', () => {
  /** Three full chunks and a bit, all of noise, so that frames are of one size. */
  const content = randomBytes(3 * CHUNK + 500);
  const frame = PREFIX + CHUNK + TAG;
  let good: WrittenFile;
  let bytes: Buffer;
  beforeAll(async () => {
    good = await writeArtifact(folder, [content]);
    bytes = await readFile(good.file.path);
  });

  async function changed(change: (copy: Buffer) => Buffer | undefined): Promise<WrittenFile> {
    const path = join(folder, `changed-${randomBytes(6).toString('hex')}.rba`);
    const copy = Buffer.from(bytes);
    await writeFile(path, change(copy) ?? copy);
    return { ...good, file: { ...good.file, path } };
  }
  const flip = (at: number) => (copy: Buffer) => {
    copy[at] = (copy[at] ?? 0) ^ 1;
    return undefined;
  };

  it('in every single byte of a small one', async () => {
    const small = await writeArtifact(folder, [Buffer.from('one line\nand another')]);
    const whole = await readFile(small.file.path);
    const path = join(folder, 'small-changed.rba');
    for (let at = 0; at < whole.length; at++) {
      const copy = Buffer.from(whole);
      copy[at] = (copy[at] ?? 0) ^ 0x40;
      await writeFile(path, copy);
      const bad = { ...small, file: { ...small.file, path } };
      expect((await verify(bad)).findings, `byte ${at}`).not.toEqual([]);
      await expect(readAll(bad), `byte ${at}`).rejects.toThrow(code('artifact.damaged'));
    }
  });

  it('at every length it may be cut to', async () => {
    const small = await writeArtifact(folder, [Buffer.from('one line\nand another')]);
    const whole = await readFile(small.file.path);
    const path = join(folder, 'small-cut.rba');
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      const bad = { ...small, file: { ...small.file, path } };
      expect((await verify(bad)).findings, `length ${length}`).not.toEqual([]);
      await expect(readAll(bad), `length ${length}`).rejects.toThrow(code('artifact.damaged'));
    }
  });

  it.each([
    ['magic', 0, 'file.header'],
    ['version', 9, 'file.header'],
    ['chunk size', 14, 'file.header'],
    ['id', 20, 'file.other'],
    ['salt', 35, 'file.key'],
    ['key check', 50, 'file.key'],
  ])('in the header: %s', async (_, at, expected) => {
    const [first] = (await verify(await changed(flip(at)))).findings;
    expect(first).toMatchObject({ code: expected });
  });

  it.each([
    ['length', 0],
    ['flags', 4],
    ['first byte', PREFIX],
    ['a byte in the middle', 700_000],
    ['last byte', PREFIX + CHUNK - 1],
    ['tag', PREFIX + CHUNK + 3],
  ])('in a chunk: %s; the others stay readable', async (_, at) => {
    const bad = await changed(flip(HEADER + frame + at));
    const { findings, chunks } = await verify(bad);
    expect(chunks).toBe(4);
    expect(findings).toEqual([
      {
        where: 'chunk 2 of 4 (bytes 1,048,576 to 2,097,151)',
        code: 'chunk.damaged',
        detail: 'its bytes were changed after they were stored',
      },
    ]);
    await expect(readRange(bad, CHUNK + 5, 10)).rejects.toThrow(/chunk 2 of 4/);
    await expect(readRange(bad, CHUNK - 5, 10)).rejects.toThrow(code('artifact.damaged'));
    expect((await readRange(bad, 2 * CHUNK, 10)).equals(content.subarray(2 * CHUNK, 2 * CHUNK + 10))).toBe(
      true,
    );
  });

  it('in several chunks: each is named', async () => {
    const bad = await changed((copy) => {
      flip(HEADER + 100)(copy);
      flip(HEADER + 3 * frame + 100)(copy);
      return undefined;
    });
    expect((await verify(bad)).findings.map((finding) => finding.where)).toEqual([
      'chunk 1 of 4 (bytes 0 to 1,048,575)',
      'chunk 4 of 4 (bytes 3,145,728 to 3,146,227)',
    ]);
  });

  it('with two chunks swapped', async () => {
    const bad = await changed((copy) => {
      bytes.copy(copy, HEADER, HEADER + frame, HEADER + 2 * frame);
      bytes.copy(copy, HEADER + frame, HEADER, HEADER + frame);
      return undefined;
    });
    expect((await verify(bad)).findings).toMatchObject([
      { code: 'chunk.swapped', detail: 'it holds what belongs to chunk 2' },
      { code: 'chunk.swapped', detail: 'it holds what belongs to chunk 1' },
    ]);
  });

  it('with a chunk of another artifact of the same case', async () => {
    const { caseKey } = good.file;
    const other = await readFile((await writeArtifact(folder, [content], { caseKey })).file.path);
    const bad = await changed((copy) => void other.copy(copy, HEADER, HEADER, HEADER + frame));
    expect((await verify(bad)).findings).toMatchObject([{ code: 'chunk.damaged' }]);
  });

  it('with a chunk left out, the end kept', async () => {
    const without = (copy: Buffer) =>
      Buffer.concat([copy.subarray(0, HEADER + frame), copy.subarray(HEADER + 2 * frame)]);
    const { findings } = await verify(await changed(without));
    expect(findings).toMatchObject([
      { code: 'file.end' },
      { code: 'content.part', detail: 'the first 1 of 4 chunks (1,048,576 bytes) authenticate, no more' },
    ]);
  });

  it('cut in a chunk: says how much of it is good', async () => {
    const { findings, chunks } = await verify(
      await changed((copy) => copy.subarray(0, HEADER + 2 * frame + 99)),
    );
    expect(chunks).toBe(2);
    expect(findings).toMatchObject([
      { code: 'file.end' },
      { code: 'content.part', detail: 'the first 2 of 4 chunks (2,097,152 bytes) authenticate, no more' },
    ]);
  });

  it('cut after the last chunk, in the index, and in the trailer', async () => {
    for (const length of [
      HEADER + 3 * frame + PREFIX + 500 + TAG,
      bytes.length - TRAILER - 5,
      bytes.length - 1,
    ]) {
      const { findings } = await verify(await changed((copy) => copy.subarray(0, length)));
      expect(findings).toMatchObject([
        { code: 'file.end' },
        { code: 'content.part', detail: 'all its 4 chunks (3,146,228 bytes) authenticate' },
      ]);
    }
  });

  it('with bytes appended', async () => {
    const { findings } = await verify(await changed((copy) => Buffer.concat([copy, Buffer.from('x')])));
    expect(findings).toMatchObject([{ code: 'file.end' }, { code: 'content.part' }]);
  });

  it('in the index and in the trailer', async () => {
    const index = bytes.length - TRAILER - 60;
    expect((await verify(await changed(flip(index)))).findings).toMatchObject([{ code: 'file.index' }, {}]);
    for (const at of [3, 12, 20]) {
      const bad = await changed(flip(bytes.length - TRAILER + at));
      expect((await verify(bad)).findings[0]).toMatchObject({ code: 'file.end' });
    }
  });

  it('when it is another artifact’s file, or opened with another case’s key', async () => {
    const other = await writeArtifact(folder, [content], { caseKey: good.file.caseKey });
    const renamed = { ...good, file: { ...good.file, path: other.file.path } };
    expect((await verify(renamed)).findings).toMatchObject([{ code: 'file.other' }]);
    const wrongKey = { ...good, file: { ...good.file, caseKey: randomBytes(32) } };
    expect((await verify(wrongKey)).findings).toMatchObject([{ code: 'file.key' }]);
    await expect(readAll(wrongKey)).rejects.toThrow(code('artifact.damaged'));
  });

  it('even when somebody who has the key wrote it anew', async () => {
    const { id, caseKey } = good.file;
    const forged = await writeArtifact(join(folder, 'forged'), [Buffer.from('nothing to see')], {
      id,
      caseKey,
    });
    const bad = { ...good, file: { ...good.file, path: forged.file.path } };
    expect((await verify(bad)).findings[0]).toMatchObject({ code: 'file.root' });
    await expect(readRange(bad, 0, 5)).rejects.toThrow(code('artifact.damaged'));
  });

  it('when it is gone, empty or a folder', async () => {
    const at = (path: string) => ({ ...good, file: { ...good.file, path } });
    expect((await verify(at(join(folder, 'none')))).findings).toMatchObject([{ code: 'file.missing' }]);
    await expect(readAll(at(join(folder, 'none')))).rejects.toThrow(code('artifact.missing'));
    expect((await verify(at(folder))).findings[0]).toMatchObject({ where: 'the file' });
    const empty = await changed(() => Buffer.alloc(0));
    expect((await verify(empty)).findings).toMatchObject([{ code: 'file.truncated' }]);
    const zeros = await changed(() => Buffer.alloc(MIN_FILE));
    expect((await verify(zeros)).findings).toMatchObject([{ code: 'file.header' }]);
  });
});

describe('what goes wrong while writing', () => {
  async function leftovers(at: string): Promise<string[]> {
    const files = await readdir(at, { recursive: true, withFileTypes: true });
    return files.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  it('a discarded artifact leaves nothing', async () => {
    const at = join(folder, 'discarded');
    const { writer } = await testWriter(at);
    await writer.write(randomBytes(3 * CHUNK));
    await writer.discard();
    await writer.discard();
    expect(await leftovers(at)).toEqual([]);
    await expect(writer.write(Buffer.alloc(1))).rejects.toThrow('already discarded');
  });

  it('discarding after the end does nothing', async () => {
    const { writer, path } = await testWriter(folder);
    await writer.finish();
    await writer.discard();
    expect(existsSync(path)).toBe(true);
  });

  it('calls that nobody waited for are served in order', async () => {
    const { writer, id, caseKey, path } = await testWriter(folder);
    const pieces = Array.from({ length: 40 }, (_, n) => Buffer.alloc(100_000, n));
    const done = pieces.map((piece) => writer.write(piece));
    const stored = await writer.finish();
    await Promise.all(done);
    expect(stored.sha256).toBe(sha256(Buffer.concat(pieces)));
    expect((await checkFile({ path, id, caseKey, root: stored.root }, stored)).findings).toEqual([]);
  });

  it.runIf(existsSync('/dev/full'))('a full disk says so, and leaves nothing', async () => {
    const at = join(folder, 'full');
    const { writer } = await testWriter(at, { openFile: () => open('/dev/full', 'w') });
    const full = code('artifact.disk-full');
    await expect(
      (async () => {
        for (let n = 0; n < 10; n++) await writer.write(randomBytes(CHUNK));
      })(),
    ).rejects.toThrow(full);
    await expect(writer.write(Buffer.alloc(1))).rejects.toThrow(full);
    await expect(writer.finish()).rejects.toThrow(full);
    await writer.discard();
    expect(await leftovers(at)).toEqual([]);
  });

  it('stops while there is still room for the database', async () => {
    const at = join(folder, 'reserve');
    await expect(testWriter(at, { minFreeBytes: 2 ** 60 })).rejects.toThrow(code('artifact.disk-full'));
    expect(await leftovers(at)).toEqual([]);
  });

  it('a folder that is gone is an error with words', async () => {
    const path = join(folder, 'nowhere', 'x.rba');
    await expect(testWriter(folder, { path })).rejects.toThrow(code('artifact.write-failed'));
  });
});

it('64 MiB pass through a few chunks of memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const live = () => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const piece = logText(256 * 1024);
  const before = live();
  let peak = 0;
  const { writer, id, caseKey, path } = await testWriter(folder);
  for (let n = 0; n < 256; n++) {
    await writer.write(piece);
    if (n % 16 === 0) peak = Math.max(peak, live() - before);
  }
  const stored = await writer.finish();
  const reader = await ArtifactReader.open({ path, id, caseKey, root: stored.root });
  for await (const { k } of reader.chunks()) if (k % 8 === 0) peak = Math.max(peak, live() - before);
  await reader.close();
  expect(stored.size).toBe(64 * CHUNK);
  // Writing holds four chunks, what they shrank to and their ciphertext; reading four and their frames.
  expect(peak).toBeLessThan(24 * CHUNK);
});
