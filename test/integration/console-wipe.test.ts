import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ConsoleBench, consoleBench, sha256 } from '../support/console.ts';
import { describeWith } from '../support/parts.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

/** A medium as it is on this machine, outside of the unit. */
const medium = (bench: ConsoleBench, name: string): Buffer =>
  readFileSync(join(bench.unit.folder, 'media', name));
const isZero = (bytes: Buffer): boolean => bytes.equals(Buffer.alloc(bytes.length));

const SIZE = (5 << 20) + 12_288;

describeWith(['busybox'], 'a wipe by overwriting', () => {
  it('lists what could be wiped, with reasons where it may not', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    const targets = await session.wipeTargets(bench.context().signal);
    expect(
      targets.map(({ id, kind, bytes, allowed, reasons }) => ({ id, kind, bytes, allowed, reasons })),
    ).toEqual([
      {
        id: '/dev/mmcblk0',
        kind: 'disk',
        bytes: 3 << 20,
        allowed: false,
        reasons: [
          'a partition on it is in use (mmcblk0p2: the running system lives on it; mmcblk0p2: it is mounted on /; mmcblk0p3: it is mounted on /data)',
        ],
      },
      {
        id: '/dev/mmcblk0p2',
        kind: 'partition',
        bytes: 1 << 20,
        allowed: false,
        reasons: ['the running system lives on it', 'it is mounted on /'],
      },
      {
        id: '/dev/mmcblk0p3',
        kind: 'partition',
        bytes: 1 << 20,
        allowed: false,
        reasons: ['it is mounted on /data'],
      },
      { id: '/dev/mmcblk1', kind: 'disk', bytes: SIZE, allowed: true, reasons: [] },
    ]);
    const { values } = await session.run('disks', {}, bench.context());
    expect(values.count).toBe(4);
    expect(JSON.parse(String(values.list))).toEqual(targets);
  });

  it.each([
    ['everything there', {}, 'sha256 of each piece compared'],
    ['kernel messages in the middle', { kernelMessagesEvery: 500 }, 'sha256 of each piece compared'],
    ['no checksum', { without: ['sha256sum', 'sha1sum', 'md5sum', 'crc32'] }, 'compared with zeros'],
  ])('overwrites all of a medium and nothing else: %s', async (_, options, compared) => {
    const bench = consoleBench(options);
    const session = await bench.open();
    const context = bench.context();
    const others = ['mmcblk0', 'mmcblk0p2', 'mmcblk0p3'];
    const before = others.map((name) => sha256(medium(bench, name)));
    expect(isZero(medium(bench, 'mmcblk1'))).toBe(false);

    const { values } = await session.run('wipe-overwrite', { target: '/dev/mmcblk1' }, context);

    expect(values).toEqual({
      bytes: SIZE,
      verified: true,
      readBackBytes: SIZE,
      pastCache: true,
      computedBy: 'unit',
      method: `one pass of zeros, all of it read back past the page cache (direct I/O), ${compared}`,
      errors: 0,
    });
    const after = medium(bench, 'mmcblk1');
    expect(after.length).toBe(SIZE);
    expect(isZero(after)).toBe(true);
    expect(others.map((name) => sha256(medium(bench, name)))).toEqual(before);
    expect(context.reports.at(-1)).toEqual({ done: SIZE * 2, total: SIZE * 2, unit: 'bytes' });
    expect(context.reports.length).toBeGreaterThan(3);
  });

  it('overwrites with random data, proven by the sums of what was written', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    const before = medium(bench, 'mmcblk1');
    const args = { target: '/dev/mmcblk1', pattern: 'random' };
    const { values } = await session.run('wipe-overwrite', args, bench.context());
    expect(values).toMatchObject({ bytes: SIZE, verified: true, readBackBytes: SIZE, errors: 0 });
    const after = medium(bench, 'mmcblk1');
    for (let at = 0; at < SIZE; at += 4096) {
      expect(after.subarray(at, at + 4096).equals(before.subarray(at, at + 4096))).toBe(false);
    }
  });

  it('reads back a sample on request, and says how much', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    const args = { target: '/dev/mmcblk1', readBack: 'sample' };
    const { values } = await session.run('wipe-overwrite', args, bench.context());
    expect(values).toMatchObject({ bytes: SIZE, verified: true, errors: 0 });
    expect(values.readBackBytes).toBeGreaterThan(0);
    expect(isZero(medium(bench, 'mmcblk1'))).toBe(true);
  });

  it('does not call a wipe verified whose read-back differs', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    const path = join(bench.unit.folder, 'media/mmcblk1');
    let spoilt = false;
    const context = bench.context();
    const { values } = await session.run(
      'wipe-overwrite',
      { target: '/dev/mmcblk1' },
      {
        ...context,
        progress: ({ done }) => {
          if (done < SIZE || spoilt) return;
          spoilt = true;
          // A medium that loses what it was given: one byte, in the middle.
          const file = openSync(path, 'r+');
          writeSync(file, Buffer.from('x'), 0, 1, SIZE >> 1);
          closeSync(file);
        },
      },
    );
    expect(values).toMatchObject({ bytes: SIZE, verified: false, readBackBytes: SIZE, errors: 0 });
    expect(context.lines.join('\n')).toContain('differs');
  });

  it('claims no verification where nothing reads past the page cache', async () => {
    // No direct I/O, no flushing, and this unit's root may not drop the page cache.
    const bench = consoleBench({ without: ['blockdev'], noDirectIo: true });
    const session = await bench.open();
    const { values } = await session.run('wipe-overwrite', { target: '/dev/mmcblk1' }, bench.context());
    expect(values).toMatchObject({
      bytes: SIZE,
      verified: null,
      readBackBytes: SIZE,
      pastCache: false,
      errors: 0,
    });
    expect(values.method).toContain('through the page cache');
    expect(isZero(medium(bench, 'mmcblk1'))).toBe(true);
  });

  it('claims no verification where nothing compares', async () => {
    const bench = consoleBench({ without: ['sha256sum', 'sha1sum', 'md5sum', 'crc32', 'cmp'] });
    const session = await bench.open();
    const context = bench.context();
    const { values } = await session.run('wipe-overwrite', { target: '/dev/mmcblk1' }, context);
    expect(values).toMatchObject({ bytes: SIZE, verified: null, readBackBytes: 0, errors: 0 });
    expect(context.lines.join('\n')).toContain('nothing on the unit compares');
    expect(isZero(medium(bench, 'mmcblk1'))).toBe(true);
  });

  it.each([
    ['with', []],
    ['without', ['grep']],
  ])('writes nothing to a medium of which a partition was mounted, %s grep', async (_, without) => {
    const bench = consoleBench({ without, password: null });
    const session = await bench.open({ login: null, password: null });
    const context = bench.context();
    const before = sha256(medium(bench, 'mmcblk1'));
    // One that no list of media has, as after a new partition table.
    const command = 'mkdir /tmp/m && mount -t tmpfs -o size=64k /dev/mmcblk1p1 /tmp/m';
    expect((await session.run('shell', { command }, context)).values.exitCode).toBe(0);
    await expect(session.run('wipe-overwrite', { target: '/dev/mmcblk1' }, context)).rejects.toEqual(
      code('wipe.target-changed'),
    );
    expect(sha256(medium(bench, 'mmcblk1'))).toBe(before);
  });

  it('refuses what is in use, what is not listed, and what is no device', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    const context = bench.context();
    const wipe = (target: string) => session.run('wipe-overwrite', { target }, context);
    const before = ['mmcblk0', 'mmcblk0p3', 'mmcblk1'].map((name) => sha256(medium(bench, name)));
    await expect(wipe('/dev/mmcblk0')).rejects.toEqual(code('wipe.target-not-allowed'));
    await expect(wipe('/dev/mmcblk0p3')).rejects.toThrow('it is mounted on /data');
    await expect(wipe('/dev/sdz')).rejects.toEqual(code('wipe.target-unknown'));
    await expect(wipe('/etc/passwd')).rejects.toEqual(code('input.invalid'));
    bench.unit.rewrite('proc/swaps', 'Filename Type Size Used Priority\n/dev/mmcblk1 partition 5132 0 -2\n');
    await expect(wipe('/dev/mmcblk1')).rejects.toThrow('it is in use as swap space');
    expect(['mmcblk0', 'mmcblk0p3', 'mmcblk1'].map((name) => sha256(medium(bench, name)))).toEqual(before);
  });

  it('refuses a plain file where the device should be', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    const context = bench.context();
    await session.run('shell', { command: 'umount /dev/mmcblk1; : >/dev/mmcblk1' }, context);
    await expect(session.run('wipe-overwrite', { target: '/dev/mmcblk1' }, context)).rejects.toThrow(
      '/dev/mmcblk1 is a file, not a device',
    );
  });

  it('stops when the device changes under it', async () => {
    const bench = consoleBench({ media: [{ name: 'mmcblk1', bytes: 24 << 20, device: '179:8' }] });
    const session = await bench.open();
    let changed = false;
    const context = bench.context();
    const wiping = session.run(
      'wipe-overwrite',
      { target: '/dev/mmcblk1' },
      {
        ...context,
        progress: () => {
          if (changed) return;
          changed = true;
          bench.unit.rewrite('sys/class/block/mmcblk1/size', '2048\n');
        },
      },
    );
    await expect(wiping).rejects.toEqual(code('wipe.target-changed'));
    // What had been written by then is known.
    const { bytes } = context.told;
    expect(bytes).toBeGreaterThan(0);
    expect(isZero(medium(bench, 'mmcblk1').subarray(0, Number(bytes)))).toBe(true);
    expect(isZero(medium(bench, 'mmcblk1').subarray(-4096))).toBe(false);
  });

  it('stops on request within the medium', async () => {
    const bench = consoleBench({ media: [{ name: 'mmcblk1', bytes: 24 << 20, device: '179:8' }] });
    const session = await bench.open();
    const stop = new AbortController();
    const wiping = session.run(
      'wipe-overwrite',
      { target: '/dev/mmcblk1' },
      {
        ...bench.context(stop.signal),
        progress: () => stop.abort(new Error('enough')),
      },
    );
    await expect(wiping).rejects.toThrow('enough');
    expect(statSync(join(bench.unit.folder, 'media/mmcblk1')).size).toBe(24 << 20);
    expect(isZero(medium(bench, 'mmcblk1').subarray(-4096))).toBe(false);
  });
});
