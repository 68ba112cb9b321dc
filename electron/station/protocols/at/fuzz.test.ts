import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isBenchError } from '../../../../shared/errors/index.ts';
import { Identity } from '../../../../shared/model/units.ts';
import { identifyAt } from '../../drivers/at-identity.ts';
import { createMemoryLine } from '../../transports/memory.ts';
import { AtEngine } from './engine.ts';
import { type Line, LineReader, MAX_LINE_BYTES } from './lines.ts';
import { battery, operator, pinState, registration, serialNumbers, signal, textAnswer } from './parse.ts';
import { finalResult } from './results.ts';
import { deviceInfo } from './samsung.ts';

/** Inputs a property; `FUZZ_RUNS=100000 vitest run electron/station/protocols/at/fuzz` for a long look. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 150);
const LIMIT = { numRuns: RUNS, endOnFailure: true };
const LONG = 60_000 + RUNS * 100;

/** What hostile units say: real answers, halves of them, controls, and anything at all. */
const fragment = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .constantFrom(
      '\r\nOK\r\n',
      '\r\nERROR\r\n',
      '\r\n+CME ERROR: 10\r\n',
      '\r\n+CME ERROR: 99999999999\r\n',
      '\r\n+CMEE: 1\r\n',
      '\r\n+CMEE: (0,1,2)\r\n',
      '\r\nRING\r\n',
      '\r\n+CREG: 1,"00C3"\r\n',
      '\r\n356938035643809\r\n',
      '\r\n+CGSN: "356938035643809"\r\n',
      '\r\n+DEVCONINFO: MN(SM-A;VER((();IMEI(1,2,3);SN(',
      '\r\nSAMSUNG\r\n',
      'AT+CGMI\r',
      '0\r',
      '#OK#\r\n',
      '+CBC: 1,,,,\r\n',
      '\x00\x00\x00',
      '\xff\xfe\xc3\x28',
    )
    .map((text) => new Uint8Array(Buffer.from(text, 'latin1'))),
  fc.integer({ min: 1, max: 3 }).map((times) => new Uint8Array(times * MAX_LINE_BYTES).fill(0x41)),
);
const talk = fc.array(fragment, { maxLength: 6 });

const join = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

it('cuts the same lines however the bytes are split', () => {
  fc.assert(
    fc.property(
      fc.array(fragment, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 40 })),
      (parts, cuts) => {
        const bytes = join(parts);
        const whole: Line[] = [];
        new LineReader((line) => whole.push(line)).push(bytes);
        const pieces: Line[] = [];
        const reader = new LineReader((line) => pieces.push(line));
        let at = 0;
        for (const cut of cuts) {
          reader.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        reader.push(bytes.subarray(at));
        expect(pieces).toEqual(whole);
        for (const line of whole) expect(line.text.length).toBeLessThanOrEqual(MAX_LINE_BYTES);
      },
    ),
    LIMIT,
  );
});

it('reads any line without throwing', () => {
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 8 }), fc.string({ unit: 'binary' }), (parts, text) => {
      const lines = [text, `+CBC: ${text}`, `+DEVCONINFO: ${text}`, `+CGSN: ${text}`, `+COPS: ${text}`];
      new LineReader((line) => lines.push(line.text)).push(join(parts));
      for (const line of lines) {
        battery(line);
        signal(line);
        pinState(line);
        registration(line);
        operator(line);
        deviceInfo(line);
        finalResult(line);
      }
      serialNumbers(lines);
      textAnswer(lines, '+CGMI');
    }),
    LIMIT,
  );
});

it(
  'ends every conversation with a hostile unit, in an answer or the bench’s own error, in bounded memory',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(talk, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4096 }),
        fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
        async (answers, split, goneAfter) => {
          const { transport, far } = createMemoryLine();
          far.faults({ split, ...(goneAfter === undefined ? {} : { goneAfter }) });
          let turn = 0;
          far.onData(() => {
            void far.write(join(answers[turn++ % answers.length] ?? []));
          });
          const signal = AbortSignal.timeout(30_000);
          const patience = { syncMs: 3, quietMs: 1 };
          try {
            const engine = await AtEngine.open(transport, { signal, patience });
            try {
              for (let round = 0; round < 2; round += 1) {
                await engine.ask('AT+CSQ', { timeoutMs: 2, signal }).catch(mustBeOurs);
              }
              const quick = { ask: (command: string) => engine.ask(command, { timeoutMs: 2, signal }) };
              const { identity } = await identifyAt(quick, signal);
              expect(Identity.parse(identity)).toEqual(identity);
            } finally {
              expect(engine.trace.text().length).toBeLessThan(1024 * 1024);
              await engine.close();
            }
          } catch (error) {
            mustBeOurs(error);
          } finally {
            await transport.close();
          }
        },
      ),
      LIMIT,
    );
  },
  LONG,
);

function mustBeOurs(error: unknown): void {
  if (!isBenchError(error, 'port.timeout', 'port.gone', 'unit.protocol')) throw error;
}
