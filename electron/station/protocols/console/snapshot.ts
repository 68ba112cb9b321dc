import { randomBytes } from 'node:crypto';
import type { ConsoleShell } from './shell.ts';

/** Folders that usually lie in memory first: the medium under repair is not written to where it can be helped. */
const PLACES = '/dev/shm /run /tmp /var/run /var/tmp';
/** A snapshot takes at most this much, and at most a quarter of the room there is. */
const MAX_BYTES = 256 * 1024 * 1024;
/** Making it may take this long: the command prints to the unit's own memory. */
const TIMEOUT_MS = 300_000;

export interface Snapshot {
  readonly path: string;
  readonly size: number;
}

/**
 * Keeps what a command prints in a temporary file on the unit while `use` reads it, so that it can be sent in
 * pieces, again if needed, and summed up. Null when the unit has no room for it. The file is removed afterwards,
 * and by the unit itself when the conversation ends otherwise.
 */
export async function withSnapshot<T>(
  shell: ConsoleShell,
  command: string,
  signal: AbortSignal,
  use: (snapshot: Snapshot) => Promise<T>,
): Promise<T | null> {
  const name = `.rb-${randomBytes(8).toString('hex')}`;
  const made = await shell.text(
    `umask 077;for d in ${PLACES};do [ -d $d ]&&[ -w $d ]&&mkdir $d/${name} 2>/dev/null&&{ echo "d $d/${name}";df -k $d;break;};done`,
    { signal, timeoutMs: 30_000 },
  );
  const folder = /^d (\/[\w./-]+)$/m.exec(made.text)?.[1];
  if (folder === undefined) return null;
  try {
    await shell.define('R', `R=${folder}`, signal);
    const limit = Math.min(MAX_BYTES, roomIn(made.text) / 4);
    if (limit < 4096 || !shell.tools.dd) return null;
    const bounded = shell.tools.headBytes ? `|head -c ${Math.floor(limit) + 1}` : '';
    const result = await shell.text(
      `umask 077;{ { ( ${command} ) 2>/dev/null 3>&-;echo "s$?" >&3;}${bounded}|dd of=${folder}/o bs=65536 2>/dev/null;echo "w$?" >&3;} 3>&1;wc -c <${folder}/o`,
      { signal, timeoutMs: TIMEOUT_MS },
    );
    const size = Number(/^\s*(\d{1,15})\s*$/m.exec(result.text)?.[1] ?? Number.NaN);
    const written = /^w0$/m.test(result.text);
    if (!written || !Number.isSafeInteger(size) || size > limit) return null;
    return await use({ path: `${folder}/o`, size });
  } finally {
    await shell.forget('R', `rm -f ${folder}/o;rmdir ${folder};R=`, signal);
  }
}

/** Bytes free, from what `df -k` printed: the number before the percentage. */
const roomIn = (printed: string): number => Number(/(\d{1,15})\s+\d{1,3}%/.exec(printed)?.[1] ?? 0) * 1024;
