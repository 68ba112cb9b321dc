import { readSum, sumOf } from './checks.ts';
import type { OnFrame } from './exchange.ts';
import type { Tools } from './tools.ts';
import { withoutKernel } from './words.ts';

export interface ExecResult {
  readonly status: number;
  /** Both streams in the order they were written. */
  readonly output: Buffer;
}

/**
 * Reads the answer of the agent's `X`: announced by `R`, ended by `E` with the same words, the encoded output and
 * status between. Asks for it again until it proves right.
 */
export function answerReader({ codec, check }: Tools, limit: number): OnFrame<ExecResult> {
  let announced = '';
  let unproven: Buffer | null = null;
  return (letter, fields, body) => {
    const said = fields.join(' ');
    if (letter === 'R') announced = said;
    if (letter !== 'E') return 'more';
    const [, length, ...printed] = fields;
    const sum = check === null ? null : readSum(check.name, printed.join(' '));
    if (body === null || said !== announced || (check !== null && sum === null)) return 'again';
    // The text and the line end after it.
    const text = answerText(body, (candidate) =>
      check === null
        ? candidate.length === Number(length) + 1
        : sumOf(check.name, Buffer.from(candidate, 'latin1')) === sum,
    );
    const content = text === null ? null : codec.decode(text.slice(0, -1), true);
    if (content === null) return 'again';
    // Without a checksum an answer counts when it came twice the same.
    if (check === null && unproven?.equals(content) !== true) {
      unproven = content;
      return 'again';
    }
    const status = /\/(\d{1,3})\n?$/.exec(content.subarray(-8).toString('latin1'));
    if (status === null) return 'again';
    const output = content.subarray(0, content.length - status[0].length);
    return { status: Number(status[1]), output: output.subarray(0, limit) };
  };
}

/** The text of an answer, kernel messages and translated line ends undone, when a reading of it proves right. */
function answerText(body: Buffer, proves: (text: string) => boolean): string | null {
  const text = body.toString('latin1');
  const lf = text.replaceAll('\r\n', '\n');
  return [text, lf, withoutKernel(lf)].find(proves) ?? null;
}
