import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BenchError } from '../../../../shared/errors/index.ts';
import { createConsoleDriver } from '../../drivers/console.ts';
import { createMemoryLine } from '../../transports/memory.ts';
import { Line } from './line.ts';
import { pullFile } from './pull.ts';
import { ConsoleShell } from './shell.ts';
import { IMPATIENT } from './testing.ts';

/** How many hostile units; `FUZZ_RUNS=100000 vitest run --project unit fuzz` for a long one. */
const RUNS = Number(process.env.FUZZ_RUNS ?? '12');
/** What a good unit's tools print for the sample. */
const TRIALS: Readonly<Record<string, string>> = { base64: 'QQD/DQp6', dd: 'A', head: 'A', tee: 'A' };
const STOPPED = new Error('stopped');

const fragment = fc.constantFrom(
  'login: ',
  'Password: ',
  '# ',
  '\r\n',
  '[   12.345678] usb 1-1: hello\r\n',
  'Hit any key to stop autoboot: 3',
  '=> ',
  '\u001b[6n',
  'Login incorrect\r\n',
  'Please press Enter to activate this console.',
);
const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
/** What a hostile unit says to one thing that it was sent; `frame` speaks our own language back. */
const reply = fc.oneof(
  fc.record({
    kind: fc.constant('bytes' as const),
    bytes: fc.oneof(
      noise,
      fragment.map((text) => Buffer.from(text)),
    ),
  }),
  fc.record({ kind: fc.constant('echo' as const) }),
  fc.record({ kind: fc.constant('mark' as const) }),
  fc.record({
    kind: fc.constant('frame' as const),
    letter: fc.constantFrom('U', 'B', 'G', 'D', 'R', 'E', 'C', 'K', 'Z', 'c', 'xx'),
    own: fc.boolean(),
    fields: fc.array(
      fc.constantFrom('0', '1', '4', '-1', '99999999999999999999', 'base64', 'QQD/DQp6', 'AA=='),
      {
        maxLength: 4,
      },
    ),
    body: noise,
  }),
);

/**
 * A unit that answers everything with the next of its replies, over and over; up to `depth` it plays along, so
 * that later steps of a conversation are reached too.
 */
function hostile(
  replies: readonly (typeof reply extends fc.Arbitrary<infer T> ? T : never)[],
  depth: number,
) {
  const { transport, far } = createMemoryLine('memory:hostile');
  let token = '';
  let at = 0;
  const say = (line: string) => void far.write(Buffer.from(line));

  function playAlong(text: string): boolean {
    const mark = /echo rb''([a-z0-9]+)''ok/.exec(text)?.[1];
    const told = /;echo "\$T D (\d+)"/.exec(text)?.[1];
    const trial = /t (\w+) .*;echo "\$T Z (\d+)"/.exec(text);
    if (depth >= 1 && mark !== undefined) say(`rb${mark}ok\r\n# `);
    else if (depth >= 2 && text.includes('stty -g')) say(`${token} U\n`);
    else if (depth >= 3 && told !== undefined) say(`${token} D ${told}\n`);
    else if (depth >= 4 && trial !== null)
      say(`${token} c ${trial[1]} ${TRIALS[trial[1] ?? ''] ?? ''}\n${token} Z ${trial[2]}\n`);
    else return false;
    return true;
  }

  far.onData((bytes) => {
    const text = Buffer.from(bytes).toString('latin1');
    const spelled = /T=:r"b"([a-z0-9]{12}:)/.exec(text)?.[1];
    if (spelled !== undefined) token = `:rb${spelled}`;
    if (playAlong(text)) return;
    // A handful of answers to each, as a unit's own lines are.
    for (let count = 0; count < 3; count += 1) {
      const answer = replies[at % replies.length];
      at += 1;
      if (answer?.kind === 'bytes') void far.write(answer.bytes);
      else if (answer?.kind === 'echo') void far.write(bytes);
      else if (answer?.kind === 'mark') {
        const mark = /echo rb''([a-z0-9]+)''ok/.exec(text)?.[1];
        if (mark !== undefined) void far.write(Buffer.from(`rb${mark}ok\r\n# `));
      } else if (answer?.kind === 'frame') {
        const own = /Q=(\d+);|"\$T [DZG] (\d+)"/.exec(text);
        const number = answer.own ? [own?.[1] ?? own?.[2] ?? '1'] : [];
        void far.write(
          Buffer.concat([
            answer.body,
            Buffer.from(`${token} ${[answer.letter, ...number, ...answer.fields].join(' ')}\r\n`),
          ]),
        );
      }
    }
  });
  return transport;
}

/** However it ends, it ends, and with a domain error or the reason it was stopped for. */
async function survives(work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(STOPPED), 150);
  try {
    await work(stop.signal);
  } catch (error) {
    expect(error instanceof BenchError || error === STOPPED, String(error)).toBe(true);
    if (error instanceof BenchError) expect(error.code).not.toBe('bench.internal');
  } finally {
    clearTimeout(timer);
  }
}

describe('a hostile unit', { timeout: 60_000 + RUNS * 5_000 }, () => {
  const impatient = { ...IMPATIENT, listenMs: 5, quietMs: 5, answerMs: 40, totalMs: 200 };

  it('neither hangs nor breaks a conversation', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(reply, { minLength: 1, maxLength: 12 }), fc.nat(4), (replies, depth) =>
        survives(async (signal) => {
          const transport = hostile(replies, depth);
          const shell = await ConsoleShell.open(transport, {
            login: 'root',
            password: 'x',
            signal,
            patience: impatient,
          });
          try {
            await shell.exec('true', { signal, timeoutMs: 200 });
            await pullFile(shell, '/x', 10_000, { signal, write: async () => {}, progress: () => {} });
          } finally {
            await shell.close();
          }
        }),
      ),
      { numRuns: RUNS },
    );
  });

  it('neither hangs nor breaks a look at the port', async () => {
    const driver = createConsoleDriver({ patience: impatient });
    await fc.assert(
      fc.asyncProperty(fc.array(reply, { minLength: 1, maxLength: 4 }), (replies) =>
        survives(async (signal) => {
          const transport = hostile(replies, 0);
          try {
            expect(
              typeof (await driver.probe(
                transport,
                await new Line(transport).listenFirst(signal, 5),
                signal,
              )),
            ).toBe('boolean');
          } finally {
            await transport.close();
          }
        }),
      ),
      { numRuns: Math.min(RUNS, 10_000) },
    );
  });
});
