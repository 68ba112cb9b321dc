import { randomInt } from 'node:crypto';
import { BenchError } from '../../../shared/errors/index.ts';
import { type CheckName, readSum, summer } from '../protocols/console/checks.ts';
import { quote } from '../protocols/console/quote.ts';
import type { ConsoleShell } from '../protocols/console/shell.ts';
import { type BlockDevice, isSameDevice, refusals } from '../wipe/targets.ts';
import { readUsage, targetsOf } from './console-disks.ts';
import type { ActionContext, ActionResult } from './driver.ts';

export interface OverwriteArgs {
  readonly target: string;
  readonly pattern: 'zero' | 'random';
  readonly readBack: 'all' | 'sample';
}

const MIB = 1024 * 1024;
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

/** A stretch of the device, and the unit's sum of what was written to it (null: zeros, or no way to sum up). */
interface Piece {
  readonly offset: number;
  readonly bytes: number;
  readonly sum: string | null;
}

/** `dd` operands for a stretch: blocks as large as fit, so that direct I/O finds whole sectors of any size. */
function operands({ offset, bytes }: Piece, place: 'seek' | 'skip'): string {
  let block = MIB;
  while (bytes % block !== 0 || offset % block !== 0) block /= 2;
  return `bs=${block} ${place}=${offset / block} count=${bytes / block}`;
}

/** Sums of so many zero bytes, computed here. Sizes repeat, so each is computed once. */
function zeroSums(name: CheckName): (bytes: number) => string {
  const known = new Map<number, string>();
  return (bytes) => {
    const cached = known.get(bytes);
    if (cached !== undefined) return cached;
    const sum = summer(name);
    const zeros = Buffer.alloc(MIB);
    for (let left = bytes; left > 0; left -= MIB) sum.update(left >= MIB ? zeros : zeros.subarray(0, left));
    const digest = sum.digest();
    known.set(bytes, digest);
    return digest;
  };
}

/** Whether `dd` reports whole blocks only; one that reports nothing is believed by its exit status. */
function wholeRecords(printed: string, way: 'in' | 'out', operand: string): boolean {
  const records = new RegExp(`^(\\d+)\\+(\\d+) records ${way}`, 'm').exec(printed);
  return records === null || (records[2] === '0' && records[1] === /count=(\d+)/.exec(operand)?.[1]);
}

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
    await this.#write();
    const past = await this.#passCache();
    const { readBack, differs } = await this.#readBack(past);
    const written = this.#pieces.reduce((sum, { bytes }) => sum + bytes, 0);
    const failed = differs || this.#errors > 0 || written !== this.#device.bytes;
    if (past === null) this.#context.log('nothing on the unit reads past its page cache: not verified');
    return {
      values: {
        bytes: written,
        // What came from the cache proves nothing, either way.
        verified: failed ? false : past === null ? null : true,
        readBackBytes: readBack,
        pastCache: past !== null,
        computedBy: 'unit',
        method: this.#method(past),
        errors: this.#errors,
      },
    };
  }

  #method(past: PastCache | null): string {
    const { pattern, readBack } = this.#args;
    const { hash } = this.#shell.tools;
    return [
      `one pass of ${pattern === 'zero' ? 'zeros' : 'random data'}`,
      `${readBack === 'all' ? 'all of it' : 'a sample'} read back ${
        past === null ? 'through the page cache' : `past the page cache (${PAST_CACHE[past]})`
      }`,
      hash === null ? 'compared with zeros' : `${hash.name} of each piece compared`,
    ].join(', ');
  }

  // ---- writing ---------------------------------------------------------------------------------------------

  async #write(): Promise<void> {
    const total = this.#device.bytes;
    const conv = await this.#conversions();
    let size = FIRST_PIECE;
    for (let offset = 0; offset < total && this.#errors < MAX_ERRORS; ) {
      const left = total - offset;
      // Whole MiB as long as there are any, then the rest.
      const bytes = left < MIB ? left : Math.min(size, left - (left % MIB));
      const began = performance.now();
      const piece = await this.#writePiece({ offset, bytes, sum: null }, conv);
      size = this.#pieceSize(bytes, began);
      if (piece !== null) this.#pieces.push(piece);
      else this.#failed('writing', bytes, offset);
      offset += bytes;
      this.#progress(offset);
    }
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

  /** Runs a command that writes; the unit says it back first, and looks at the device right before. */
  async #writing(command: string): Promise<{ status: number; text: string }> {
    const { name, path, bytes, node } = this.#device;
    const guard = [
      `read -r z </sys/class/block/${name}/size`,
      `[ "$z" = ${bytes / 512} ]`,
      `[ ${node.kind === 'block' ? '-b' : '-f'} ${quote(path)} ]`,
      `! grep -q ${quote(`^${path.replaceAll('.', '\\.')} `)} /proc/mounts /proc/swaps`,
    ].join('&&');
    const result = await this.#run(`{ ${guard};}||{ echo not-the-device;exit 9;};${command}`, true);
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
    throw this.#noTools('its “dd” cannot write into the middle of a file');
  }

  // ---- reading back ----------------------------------------------------------------------------------------

  async #passCache(): Promise<PastCache | null> {
    const path = quote(this.#device.path);
    await this.#works('sync', PIECE_TIMEOUT_MS);
    if (await this.#works(`dd if=${path} of=/dev/null bs=4096 count=1 iflag=direct`)) return 'direct';
    if (await this.#works(`blockdev --flushbufs ${path}`)) return 'flushed';
    if (await this.#works('echo 3 >/proc/sys/vm/drop_caches')) return 'dropped';
    return null;
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
    const { text } = await this.#run(`{ ${from}|${judge};} 6>&1`, false);
    if (!/^r0$/m.test(text) || !wholeRecords(text, 'in', where)) return null;
    if (hash === null || expected === null) return !/differ/.test(text);
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
    this.#context.log(`${what} ${bytes} bytes at ${offset} failed`);
  }

  #pieceSize(bytes: number, began: number): number {
    const rate = bytes / Math.max(performance.now() - began, 1);
    return Math.min(MAX_PIECE, Math.max(MIB, 2 ** Math.floor(Math.log2(rate * PIECE_SECONDS * 1000))));
  }

  #run(command: string, confirm: boolean): Promise<{ status: number; text: string }> {
    const { signal } = this.#context;
    return this.#shell.text(command, { signal, timeoutMs: PIECE_TIMEOUT_MS, limit: 4096, confirm });
  }

  async #works(command: string, timeoutMs = 60_000): Promise<boolean> {
    const options = { signal: this.#context.signal, timeoutMs, limit: 1000 };
    return (await this.#shell.text(`{ ${command};} >/dev/null 2>&1`, options)).status === 0;
  }

  #noTools(detail: string): BenchError {
    return new BenchError('unit.no-tools', { address: this.#shell.address, detail });
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
