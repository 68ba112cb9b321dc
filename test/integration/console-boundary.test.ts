import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { consoleBench } from '../support/console.ts';
import { homeIn, temporaryFolder } from '../support/folders.ts';
import { describeWith } from '../support/parts.ts';
import { exitOf, lineMatching, startProcess } from '../support/processes.ts';

/** Processes of this machine whose command line holds that text, by number. */
function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Everything below a process, itself included. */
function family(pid: number): number[] {
  let children: string[] = [];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean);
  } catch {
    return [];
  }
  return [pid, ...children.flatMap((child) => family(Number(child)))];
}

const gone = (pid: number): boolean => {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
};

const CLI = fileURLToPath(new URL('../../electron/cli/index.ts', import.meta.url));

describeWith(['busybox'], 'the wall around a virtual console', () => {
  it('hides the files, processes and network of the machine', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    const shell = async (command: string) =>
      String((await session.run('shell', { command }, bench.context())).values.output);

    const root = await shell('ls -a /');
    expect(root.split('\n').filter((name) => !/^(\.+|)$/.test(name))).toEqual([
      'bin',
      'boot',
      'data',
      'dev',
      'etc',
      'proc',
      'root',
      'run',
      'sys',
      'tmp',
      'usr',
      'var',
    ]);
    // Neither this repository nor the unit's own folder on the machine, by any way around.
    const here = process.cwd();
    const around = [`/proc/1/root${here}`, `/proc/1/cwd/../..${here}`];
    for (const path of [here, ...around, bench.unit.folder, '/old']) {
      expect(await shell(`ls -d ${path} 2>&1`), path).toMatch(/No such file|Permission denied/);
    }
    expect(await shell('ls /root /old 2>/dev/null')).toMatch(/^(\/root:\s*)?$/);

    // Its own processes only, its first one being its init, and no signal gets out.
    const own = (await shell('ls /proc')).split('\n').filter((name) => /^\d+$/.test(name));
    expect(own.length).toBeLessThan(20);
    expect(await shell('tr "\\000" " " </proc/1/cmdline')).toContain('/etc/init');
    expect(await shell(`kill -0 ${process.pid} 2>&1; kill -9 ${process.pid} 2>&1`)).toMatch(
      /No such process/,
    );

    expect((await shell('ls /sys/class/net; ip -o link')).match(/^\d+: (\S+):/gm)).toEqual(['1: lo:']);
    expect(await shell('ip route; tail -n +2 /proc/net/route; cat /proc/net/fib_trie')).toBe('');

    // Neither the machine's kernel log nor its devices nor its settings.
    expect(await shell('dmesg | head -n 1')).toContain('fieldos');
    expect(await shell('mknod /tmp/sda b 8 0 2>&1; echo "made $?"')).toMatch(/made [^0]/);
    expect(await shell('echo 1 2>&1 >/proc/sys/kernel/sysrq; echo b 2>&1 >/proc/sysrq-trigger')).toMatch(
      /Permission denied|Read-only|nonexistent/,
    );
    expect(await shell('mount -t sysfs x /mnt 2>&1; ls /sys')).not.toContain('kernel\n');
  });

  it('keeps the unit to its own room', async () => {
    const bench = consoleBench();
    const session = await bench.open();
    const shell = async (command: string) =>
      String((await session.run('shell', { command }, bench.context())).values.output);
    expect(await shell('dd if=/dev/zero of=/tmp/fill bs=1M count=100 2>&1; rm /tmp/fill')).toMatch(
      /No space left/,
    );
    // A medium cannot grow on the machine's disk, nor can a program take all of its memory.
    const before = statSync(join(bench.unit.folder, 'media/mmcblk1')).size;
    await shell('dd if=/dev/zero of=/dev/mmcblk1 bs=1M seek=15 count=1000 conv=notrunc 2>&1');
    expect(statSync(join(bench.unit.folder, 'media/mmcblk1')).size).toBeLessThanOrEqual(
      Math.max(before, 16 << 20),
    );
    expect(await shell('ulimit -v')).toBe('262144\n');
    expect(await shell('(ulimit -v unlimited) 2>&1')).toMatch(/not permitted|error/);
  });

  it('ends with the process that runs it, however that ends', async () => {
    const rack = startProcess(process.execPath, [CLI, 'rack', '--at', '0', '--console', '1'], {
      env: { ...process.env, ...homeIn(await temporaryFolder()) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (!rack.stdout) throw new Error('the rack has no output');
    const [listed] = await lineMatching(rack.stdout, /^\{.*\}$/);
    expect(JSON.parse(listed).units).toMatchObject([{ family: 'console' }]);
    const pid = rack.pid ?? 0;
    // The outer process, and below it the unit's first one.
    await expect.poll(() => family(pid).length, { timeout: 20_000 }).toBeGreaterThan(2);
    const below = family(pid).filter((one) => one !== pid);
    rack.kill('SIGKILL');
    await exitOf(rack);
    await expect.poll(() => below.filter((one) => !gone(one)), { timeout: 20_000 }).toEqual([]);
  });

  it('leaves no processes and no folder behind when it is closed', async () => {
    const { ConsoleUnit } = await import('../../electron/rack/console/index.ts');
    const unit = new ConsoleUnit({ logBytes: 1000, media: [{ name: 'sda', bytes: 4096, device: '8:0' }] });
    await expect.poll(() => processesWith(unit.folder).length).toBeGreaterThan(0);
    await unit.close();
    expect(processesWith(unit.folder)).toEqual([]);
    expect(() => statSync(unit.folder)).toThrow();
  });
});
