import { RAW_END, streamCommand, streamFunction } from './agent.ts';
import { readSum, sumOf } from './checks.ts';
import { accept, RAW } from './codecs.ts';
import { type Pulled, type PullOptions, Sums } from './pull.ts';
import { quote } from './quote.ts';
import type { ConsoleShell } from './shell.ts';
import { withoutKernel } from './words.ts';

/** Bytes of each piece: held in a shell variable on the unit. */
const PIECE_BYTES = 4096;
/** The same piece is asked for again this often. */
const MAX_REPEATS = 40;
/** A command may think for this long between two pieces. */
const PIECE_TIMEOUT_MS = 120_000;

/**
 * Pulls what a command prints, straight through, without room on the unit: piece by piece, each acknowledged.
 * The unit sums up while it sends, where it has the tools. Resolves with the command's exit status besides.
 * Rejects as `pullFile` does.
 */
export async function pullStream(
  shell: ConsoleShell,
  command: string,
  options: PullOptions,
): Promise<Pulled & { status: number }> {
  const { signal } = options;
  const { codec, check, hash } = shell.tools;
  const sums = new Sums(hash?.name ?? null);
  let bytes = 0;
  let next = 0;
  let announced: string | undefined;
  let unproven: Buffer | null = null;
  let repeats = 0;
  await shell.define('S', streamFunction(shell.tools), signal);
  await shell.define('C', `C=${quote(command)}`, signal);
  const acknowledge = (piece: number) => shell.send(`y${piece}\n`, signal);

  /** True when the piece is here, now or before. */
  async function take(piece: number, length: number, printed: string, body: Buffer): Promise<boolean> {
    if (piece !== next) return piece < next;
    const sum = check === null ? null : readSum(check.name, printed);
    if (check !== null && sum === null) return false;
    // With the line end after it.
    const proven = provenText(body, (text) =>
      check === null ? text.length === length + 1 : sumOf(check.name, text) === sum,
    );
    if (proven === null) return false;
    const content = accept(proven, {
      codec,
      gzip: false,
      // A raw piece ends with a mark and a line end.
      limit: PIECE_BYTES + 2,
      proves: () => true,
      strict: true,
    });
    if (content === null) return false;
    if (codec === RAW) return keep(content.subarray(0, content.lastIndexOf(RAW_END)));
    return keep(content);
  }

  /** Without any sum, a piece counts when it came twice the same. */
  async function keep(content: Buffer): Promise<boolean> {
    if (check === null && unproven?.equals(content) !== true) {
      unproven = Buffer.from(content);
      return false;
    }
    unproven = null;
    repeats = 0;
    next += 1;
    bytes += content.length;
    sums.update(content);
    await options.write(content);
    options.progress(bytes, null);
    return true;
  }

  const end = await shell.converse<string>(
    streamCommand(shell.tools, PIECE_BYTES),
    async (letter, [, piece, length, ...rest], body) => {
      if (letter === 'Z') return [piece, length, ...rest].join(' ');
      if (letter === 'C') announced = piece;
      if (letter === 'K') {
        repeats += 1;
        if (repeats > MAX_REPEATS) throw shell.noise('a piece of a log never arrives whole');
        const whole =
          piece === announced &&
          body !== null &&
          (await take(Number(piece), Number(length), rest.join(' '), body));
        await (whole ? acknowledge(Number(piece)) : shell.send('n\n', signal));
      }
      return 'more';
    },
    { signal, timeoutMs: PIECE_TIMEOUT_MS },
  );
  const { sha256, ours } = sums.end();
  const unitSum = hash === null ? null : readSum(hash.name, end.replace(/\bs\d{1,3}\b/, ' '));
  const status = Number(/\bs(\d{1,3})\b/.exec(end)?.[1] ?? '1');
  return {
    bytes,
    sha256,
    status,
    hashedBy: unitSum === null ? null : (hash?.name ?? null),
    unitSum,
    ourSum: unitSum === null ? null : ours,
  };
}

/** The text whose sum the unit told: as it came, or with translated line ends and kernel messages undone. */
function provenText(body: Buffer, proves: (text: Buffer) => boolean): Buffer | null {
  if (proves(body)) return body;
  const text = body.toString('latin1').replaceAll('\r\n', '\n');
  return [text, withoutKernel(text)].map((one) => Buffer.from(one, 'latin1')).find(proves) ?? null;
}
