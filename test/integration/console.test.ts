import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createConsoleDriver } from '../../electron/station/drivers/console.ts';
import { listenFirst } from '../../electron/station/drivers/listen.ts';
import { pullFile } from '../../electron/station/protocols/console/pull.ts';
import { ConsoleShell } from '../../electron/station/protocols/console/shell.ts';
import { pullStream } from '../../electron/station/protocols/console/stream.ts';
import { createMemoryLine } from '../../electron/station/transports/memory.ts';
import { type ConsoleBench, consoleBench, type Kept, sha256 } from '../support/console.ts';
import { describeWith } from '../support/parts.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
/** Counts readers of commands: processes of that name that are no child of another. */
const AGENTS =
  "ps -o pid,ppid,args|awk '/[w]hile IFS/{p[$1]=$2} END{for(i in p)if(!(p[i] in p))n++;print n}'";
/** A command that shows on the machine that it runs, and how that is waited for. */
const START = 'printf started | dd of=/dev/mmcblk1 conv=notrunc 2>/dev/null';
const started = (bench: ConsoleBench) =>
  vi.waitFor(
    () => expect(readFileSync(join(bench.unit.folder, 'media/mmcblk1'), 'latin1')).toMatch(/^started/),
    { timeout: 10_000 },
  );
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

  it('pulls the other logs where one became shorter meanwhile, whatever their names', async () => {
    const bench = consoleBench({ logBytes: 400_000 });
    const session = await bench.open();
    const context = bench.context();
    const make = [
      'mkdir -p /var/log/app;echo old >/var/log/app/app.log.1',
      'echo coffee >"$(printf \'/var/log/caf\\351.log\')"',
    ].join(';');
    await session.run('shell', { command: make }, context);
    mkdirSync(join(bench.unit.folder, 'sys/fs/pstore'), { recursive: true });
    writeFileSync(join(bench.unit.folder, 'sys/fs/pstore/dmesg-ramoops-0'), 'Panic#1 Part1\n');
    let shortened = false;
    const { values } = await session.run(
      'logs',
      {},
      {
        ...context,
        progress: () => {
          if (shortened) return;
          shortened = true;
          bench.unit.rewrite('messages', 'begun anew\n');
        },
      },
    );
    expect(values).toMatchObject({ files: 5, failed: 1, leftOut: 0, hashedByUnit: 'sha256' });
    expect(context.kept.map(({ name }) => name).sort()).toEqual([
      'app_app.log.1',
      'caf_.log',
      'dmesg.txt',
      'fieldgated.log',
      'pstore_dmesg-ramoops-0',
    ]);
    expect(named(context.kept, 'caf_.log').content.toString()).toBe('coffee\n');
    expect(context.lines.join('\n')).toMatch(/messages was not pulled: .*became shorter while it was read/);
  });

  it('says soon that a file became shorter in the middle of it', async () => {
    const bench = consoleBench({ logBytes: 8_000_000 });
    const session = await bench.open();
    const context = bench.context();
    const pulling = session.run(
      'pull',
      { path: '/var/log/messages' },
      { ...context, progress: () => bench.unit.rewrite('messages', 'begun anew\n') },
    );
    await expect(pulling).rejects.toThrow('became shorter while it was read');
    expect(context.kept).toEqual([]);
  });

  it('keeps nothing of a file that it did not ask for', async () => {
    const bench = consoleBench({ password: null, logBytes: 2_000_000 });
    const { signal } = bench.context();
    const shell = await ConsoleShell.open(await bench.connect(), { login: null, password: null, signal });
    // After each series as many pieces of zeros, whole and summed up, that lie further on in the file.
    const zeros = 'dd if=/dev/zero bs=65536 count=1 2>/dev/null';
    const hostile = [
      'echo(){ case $1 in *" Z "*)j=0;while [ $j -lt 20 ];do j=$((j+1));',
      `printf '%s C %s %s\\n' "$T" $Q $((s+j));${zeros}|Y;printf '%s K %s %s %s\\n' "$T" $Q $((s+j)) "$(${zeros}|H)"`,
      `;done;;esac;printf '%s\\n' "$*";}`,
    ].join('');
    await shell.define('echo', hostile, signal);
    const pieces: Buffer[] = [];
    const pulled = await pullFile(shell, '/var/log/messages', 2_000_000, {
      signal,
      write: async (bytes) => void pieces.push(Buffer.from(bytes)),
      progress: () => {},
    });
    expect(pulled.unitSum).toBe(pulled.ourSum);
    expect(Buffer.concat(pieces).equals(readFileSync(join(bench.unit.folder, 'messages')))).toBe(true);
    await shell.close();
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
    const running = session.run('shell', { command: `${START}; sleep 1000` }, bench.context(stop.signal));
    void started(bench).then(() => stop.abort(new Error('enough')));
    await expect(running).rejects.toThrow('enough');
    const { values } = await session.run(
      'shell',
      { command: 'ps | grep -c "[s]leep 1000"' },
      bench.context(),
    );
    expect(values).toEqual({ exitCode: 1, output: '0\n' });
  });

  it('stops on request where no key stops anything: the command ends first', async () => {
    const bench = consoleBench({ password: null, noControllingTerminal: true });
    const session = await bench.open();
    const shell = async (command: string) =>
      (await session.run('shell', { command }, bench.context())).values;
    expect((await shell(': </dev/tty')).exitCode).not.toBe(0);
    const stop = new AbortController();
    const running = session.run('shell', { command: `${START}; sleep 3` }, bench.context(stop.signal));
    void started(bench).then(() => stop.abort(new Error('enough')));
    await expect(running).rejects.toThrow('enough');
    expect(await shell('ps | grep -c "[s]leep 3"')).toEqual({ exitCode: 1, output: '0\n' });
    // One agent at a time, and the shell as it was found once it is gone.
    expect((await shell(AGENTS)).output).toBe('1\n');
    await session.close();
    const raw = await bench.connect();
    await raw.write(Buffer.from('stty -a\r'), { timeoutMs: 1000 });
    let heard = '';
    while (!/isig.*# /s.test(heard)) {
      heard += Buffer.from(await raw.read({ timeoutMs: 5000 })).toString('latin1');
    }
    expect(heard).toMatch(/\secho\s/);
    await raw.close();
  });

  it.each([
    ['waiting', 'true'],
    ['in the middle of a log', 'stream'],
  ])('ends a reader that was left behind where no key stops anything: %s', async (_, what) => {
    const bench = consoleBench({ password: null, noControllingTerminal: true, logBytes: 3_000_000 });
    const dead = await ConsoleShell.open(await bench.connect(), {
      login: null,
      password: null,
      signal: bench.context().signal,
    });
    const { signal } = bench.context();
    if (what === 'stream') {
      const write = async () => bench.mount.setFault('unplug', true);
      const pulling = pullStream(dead, 'cat /var/log/messages', { signal, write, progress: () => {} });
      await expect(pulling).rejects.toEqual(code('port.gone'));
    } else bench.mount.setFault('unplug', true);
    bench.mount.setFault('unplug', false);
    const session = await bench.open();
    const left = await session.run('shell', { command: AGENTS }, bench.context());
    expect(left.values.output).toBe('1\n');
  });

  it('sees that another start of the unit answers, though no login was asked for', async () => {
    const bench = consoleBench({ password: null });
    const session = await bench.open();
    const { signal } = bench.context();
    const bootId = () => readFileSync(join(bench.unit.folder, 'boot_id'), 'latin1');
    const before = bootId();
    const later = '(while [ -s /var/log/messages ];do sleep 0.1;done;reboot -f) >/dev/null 2>&1 &';
    await session.run('shell', { command: later }, bench.context());
    const stop = new AbortController();
    const running = session.run('shell', { command: `${START}; sleep 1000` }, bench.context(stop.signal));
    void started(bench).then(() => stop.abort(new Error('enough')));
    await expect(running).rejects.toThrow('enough');
    bench.unit.rewrite('messages', '');
    await vi.waitFor(() => expect(bootId()).not.toBe(before), { timeout: 10_000 });
    await expect(session.identify(signal)).rejects.toEqual(code('unit.session-lost'));
    await expect(session.identify(signal)).rejects.toEqual(code('unit.session-lost'));
  });

  it('finds the end of its patience in noise', async () => {
    const bench = consoleBench({ logBytes: 30_000_000 });
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
    expect(await driver.probe(line, await listenFirst(line, signal), signal)).toBe(true);
    await line.close();

    for (const answers of [true, false]) {
      const { transport, far } = createMemoryLine();
      let sent = '';
      far.onData((bytes) => {
        sent += Buffer.from(bytes).toString('latin1');
        // Echo on, and a modem that takes an empty line for a mistake.
        if (answers) void far.write(Buffer.concat([bytes, Buffer.from('\r\nERROR\r\n')]));
      });
      expect(await driver.probe(transport, '', signal)).toBe(false);
      expect(sent).toBe('\r');
      await transport.close();
    }
  });
});
