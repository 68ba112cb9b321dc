import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seededRandom } from '../../electron/rack/cable.ts';
import { ConsoleUnit } from '../../electron/rack/console/index.ts';
import { PATIENCE } from '../../electron/station/protocols/console/login.ts';
import { pullFile } from '../../electron/station/protocols/console/pull.ts';
import { ConsoleShell } from '../../electron/station/protocols/console/shell.ts';
import { pullStream } from '../../electron/station/protocols/console/stream.ts';
import { createMemoryLine } from '../../electron/station/transports/memory.ts';
import { BenchError } from '../../shared/errors/index.ts';
import { describeWith } from '../support/parts.ts';

/** How many damaged lines; `CONSOLE_NOISE_RUNS=1000` for a long search. */
const RUNS = Number(process.env.CONSOLE_NOISE_RUNS ?? '6');
const STOPPED = new Error('stopped');

/** What goes wrong between the unit and the bench, each this often per piece of output, or of input. */
interface Damage {
  readonly kernel: number;
  readonly garbage: number;
  readonly loss: number;
  readonly flip: number;
  readonly split: number;
  readonly seed: number;
  /** What the bench sends is damaged as well. */
  readonly both: boolean;
}

const often = fc.constantFrom(0, 0, 0.01, 0.1, 0.4);
const damage: fc.Arbitrary<Damage> = fc.record({
  kernel: often,
  garbage: often,
  loss: often,
  flip: often,
  split: fc.constantFrom(1, 7, 500, 4096),
  seed: fc.nat(),
  both: fc.boolean(),
});

function spoil(bytes: Uint8Array, how: Damage, random: () => number): Uint8Array {
  let result = Buffer.from(bytes);
  const place = () => Math.floor(random() * (result.length + 1));
  const insert = (what: Buffer) => {
    const at = place();
    result = Buffer.concat([result.subarray(0, at), what, result.subarray(at)]);
  };
  if (random() < how.kernel)
    insert(Buffer.from(`[${(random() * 9999).toFixed(6).padStart(12)}] eth0: link up\r\n`));
  if (random() < how.garbage)
    insert(Buffer.from(Array.from({ length: 20 }, () => Math.floor(random() * 256))));
  if (random() < how.flip && result.length > 0) {
    const at = Math.min(place(), result.length - 1);
    result[at] = (result[at] ?? 0) ^ (1 << Math.floor(random() * 7));
  }
  if (random() < how.loss) {
    const at = place();
    result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1 + Math.floor(random() * 30))]);
  }
  return result;
}

describeWith(['busybox'], 'a damaged line', () => {
  it.each([
    ['with every tool', []],
    ['without a sum', ['md5sum', 'crc32', 'sha1sum', 'sha256sum']],
  ])('never runs another command of the same length: a unit %s', async (_, without) => {
    const unit = new ConsoleUnit({
      password: null,
      logBytes: 1000,
      media: [{ name: 'sda', bytes: 4096, device: '8:0' }],
      without,
    });
    const { transport, far } = createMemoryLine();
    const random = seededRandom(7);
    let flips = 0;
    /** A character of the command becomes another one, half of the times. */
    const detach = unit.attach({
      channel: {
        onData: (listener) =>
          far.onData((bytes) => {
            const text = Buffer.from(bytes).toString('latin1');
            const hit = text.includes('thisway') && random() < 0.5;
            if (hit) flips += 1;
            listener(hit ? Buffer.from(text.replaceAll('thisway', 'thatway'), 'latin1') : bytes);
          }),
        write: (bytes) => far.write(bytes),
        get queued() {
          return far.queued;
        },
        closed: far.closed,
      },
      reconnect: () => {},
    });
    const { signal } = new AbortController();
    try {
      const shell = await ConsoleShell.open(transport, { login: null, password: null, signal });
      expect(shell.tools.check === null).toBe(without.length > 0);
      let right = 0;
      for (let times = 0; times < 6; times += 1) {
        const said = await shell
          .text('echo thisway', { signal, timeoutMs: 30_000 })
          .catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'unit.noise' });
            return null;
          });
        if (said === null) continue;
        expect(said).toEqual({ status: 0, text: 'thisway\n' });
        right += 1;
      }
      expect(flips).toBeGreaterThan(1);
      expect(right).toBeGreaterThan(0);
      await shell.close();
    } finally {
      detach();
      await unit.close();
    }
  });

  it.each([
    ['with every tool', []],
    ['without base64 and strong sums', ['base64', 'uuencode', 'sha256sum', 'sha1sum', 'md5sum']],
  ])('never passes wrong bytes off as right, and never hangs: a unit %s', async (_, without) => {
    const unit = new ConsoleUnit({
      password: null,
      logBytes: 60_000,
      media: [{ name: 'sda', bytes: 4096, device: '8:0' }],
      without,
    });
    const content = readFileSync(join(unit.folder, 'messages'));
    let whole = 0;
    try {
      await fc.assert(
        fc.asyncProperty(damage, fc.boolean(), async (how, stream) => {
          const random = seededRandom(how.seed);
          const { transport, far } = createMemoryLine();
          far.faults({ split: how.split });
          const detach = unit.attach({
            channel: {
              onData: (listener) =>
                far.onData((bytes) =>
                  listener(how.both ? spoil(bytes, { ...how, kernel: 0 }, random) : bytes),
                ),
              write: (bytes) => far.write(spoil(bytes, how, random)),
              get queued() {
                return far.queued;
              },
              closed: far.closed,
            },
            reconnect: () => {},
          });
          const stop = new AbortController();
          const clean = how.kernel + how.garbage + how.loss + how.flip === 0;
          const timer = setTimeout(() => stop.abort(STOPPED), clean ? 40_000 : 1_500);
          const pieces: Buffer[] = [];
          const options = {
            signal: stop.signal,
            write: async (bytes: Buffer) => void pieces.push(Buffer.from(bytes)),
            progress: () => {},
          };
          const patience = { ...PATIENCE, listenMs: 30, quietMs: 50, answerMs: clean ? 10_000 : 300 };
          try {
            const shell = await ConsoleShell.open(transport, {
              login: null,
              password: null,
              patience,
              ...options,
            });
            try {
              const result = await shell.exec('echo exact; exit 7', { ...options, timeoutMs: 30_000 });
              expect({ ...result, output: result.output.toString() }).toEqual({
                status: 7,
                output: 'exact\n',
              });
              const path = '/var/log/messages';
              const pulled = stream
                ? await pullStream(shell, `cat ${path}`, options)
                : await pullFile(shell, path, content.length, options);
              // What the bench keeps are pulls whose sums agree.
              if (pulled.unitSum === pulled.ourSum) {
                expect(Buffer.concat(pieces).equals(content)).toBe(true);
                whole += 1;
              }
            } finally {
              await shell.close();
            }
          } catch (error) {
            if (error !== STOPPED && !(error instanceof BenchError)) throw error;
          } finally {
            clearTimeout(timer);
            detach();
            await transport.close();
          }
        }),
        {
          numRuns: RUNS,
          examples: [
            [{ kernel: 0, garbage: 0, loss: 0, flip: 0, split: 500, seed: 1, both: true }, true],
            [{ kernel: 0, garbage: 0, loss: 0, flip: 0, split: 500, seed: 1, both: true }, false],
            [{ kernel: 0.4, garbage: 0, loss: 0, flip: 0, split: 7, seed: 1, both: false }, false],
            [{ kernel: 0, garbage: 0, loss: 0, flip: 0.1, split: 500, seed: 1, both: true }, false],
          ],
        },
      );
      // At least what nothing damaged.
      expect(whole).toBeGreaterThan(1);
    } finally {
      await unit.close();
    }
  });
});
