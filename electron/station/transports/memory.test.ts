import { expect, it } from 'vitest';
import { describeConformance } from './conformance.ts';
import { createMemoryLine } from './memory.ts';

describeConformance('memory', async () => {
  const { transport, far } = createMemoryLine();
  return {
    transport,
    far,
    stall: () => far.faults({ stalled: true }),
    close: () => transport.close(),
  };
});

const SOON = { timeoutMs: 10_000 };

it('goes away after the bytes it was told, and those can still be read', async () => {
  const { transport, far } = createMemoryLine();
  far.faults({ goneAfter: 5 });
  await far.write(Buffer.from('hello world'));
  expect((await transport.closed).kind).toBe('gone');
  expect(Buffer.from(await transport.read(SOON)).toString()).toBe('hello');
  await expect(transport.read(SOON)).rejects.toMatchObject({ code: 'port.gone' });
});

it('splits and loses bytes as it was told', async () => {
  const { transport, far } = createMemoryLine();
  far.faults({ lose: 2, split: 1 });
  const sent = far.write(Buffer.from('abcd'));
  expect(Buffer.from(await transport.read(SOON)).toString()).toBe('c');
  await sent;
  expect(Buffer.from(await transport.read(SOON)).toString()).toBe('d');
  await transport.close();
});
