import { open } from 'node:fs/promises';

/** Makes a new name in a folder survive a power cut. Windows cannot open folders, nor does it need to. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Gives a buffer's memory back now; it is empty afterwards. Without this, each thread piles up some 64 MiB of
 * dead chunks before the collector looks. Only for a buffer that nobody else sees. Engines before V8 11.4
 * cannot do it and leave it to the collector.
 */
export function release(buffer: Buffer): void {
  const memory = buffer.buffer;
  // Small buffers are cut from a shared pool, which cannot be given back.
  if (memory.byteLength <= Buffer.poolSize || !('transfer' in memory)) return;
  if (typeof memory.transfer === 'function') memory.transfer(0);
}
