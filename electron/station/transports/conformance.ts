import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { INPUT_LIMIT } from './base.ts';
import type { Transport } from './transport.ts';

/** A transport and the unit's end of its line, for one test. */
export interface Rig {
  readonly transport: Transport;
  readonly far: {
    onData(listener: (bytes: Uint8Array) => void): void;
    /** Resolves when the line has taken the bytes. */
    write(bytes: Uint8Array): Promise<void>;
    hangUp(): void;
  };
  /** Makes the unit's end take nothing any more. */
  stall(): void;
  close(): Promise<void>;
}

const SOON = { timeoutMs: 10_000 };
const LARGE = 8 * 1024 * 1024;

/** Every byte value, in no order that a line discipline could leave alone by chance. */
function sample(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    bytes[at] = state >> 16;
  }
  return bytes;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function readAll(transport: Transport, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let got = 0; got < length; ) {
    const bytes = await transport.read(SOON);
    parts.push(bytes);
    got += bytes.length;
  }
  return Buffer.concat(parts);
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** What every transport must do; run on each kind. */
export function describeConformance(name: string, makeRig: () => Promise<Rig>): void {
  describe(`transport: ${name}`, () => {
    const rigs: Rig[] = [];
    const rig = async () => {
      const made = await makeRig();
      rigs.push(made);
      return made;
    };
    afterEach(async () => {
      for (const made of rigs.splice(0)) await made.close();
    });

    it('carries every byte value both ways, in order', async () => {
      const { transport, far } = await rig();
      const down = sample(300_000);
      const up = sample(200_000, 7);
      const heard: Uint8Array[] = [];
      const heardAll = new Promise<void>((resolve) => {
        far.onData((bytes) => {
          heard.push(bytes.slice());
          if (heard.reduce((sum, part) => sum + part.length, 0) >= up.length) resolve();
        });
      });
      const sent = far.write(down);
      const [got] = await Promise.all([
        readAll(transport, down.length),
        transport.write(up, SOON),
        sent,
        heardAll,
      ]);
      expect(sha256(got)).toBe(sha256(down));
      expect(sha256(Buffer.concat(heard))).toBe(sha256(up));
    });

    it('keeps the order of writes that nobody waited for', async () => {
      const { transport, far } = await rig();
      let heard = '';
      const heardAll = new Promise<void>((resolve) => {
        far.onData((bytes) => {
          heard += text(bytes);
          if (heard.length >= 6) resolve();
        });
      });
      await Promise.all(['ab', 'cd', 'ef'].map((part) => transport.write(Buffer.from(part), SOON)));
      await heardAll;
      expect(heard).toBe('abcdef');
    });

    it('times a read out with the address, and loses nothing by it', async () => {
      const { transport, far } = await rig();
      await expect(transport.read({ timeoutMs: 5 })).rejects.toMatchObject({
        code: 'port.timeout',
        params: { address: transport.address },
      });
      await far.write(Buffer.from('late'));
      expect(text(await readAll(transport, 4))).toBe('late');
    });

    it('gives up a read on the signal with its reason, and loses nothing by it', async () => {
      const { transport, far } = await rig();
      const controller = new AbortController();
      const reason = new Error('enough');
      const pending = transport.read({ ...SOON, signal: controller.signal });
      controller.abort(reason);
      await expect(pending).rejects.toBe(reason);
      await expect(transport.read({ ...SOON, signal: controller.signal })).rejects.toBe(reason);
      await far.write(Buffer.from('still here'));
      expect(text(await readAll(transport, 10))).toBe('still here');
    });

    it('refuses a second read at once and leaves the first alone', async () => {
      const { transport, far } = await rig();
      const first = transport.read(SOON);
      await expect(transport.read(SOON)).rejects.toThrow('two reads');
      await far.write(Buffer.from('x'));
      expect(text(await first)).toBe('x');
    });

    it('holds back a unit that sends more than is read, and loses nothing', async () => {
      const { transport, far } = await rig();
      const bytes = sample(LARGE);
      let taken = false;
      const sent = far.write(bytes).then(() => {
        taken = true;
      });
      // As much as this end holds has arrived when a read still leaves the unit waiting.
      await transport.write(Buffer.from('hello'), SOON);
      const first = await transport.read(SOON);
      expect(taken).toBe(false);
      expect(first.length).toBeLessThan(2 * INPUT_LIMIT);
      const rest = await readAll(transport, LARGE - first.length);
      await sent;
      expect(sha256(Buffer.concat([first, rest]))).toBe(sha256(bytes));
    });

    it('discards what has arrived, and says how much', async () => {
      const { transport, far } = await rig();
      expect(transport.discardInput()).toBe(0);
      await far.write(Buffer.from('old'));
      let discarded = 0;
      while (discarded < 3) {
        await new Promise((resolve) => setImmediate(resolve));
        discarded += transport.discardInput();
      }
      expect(discarded).toBe(3);
      await far.write(Buffer.from('new'));
      expect(text(await readAll(transport, 3))).toBe('new');
    });

    it('tells a pending read, and every later call, that the unit is gone', async () => {
      const { transport, far } = await rig();
      const pending = transport.read(SOON);
      far.hangUp();
      await expect(pending).rejects.toMatchObject({ code: 'port.gone' });
      expect((await transport.closed).kind).toBe('gone');
      await expect(transport.read(SOON)).rejects.toMatchObject({ code: 'port.gone' });
      await expect(transport.write(Buffer.from('x'), SOON)).rejects.toMatchObject({ code: 'port.gone' });
      await transport.close();
      expect((await transport.closed).kind).toBe('gone');
    });

    it('notices a hang-up while nobody reads', async () => {
      const { transport, far } = await rig();
      far.hangUp();
      expect((await transport.closed).kind).toBe('gone');
    });

    it('ends a write that nobody takes at its deadline, and the next one when the unit goes', async () => {
      const { transport, far, stall } = await rig();
      stall();
      const much = sample(64 * 1024 * 1024);
      await expect(transport.write(much, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'port.timeout' });
      const controller = new AbortController();
      const second = transport.write(much, { ...SOON, signal: controller.signal });
      controller.abort(new Error('enough'));
      await expect(second).rejects.toThrow('enough');
      const third = transport.write(much, SOON);
      far.hangUp();
      await expect(third).rejects.toMatchObject({ code: 'port.gone' });
    });

    it('closes once: pending calls end, a second close is no error', async () => {
      const { transport, stall } = await rig();
      stall();
      let ends = 0;
      void transport.closed.then(() => {
        ends += 1;
      });
      const read = transport.read(SOON);
      const write = transport.write(sample(64 * 1024 * 1024), SOON);
      const both = Promise.allSettled([read, write]);
      await Promise.all([transport.close(), transport.close()]);
      expect(await both).toMatchObject([
        { status: 'rejected', reason: { code: 'port.gone' } },
        { status: 'rejected', reason: { code: 'port.gone' } },
      ]);
      expect(await transport.closed).toEqual({ kind: 'closed' });
      await transport.close();
      expect(ends).toBe(1);
    });
  });
}
