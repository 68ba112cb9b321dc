import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createConsoleDriver } from '../../electron/station/drivers/console.ts';
import { createMemoryLine } from '../../electron/station/transports/memory.ts';
import { consoleBench, type Kept, sha256 } from '../support/console.ts';
import { describeWith } from '../support/parts.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const named = (kept: readonly Kept[], name: string): Kept => {
  const found = kept.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no artifact ${name}`);
  return found;
};

describeWith(['busybox'], 'a Linux console over serialport', () => {
  it('logs in, says who it is and how it is, and logs out', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    const context = bench.context();
    const { identity } = bench.unit;
    expect(await session.identify(context.signal)).toMatchObject({
      maker: 'Fieldgate',
      model: identity.model,
      serial: identity.serial,
      firmware: identity.firmware,
      macs: identity.macs,
      imei1: null,
    });
    expect((await session.run('identify', {}, context)).values).toMatchObject({
      hostname: 'fg220-01',
      privileged: true,
    });
    expect((await session.run('system', {}, context)).values).toMatchObject({
      uptimeSeconds: expect.any(Number),
      memoryTotalMiB: expect.any(Number),
      memoryAvailableMiB: expect.any(Number),
      load1: expect.any(Number),
      temperatureC: 47.3,
      kernelErrors: 2,
      rootUsedPercent: expect.any(Number),
    });
    await session.close();

    // Whoever comes next is asked for a login again.
    const again = await bench.connect();
    await again.write(Buffer.from('\r'), { timeoutMs: 1000 });
    let heard = '';
    while (!heard.includes('login: ')) {
      heard += Buffer.from(await again.read({ timeoutMs: 5000 })).toString('latin1');
    }
    await again.close();
  });

  it('runs commands with their exact output and status, and leaves a shell as it found it', async () => {
    const bench = consoleBench({ password: null });
    const before = await bench.open({ login: null, password: null });
    const settings = await before.run('shell', { command: 'stty -a </dev/tty' }, bench.context());
    expect(settings.values.output).toContain('-echo');
    const shell = async (command: string) => (await before.run('shell', { command }, bench.context())).values;
    expect(await shell('echo out; echo err >&2; exit 3')).toEqual({ exitCode: 3, output: 'out\nerr\n' });
    expect(await shell('printf "no end of line"')).toEqual({ exitCode: 0, output: 'no end of line' });
    expect(await shell(`printf '%s' 'Grüße "$HOME" \\\\ !'`)).toEqual({
      exitCode: 0,
      output: 'Grüße "$HOME" \\\\ !',
    });
    expect((await shell('head -c 100000 /dev/zero | tr "\\000" x')).output).toHaveLength(65_536);
    expect(await shell(`echo ${'y'.repeat(1900)}`)).toEqual({ exitCode: 0, output: `${'y'.repeat(1900)}\n` });
    await expect(before.run('dance', {}, bench.context())).rejects.toEqual(code('unit.unsupported'));
    await before.close();

    const raw = await bench.connect();
    await raw.write(Buffer.from('stty -a\r'), { timeoutMs: 1000 });
    let heard = '';
    while (!/isig.*# /s.test(heard))
      heard += Buffer.from(await raw.read({ timeoutMs: 5000 })).toString('latin1');
    expect(heard).toMatch(/\secho\s/);
    expect(heard).toMatch(/\sopost\s/);
    await raw.close();
  });

  it('says when the login is refused, or needed', async () => {
    const bench = consoleBench();
    await expect(bench.open({ login: 'root', password: 'wrong' })).rejects.toEqual(code('unit.login-failed'));
    await expect(bench.open({ login: null, password: null })).rejects.toEqual(code('unit.login-needed'));
    bench.mount.setFault('login-failure', true);
    await expect(bench.open()).rejects.toEqual(code('unit.login-failed'));
    bench.mount.setFault('login-failure', false);
    await (await bench.open()).close();
  });

  it('says another serial number when the fault is on', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    const { signal } = bench.context();
    bench.mount.setFault('wrong-serial', true);
    expect((await session.identify(signal)).serial).toBe('FG2200099001');
    bench.mount.setFault('wrong-serial', false);
    expect((await session.identify(signal)).serial).toBe(bench.unit.identity.serial);
  });

  it.each([
    ['nothing missing, kernel messages in the middle', { kernelMessagesEvery: 700 }],
    ['no sha256sum', { without: ['base64', 'sha256sum'] }],
    ['no base64, no stty', { without: ['base64', 'uuencode', 'stty'], kernelMessagesEvery: 900 }],
    ['nothing that sums up', { without: ['sha256sum', 'sha1sum', 'md5sum', 'crc32'] }],
    ['neither sums nor gzip', { without: ['sha256sum', 'sha1sum', 'md5sum', 'crc32', 'gzip'] }],
    ['od only', { without: ['base64', 'uuencode', 'xxd', 'hexdump', 'head', 'tee'] }],
    ['no encoder at all', { without: ['base64', 'uuencode', 'xxd', 'hexdump', 'od'] }],
  ])('pulls logs byte by byte: %s', async (_, options) => {
    const bench = consoleBench({ ...options, logBytes: 150_000, seed: 7 });
    const session = await bench.open();
    const context = bench.context();
    const { values } = await session.run('logs', {}, context);

    const messages = readFileSync(join(bench.unit.folder, 'messages'));
    expect(named(context.kept, 'messages').content.equals(messages)).toBe(true);
    // Control characters, CR LF, NULs, and no end of line.
    const own = readFileSync(join(bench.unit.folder, 'files/var/log/fieldgated.log'));
    expect(named(context.kept, 'fieldgated.log').content.equals(own)).toBe(true);
    const kernel = readFileSync(join(bench.unit.folder, 'files/etc/kernel-log'), 'utf8').replace(
      /^<\d+>/gm,
      '',
    );
    expect(named(context.kept, 'dmesg.txt').content.toString()).toBe(kernel);

    const without: readonly string[] = 'without' in options ? options.without : [];
    const hashedByUnit =
      ['sha256sum', 'sha1sum'].find((tool) => !without.includes(tool))?.replace('sum', '') ?? null;
    expect(values).toMatchObject({
      files: 3,
      bytes: messages.length + own.length + kernel.length,
      hashedByUnit,
    });
    for (const { content, sha256ByUnit } of context.kept) {
      expect(sha256ByUnit).toBe(hashedByUnit === 'sha256' ? sha256(content) : null);
    }
    expect(context.reports.at(-1)?.done).toBe(values.bytes);
  });

  it('pulls while the disk of the unit is full', async () => {
    const bench = consoleBench({ kernelMessagesEvery: 3000 });
    const session = await bench.open();
    bench.mount.setFault('full-disk', true);
    const full = bench.context();
    expect((await session.run('shell', { command: 'echo x >/tmp/x' }, full)).values.exitCode).not.toBe(0);
    expect((await session.run('logs', {}, full)).values).toMatchObject({ files: 3, hashedByUnit: 'sha256' });
    expect(full.lines.join('\n')).toContain('no room for a snapshot');
    bench.mount.setFault('full-disk', false);
    expect((await session.run('shell', { command: 'echo x >/tmp/x' }, full)).values.exitCode).toBe(0);
    const free = bench.context();
    await session.run('logs', {}, free);
    expect(free.lines.join('\n')).not.toContain('no room');
    expect(free.kept.map(({ content }) => sha256(content))).toEqual(
      full.kept.map(({ content }) => sha256(content)),
    );
    // Nothing of ours stays on the unit.
    const left = await session.run('shell', { command: 'ls -A /tmp /run' }, free);
    expect(left.values.output).not.toContain('.rb-');
  });

  it('pulls a log that grows meanwhile as it was when it was listed', async () => {
    const bench = consoleBench({ logBytes: 400_000 });
    const session = await bench.open();
    const context = bench.context();
    const file = join(bench.unit.folder, 'messages');
    const before = readFileSync(file);
    const pulling = session.run(
      'logs',
      {},
      {
        ...context,
        progress: () => appendFileSync(file, 'one more line\n'),
      },
    );
    await pulling;
    expect(named(context.kept, 'messages').content.equals(before)).toBe(true);
    expect(readFileSync(file).length).toBeGreaterThan(before.length);
  });

  it('pulls single files, those of /proc too, and says what cannot be read', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    const context = bench.context();
    const pulled = await session.run('pull', { path: '/proc/partitions' }, context);
    expect(named(context.kept, 'partitions').content.toString()).toContain('mmcblk1');
    expect(pulled.values.sha256).toBe(sha256(named(context.kept, 'partitions').content));
    await session.run('shell', { command: 'mkdir -p "/tmp/a b"; echo hi >"/tmp/a b/ü"' }, context);
    expect((await session.run('pull', { path: '/tmp/a b/ü' }, context)).values.bytes).toBe(3);
    await expect(session.run('pull', { path: '/nowhere' }, context)).rejects.toEqual(code('unit.unreadable'));
    await expect(session.run('pull', { path: '/etc' }, context)).rejects.toEqual(code('unit.unreadable'));
    await expect(session.run('pull', { path: 'etc' }, context)).rejects.toEqual(code('input.invalid'));
  });

  it('notices when the cable is pulled in the middle of a log', async () => {
    const bench = consoleBench({ logBytes: 8_000_000 });
    const session = await bench.open();
    const context = bench.context();
    let pulled = false;
    const pulling = session.run(
      'pull',
      { path: '/var/log/messages' },
      {
        ...context,
        progress: ({ done }) => {
          if (done < 500_000 || pulled) return;
          pulled = true;
          bench.mount.setFault('unplug', true);
        },
      },
    );
    await expect(pulling).rejects.toEqual(code('port.gone'));
    expect(context.kept).toEqual([]);
    await session.close();
    // Plugged in again, the unit is as the broken conversation left it: logged in, its reader waiting.
    bench.mount.setFault('unplug', false);
    const again = await bench.open();
    expect((await again.identify(context.signal)).serial).toBe(bench.unit.identity.serial);
  });

  it('stops on request and finds the shell again', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    const stop = new AbortController();
    const running = session.run('shell', { command: 'echo started; sleep 1000' }, bench.context(stop.signal));
    setImmediate(() => stop.abort(new Error('enough')));
    await expect(running).rejects.toThrow('enough');
    const { values } = await session.run(
      'shell',
      { command: 'ps | grep -c "[s]leep 1000"' },
      bench.context(),
    );
    expect(values).toEqual({ exitCode: 1, output: '0\n' });
  });

  it('finds the end of its patience in noise', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    bench.mount.setFault('garbage', true);
    const stop = AbortSignal.timeout(3_000);
    await expect(session.run('logs', {}, bench.context(stop))).rejects.toThrow();
    bench.mount.setFault('garbage', false);
    expect((await session.identify(bench.context().signal)).serial).toBe(bench.unit.identity.serial);
  });

  it('sees a restart in the middle, and does not carry on', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    await expect(
      session.run('shell', { command: 'kill -9 1; reboot -f; sleep 60' }, bench.context()),
    ).rejects.toEqual(code('unit.session-lost'));
  });

  it('recognises a console and not a modem, with one Enter at most', async () => {
    const driver = createConsoleDriver();
    const { signal } = new AbortController();
    const bench = consoleBench();
    const line = await bench.connect();
    expect(await driver.probe(line, signal)).toBe(true);
    await line.close();

    for (const answers of [true, false]) {
      const { transport, far } = createMemoryLine();
      let sent = '';
      far.onData((bytes) => {
        sent += Buffer.from(bytes).toString('latin1');
        // Echo on, and a modem that takes an empty line for a mistake.
        if (answers) void far.write(Buffer.concat([bytes, Buffer.from('\r\nERROR\r\n')]));
      });
      expect(await driver.probe(transport, signal)).toBe(false);
      expect(sent).toBe('\r');
      await transport.close();
    }
  });
});
