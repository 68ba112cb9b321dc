import { randomInt } from 'node:crypto';
import { BenchError } from '../../../shared/errors/index.ts';
import { readSum } from '../protocols/console/checks.ts';
import { quote } from '../protocols/console/quote.ts';
import type { ConsoleShell } from '../protocols/console/shell.ts';
import { type BlockDevice, isSameDevice, refusals } from '../wipe/targets.ts';
import { readUsage, targetsOf } from './console-disks.ts';
import { guardOf } from './console-guard.ts';
import { MIB, operands, type Piece, wholeRecords, zeroSums } from './console-pieces.ts';
import type { ActionContext, ActionResult } from './driver.ts';

export interface OverwriteArgs {
  readonly target: string;
  readonly pattern: 'zero' | 'random';
  readonly readBack: 'all' | 'sample';
}

/** A command writes or reads for about this long, so that progress shows and a stop is quick. */
const PIECE_SECONDS = 2;
const FIRST_PIECE = 4 * MIB;
const MAX_PIECE = 64 * MIB;
/** A medium that needs longer for one piece is broken; waiting on tells nothing. */
const PIECE_TIMEOUT_MS = 10 * 60_000;
/** Share of the pieces that a sample reads; the first and the last are always among them. */
const SAMPLE_SHARE = 0.1;
/** Pieces that could not be written or read, after which the rest is not tried. */
const MAX_ERRORS = 16;

/** How the page cache is passed by, best first. */
const PAST_CACHE = {
  direct: 'direct I/O',
  flushed: 'buffers of the device flushed',
  dropped: 'page cache dropped',
} as const;
type PastCache = keyof typeof PAST_CACHE;

/** What `cmp` says when its standard input ended without a difference. */
const CAME_TO_THE_END = /EOF on \W{0,2}-/;

/** One wipe of one device: overwrites all of it, then reads it back past the page cache. */
class Overwrite {
  readonly #shell: ConsoleShell;
  readonly #context: ActionContext;
  readonly #device: BlockDevice;
  readonly #args: OverwriteArgs;
  readonly #pieces: Piece[] = [];
  #errors = 0;

  constructor(shell: ConsoleShell, context: ActionContext, device: BlockDevice, args: OverwriteArgs) {
    this.#shell = shell;
    this.#context = context;
    this.#device = device;
    this.#args = args;
  }

  async run(): Promise<ActionResult> {
    const isSynced = await this.#write();
    const past = await this.#passCache(isSynced);
    const canCompare = await this.#canCompare();
    const { readBack, differs } = canCompare ? await this.#readBack(past) : { readBack: 0, differs: false };
    const written = this.#pieces.reduce((sum, { bytes }) => sum + bytes, 0);
    const failed = differs || this.#errors > 0 || written !== this.#device.bytes;
    if (past === null) this.#context.log('nothing on the unit reads past its page cache: not verified');
    if (!canCompare) this.#context.log('nothing on the unit compares what it reads: not verified');
    return {
      values: {
        bytes: written,
        // What came from the cache proves nothing, either way.
        verified: failed ? false : past === null || !canCompare ? null : true,
        readBackBytes: readBack,
        pastCache: past !== null,
        computedBy: 'unit',
        method: this.#method(past, canCompare),
        errors: this.#errors,
      },
    };
  }

  #method(past: PastCache | null, canCompare: boolean): string {
    const { pattern, readBack } = this.#args;
    const { hash } = this.#shell.tools;
    const written = `one pass of ${pattern === 'zero' ? 'zeros' : 'random data'}`;
    if (!canCompare) return `${written}, not read back`;
    return [
      written,
      `${readBack === 'all' ? 'all of it' : 'a sample'} read back ${
        past === null ? 'through the page cache' : `past the page cache (${PAST_CACHE[past]})`
      }`,
      hash === null ? 'compared with zeros' : `${hash.name} of each piece compared`,
    ].join(', ');
  }

  // ---- writing ---------------------------------------------------------------------------------------------

  /** Overwrites the device. True when each piece was synced to it. */
  async #write(): Promise<boolean> {
    const total = this.#device.bytes;
    const conv = await this.#conversions();
    // From here on bytes may be on the medium that no answer has counted yet.
    this.#context.tell({ bytes: null });
    let size = FIRST_PIECE;
    let written = 0;
    for (let offset = 0; offset < total && this.#errors < MAX_ERRORS; ) {
      const left = total - offset;
      // Whole MiB as long as there are any, then the rest.
      const bytes = left < MIB ? left : Math.min(size, left - (left % MIB));
      const began = performance.now();
      const piece = await this.#writePiece({ offset, bytes, sum: null }, conv);
      size = this.#pieceSize(bytes, began);
      if (piece !== null) {
        this.#pieces.push(piece);
        written += bytes;
        this.#context.tell({ bytes: written });
      } else this.#failed('writing', bytes, offset);
      offset += bytes;
      this.#progress(offset);
    }
    return conv.includes('fsync');
  }

  /** Writes a piece, in the same command that looks whether the device is still what it was. */
  async #writePiece(piece: Piece, conv: string): Promise<Piece | null> {
    const where = operands(piece, 'seek');
    const to = `dd of=${quote(this.#device.path)} ${where}${conv}`;
    if (this.#args.pattern === 'zero') {
      const { status, text } = await this.#writing(`${to} if=/dev/zero`);
      return status === 0 && wholeRecords(text, 'out', where) ? piece : null;
    }
    const { hash } = this.#shell.tools;
    if (hash === null) return null;
    const block = piece.bytes % 65_536 === 0 ? 65_536 : 512;
    const source = `dd if=/dev/urandom bs=${block} count=${piece.bytes / block} 2>/dev/null`;
    // A pipe hands over what it has, so the count cannot be in blocks of the device.
    const sink = `{ ${to.replace(/ count=\d+/, '')};echo "w$?";} >&2`;
    const { text } = await this.#writing(
      `h=$({ ${source}|tee /proc/self/fd/7|${sink};} 7>&1|${hash.command});echo "h $h"`,
    );
    const sum = readSum(hash.name, /^h (.*)$/m.exec(text)?.[1] ?? '');
    return /^w0$/m.test(text) && sum !== null ? { ...piece, sum } : null;
  }

  /** Runs a command that writes, where the device is still what it was and nothing uses it. */
  async #writing(command: string): Promise<{ status: number; text: string }> {
    const { path } = this.#device;
    const result = await this.#run(`${guardOf(this.#device)}||{ echo not-the-device;exit 9;};${command}`);
    if (/^not-the-device$/m.test(result.text)) {
      throw new BenchError('wipe.target-changed', { target: path });
    }
    return result;
  }

  /** `notrunc` keeps the size of a mapped file; without it only a real device may be written to. */
  async #conversions(): Promise<string> {
    if (await this.#works('dd if=/dev/null of=/dev/null conv=notrunc,fsync')) return ' conv=notrunc,fsync';
    if (await this.#works('dd if=/dev/null of=/dev/null conv=notrunc')) return ' conv=notrunc';
    if (this.#device.node.kind === 'block') return '';
    const detail = 'its “dd” cannot write into the middle of a file';
    throw new BenchError('unit.no-tools', { address: this.#shell.address, detail });
  }

  // ---- reading back ----------------------------------------------------------------------------------------

  async #passCache(isSynced: boolean): Promise<PastCache | null> {
    const path = quote(this.#device.path);
    const isClean = (await this.#works('sync', PIECE_TIMEOUT_MS)) || isSynced;
    if (await this.#works(`dd if=${path} of=/dev/null bs=4096 count=1 iflag=direct`)) return 'direct';
    if (await this.#works(`blockdev --flushbufs ${path}`)) return 'flushed';
    // What was not synced stays in the cache.
    if (isClean && (await this.#works('echo 3 >/proc/sys/vm/drop_caches'))) return 'dropped';
    return null;
  }

  /** Whether something tells right from wrong: a sum, or a `cmp` that says how it ended. */
  async #canCompare(): Promise<boolean> {
    if (this.#shell.tools.hash !== null) return true;
    const { text } = await this.#run('dd if=/dev/zero bs=512 count=1 2>/dev/null|cmp - /dev/zero 2>&1');
    return CAME_TO_THE_END.test(text);
  }

  async #readBack(past: PastCache | null): Promise<{ readBack: number; differs: boolean }> {
    const { hash } = this.#shell.tools;
    const zeros = hash === null ? null : zeroSums(hash.name);
    let readBack = 0;
    let differs = false;
    for (const piece of this.#sample()) {
      if (this.#errors >= MAX_ERRORS) break;
      const same = await this.#readPiece(piece, past, piece.sum ?? zeros?.(piece.bytes) ?? null);
      if (same === null) {
        this.#failed('reading', piece.bytes, piece.offset);
        continue;
      }
      readBack += piece.bytes;
      this.#progress(this.#device.bytes + readBack);
      if (same) continue;
      differs = true;
      this.#context.log(`what was read back differs within ${piece.bytes} bytes at ${piece.offset}`);
    }
    return { readBack, differs };
  }

  #sample(): readonly Piece[] {
    if (this.#args.readBack === 'all') return this.#pieces;
    const last = this.#pieces.length - 1;
    const chosen = new Set([0, last]);
    const wanted = Math.min(this.#pieces.length, Math.max(2, this.#pieces.length * SAMPLE_SHARE));
    while (chosen.size < wanted) chosen.add(randomInt(this.#pieces.length));
    return this.#pieces.filter((_, at) => chosen.has(at));
  }

  /** Whether a piece is as it should be; null when it could not be read. */
  async #readPiece(piece: Piece, past: PastCache | null, expected: string | null): Promise<boolean | null> {
    const { hash } = this.#shell.tools;
    const where = operands(piece, 'skip');
    const flag = past === 'direct' ? ' iflag=direct' : '';
    const from = `{ dd if=${quote(this.#device.path)} ${where}${flag} 2>&6;echo "r$?" >&6;}`;
    const judge = hash === null || expected === null ? 'cmp - /dev/zero 2>&1' : hash.command;
    const { text } = await this.#run(`{ ${from}|${judge};} 6>&1`);
    if (!/^r0$/m.test(text) || !wholeRecords(text, 'in', where)) return null;
    // Zeros without end were longer, and nothing differed before.
    if (hash === null || expected === null) return !/differ/.test(text) && CAME_TO_THE_END.test(text);
    // The sum stands on a line of its own, among what `dd` printed.
    return text.split('\n').some((line) => readSum(hash.name, line) === expected);
  }

  // ---- common ----------------------------------------------------------------------------------------------

  #progress(done: number): void {
    const { bytes } = this.#device;
    const back = this.#args.readBack === 'all' ? bytes : Math.ceil(bytes * SAMPLE_SHARE);
    this.#context.progress({ done, total: Math.max(done, bytes + back), unit: 'bytes' });
  }

  #failed(what: string, bytes: number, offset: number): void {
    this.#errors += 1;
    this.#context.tell({ errors: this.#errors });
    this.#context.log(`${what} ${bytes} bytes at ${offset} failed`);
  }

  #pieceSize(bytes: number, began: number): number {
    const rate = bytes / Math.max(performance.now() - began, 1);
    return Math.min(MAX_PIECE, Math.max(MIB, 2 ** Math.floor(Math.log2(rate * PIECE_SECONDS * 1000))));
  }

  #run(command: string): Promise<{ status: number; text: string }> {
    const { signal } = this.#context;
    return this.#shell.text(command, { signal, timeoutMs: PIECE_TIMEOUT_MS, limit: 4096 });
  }

  async #works(command: string, timeoutMs = 60_000): Promise<boolean> {
    const options = { signal: this.#context.signal, timeoutMs, limit: 1000 };
    return (await this.#shell.text(`{ ${command};} >/dev/null 2>&1`, options)).status === 0;
  }
}

/**
 * The `wipe-overwrite` action. The target is looked up among what the unit lists, refused with every reason in
 * words, and looked at again right before the first byte is written and in each command that writes.
 */
export async function wipeOverwrite(
  shell: ConsoleShell,
  args: OverwriteArgs,
  privileged: boolean,
  context: ActionContext,
): Promise<ActionResult> {
  const { signal } = context;
  context.tell({ bytes: 0 });
  const first = await allowedDevice(shell, args.target, privileged, signal);
  const { dd, hash, tee } = shell.tools;
  const lacks = (detail: string) => new BenchError('unit.no-tools', { address: shell.address, detail });
  if (!dd) throw lacks('it has no “dd” to overwrite with');
  if (args.pattern === 'random' && (hash === null || !tee)) {
    throw lacks('random data can only be proven with “tee” and a checksum');
  }
  const device = await allowedDevice(shell, args.target, privileged, signal);
  if (!isSameDevice(first, device)) throw new BenchError('wipe.target-changed', { target: args.target });
  context.log(`overwriting ${device.path}, ${device.bytes} bytes, serial ${device.serial ?? 'not told'}`);
  return new Overwrite(shell, context, device, args).run();
}

async function allowedDevice(
  shell: ConsoleShell,
  target: string,
  privileged: boolean,
  signal: AbortSignal,
): Promise<BlockDevice> {
  const usage = await readUsage(shell, signal);
  const targets = targetsOf(usage, privileged);
  const device = usage.devices.find(({ path }) => path === target);
  const listed = targets.find(({ id }) => id === target);
  if (device === undefined || listed === undefined) {
    const known = targets.filter(({ allowed }) => allowed).map(({ id }) => id);
    throw new BenchError('wipe.target-unknown', { target, known: known.join(', ') || 'nothing' });
  }
  const reasons = [...new Set([...listed.reasons, ...refusals(device, usage)])];
  if (reasons.length > 0)
    throw new BenchError('wipe.target-not-allowed', { target, reasons: reasons.join('; ') });
  return device;
}
