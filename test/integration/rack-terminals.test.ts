import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startRack } from '../../electron/rack/rack.ts';
import { openTransport } from '../../electron/station/transports/open.ts';
import { DEFAULT_LINE } from '../../shared/model/ports.ts';
import { describeWith } from '../support/parts.ts';

/** Processes of this one's rack consoles, by their command line. */
const consoles = (): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`rack-console-${process.pid}-`)
      );
    } catch {
      return false;
    }
  });

describeWith(['busybox'], 'a phone and a router in one rack', () => {
  test('share no terminal: the router holds none of the phone’s open, and its unplug is seen', async () => {
    const rack = await startRack({ units: [{ family: 'at' }, { family: 'console' }] });
    onTestFinished(() => rack.close());
    const [phone] = rack.units;
    if (!phone) throw new Error('no phone');
    await expect.poll(() => consoles().length, { timeout: 20_000 }).toBeGreaterThan(0);
    const held = () =>
      consoles().flatMap((pid) =>
        readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`)),
      );
    await expect.poll(held, { timeout: 20_000 }).not.toContain('/dev/ptmx');

    const transport = await openTransport(phone.address, DEFAULT_LINE, { timeoutMs: 5000 });
    phone.setFault('unplug', true);
    expect(await transport.closed).toMatchObject({ kind: 'gone' });
  });
});
