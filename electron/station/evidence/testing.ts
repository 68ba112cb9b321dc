import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 } from 'uuid';
import type { Stored } from './format/layout.ts';
import type { ArtifactFile } from './format/reader.ts';
import { ArtifactWriter, type WriterOptions } from './format/writer.ts';

/** A finished artifact file, for tests. */
export interface WrittenFile {
  readonly file: ArtifactFile;
  readonly stored: Stored;
}

/** Opens a writer in `folder` with a new id and key, unless told otherwise. */
export async function testWriter(folder: string, options: Partial<WriterOptions> = {}) {
  const id = options.id ?? v7();
  const caseKey = options.caseKey ?? randomBytes(32);
  await mkdir(folder, { recursive: true });
  const writer = await ArtifactWriter.create({
    path: join(folder, `${id}.rba`),
    temporary: join(folder, 'incoming', `${id}.part`),
    salt: randomBytes(16),
    name: 'test.log',
    minFreeBytes: 0,
    ...options,
    id,
    caseKey,
  });
  return { writer, id, caseKey, path: options.path ?? join(folder, `${id}.rba`) };
}

/** Writes content in the given pieces and finishes. */
export async function writeArtifact(
  folder: string,
  pieces: Iterable<Uint8Array>,
  options: Partial<WriterOptions> = {},
): Promise<WrittenFile> {
  const { writer, id, caseKey, path } = await testWriter(folder, options);
  for (const piece of pieces) await writer.write(piece);
  const stored = await writer.finish();
  return { file: { path, id, caseKey, root: stored.root }, stored };
}

/** Text that looks like a log, the same for the same seed. */
export function logText(bytes: number, seed = 1): Buffer {
  const words = 'usb mmc0 eth0 link up down error timeout wlan0 reason kernel systemd Started session'.split(
    ' ',
  );
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state % below;
  };
  const word = () => words[random(words.length)];
  const lines: string[] = [];
  let length = 0;
  for (let time = 0; length < bytes; ) {
    time += random(5_000);
    const at = (time / 1000).toFixed(6).padStart(14);
    const line = `[${at}] ${word()}: ${word()} ${word()} addr=0x${random(2 ** 31).toString(16)} len=${random(4096)}\n`;
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join('')).subarray(0, bytes);
}
