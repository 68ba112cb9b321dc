import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { artifactSearch } from '../../electron/cli/commands/evidence.ts';
import type { Context } from '../../electron/cli/context.ts';
import { writeNewFile } from '../../electron/cli/files.ts';
import type { Artifact } from '../../shared/model/evidence.ts';
import { commandLine } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';

const mode = (path: string) => statSync(path).mode & 0o777;

describe('what the command line writes', () => {
  it('is private and whole under its name, or is not there', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'trace.log');
    await writeNewFile(path, async (write) => {
      expect(readdirSync(folder)).not.toContain('trace.log');
      await write('one ');
      await write(new TextEncoder().encode('two'));
    });
    expect(readFileSync(path, 'utf8')).toBe('one two');
    expect(mode(path)).toBe(0o600);

    const failing = writeNewFile(join(folder, 'other'), async (write) => {
      await write('half of it');
      throw new Error('the station went away');
    });
    await expect(failing).rejects.toThrow('the station went away');
    const again = writeNewFile(path, (write) => write('three'));
    await expect(again).rejects.toMatchObject({
      code: 'input.file',
      params: { detail: 'it exists already' },
    });
    const nowhere = writeNewFile(join(folder, 'no', 'where'), (write) => write('x'));
    await expect(nowhere).rejects.toMatchObject({ code: 'input.file' });
    expect(readdirSync(folder)).toEqual(['trace.log']);
  });

  it('says that the disk is full, and leaves nothing there', async () => {
    const cli = await commandLine();
    await cli.expect(0, ['init', '--admin', 'Ada', '--training']);
    await cli.expect(0, ['case', 'open', '--serial', 'X1234567']);
    const big = join(cli.home, 'big.log');
    writeFileSync(big, Buffer.alloc(1_500_000, 'A line of a log.\n'));
    const { id } = await cli.expect<Artifact>(0, ['case', 'attach', 'B1-1', big, '--kind', 'log']);
    const disk = join(cli.home, 'disk');
    mkdirSync(disk);
    const get = (file: string) => ['artifact', 'get', id, '--out', join(disk, file), '--json'];
    const script = 'mount -t tmpfs -o size=512k tmpfs "$0" && "$@"; echo "exit $?, left: $(ls -A "$0")"';
    const namespace = ['--user', '--map-root-user', '--mount', '--', 'sh', '-c', script, disk];
    const { out } = await cli.program('unshare', [...namespace, ...cli.command(get('trace.log'))]);
    expect(out).toMatch(/"code":"storage\.full".*exit 3, left: \n/s);
    await cli.expect(0, ['artifact', 'get', id, '--out', join(disk, 'trace.log')]);
    expect(mode(join(disk, 'trace.log'))).toBe(0o600);
  });
});

describe('a search', () => {
  /** A station that finds a line in every second call, and ends each call early. */
  function slowStation(lines: number) {
    const asked: { fromLine: number; limit: number }[] = [];
    const search = async ({ fromLine, limit }: { fromLine: number; limit: number }) => {
      asked.push({ fromLine, limit });
      const hits = fromLine % 2 === 0 ? [{ line: fromLine, offset: 0, text: 'it' }] : [];
      return { hits, nextLine: fromLine < lines ? fromLine + 1 : null, scannedBytes: 10 };
    };
    const context = { client: { artifacts: { search } } } as unknown as Context;
    return { asked, find: (options = {}) => artifactSearch(context, 'id', 'it', options) };
  }

  it('goes on where the station ended a page, to the end or the limit', async () => {
    const { asked, find } = slowStation(9);
    const all = await find();
    expect(all.text).toBe('2: it\n4: it\n6: it\n8: it');
    expect(all.document).toMatchObject({ nextLine: null, scannedBytes: 90 });
    expect(asked).toHaveLength(9);

    const two = await find({ limit: '2' });
    expect(two.text).toBe('2: it\n4: it\nThere may be more: go on with --from 5.');
    expect((await find({ limit: '2', from: '5' })).text).toBe(
      '6: it\n8: it\nThere may be more: go on with --from 9.',
    );
    expect(await find({ from: '9' })).toMatchObject({ text: 'Nothing found.', exitCode: 1 });
    expect(asked.every(({ limit }) => limit <= 1000)).toBe(true);
    await expect(find({ limit: 'all' })).rejects.toMatchObject({ code: 'input.invalid' });
  });
});
