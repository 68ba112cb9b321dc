import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ensureBuilt, sourcesHash } from './build.mjs';
import { electronArguments, findElectron, whyNoDisplay } from './electron.mjs';
import { isInstalled } from './install.mjs';
import { capture, exitCodeOf, nodeBinary } from './processes.mjs';
import { tally } from './tally.mjs';

const SETUP = fileURLToPath(new URL('.', import.meta.url));

/** A folder with files, removed when the test has finished. */
function tree(files: Record<string, string> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'repairbench-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) put(root, path, content);
  return root;
}

function put(root: string, path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

describe('what is installed', () => {
  const lock = (packages: object) => JSON.stringify({ packages });
  const a = { version: '1.0.0', integrity: 'sha512-a' };

  function installed(wanted: object, present: object | null): boolean {
    const root = tree({ 'package-lock.json': lock({ '': {}, ...wanted }) });
    put(root, nodeBinary(''), '');
    if (present) put(root, 'node_modules/.package-lock.json', lock(present));
    return isInstalled(root);
  }

  test('counts only when npm finished it for this very lock file', () => {
    expect(installed({ 'node_modules/a': a }, { 'node_modules/a': a })).toBe(true);
    expect(installed({ 'node_modules/a': a }, null)).toBe(false);
    expect(installed({ 'node_modules/a': a }, {})).toBe(false);
    expect(installed({ 'node_modules/a': a }, { 'node_modules/a': { ...a, version: '1.0.1' } })).toBe(false);
    expect(installed({ 'node_modules/a': a }, { 'node_modules/a': { ...a, integrity: 'x' } })).toBe(false);
  });

  test('packages of other platforms may be absent', () => {
    const other = { ...a, optional: true };
    expect(installed({ 'node_modules/a': a, 'node_modules/b': other }, { 'node_modules/a': a })).toBe(true);
  });

  test('a lock file without Node among its packages is not enough', () => {
    const root = tree({ 'package-lock.json': lock({}), 'node_modules/.package-lock.json': lock({}) });
    expect(isInstalled(root)).toBe(false);
  });
});

describe('what was built', () => {
  test('is of these sources: contents and names count, tests and dates do not', () => {
    const root = tree({ 'electron/main/index.ts': 'a', 'renderer/main.tsx': 'b', 'package-lock.json': '{}' });
    const hash = sourcesHash(root);
    put(root, 'electron/main/index.ts', 'a');
    put(root, 'electron/main/index.test.ts', 'x');
    put(root, 'README.md', 'x');
    expect(sourcesHash(root)).toBe(hash);
    put(root, 'electron/main/index.ts', 'A');
    const changed = sourcesHash(root);
    expect(changed).not.toBe(hash);
    put(root, 'shared/new.ts', '');
    expect(sourcesHash(root)).not.toBe(changed);
  });

  test('a build that fails halfway makes what was there nobody’s', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => void vi.restoreAllMocks());
    const root = tree();
    // Builds the one source there is, and gives up in the middle when that says so.
    put(
      root,
      'node_modules/electron-vite/bin/electron-vite.js',
      `const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
       mkdirSync('out', { recursive: true });
       const source = readFileSync('electron/a.ts', 'utf8');
       writeFileSync('out/built', source);
       process.exitCode = source === 'B' ? 1 : 0;`,
    );
    mkdirSync(dirname(nodeBinary(root)), { recursive: true });
    symlinkSync(process.execPath, nodeBinary(root));
    const build = async (source: string) => {
      put(root, 'electron/a.ts', source);
      const code = await ensureBuilt(root);
      return { code, built: readFileSync(join(root, 'out/built'), 'utf8') };
    };
    expect(await build('A')).toEqual({ code: 0, built: 'A' });
    expect(await build('B')).toEqual({ code: 1, built: 'B' });
    expect(await build('A')).toEqual({ code: 0, built: 'A' });
  });
});

describe('Electron’s runtime', () => {
  test('is looked for where the electron package would look', () => {
    const root = tree({
      'node_modules/electron/path.txt': 'electron',
      'node_modules/electron/dist/electron': '',
    });
    const dist = tree({ electron: '' });
    expect(findElectron(root, {})).toEqual({ path: join(root, 'node_modules/electron/dist/electron') });
    expect(findElectron(root, { ELECTRON_OVERRIDE_DIST_PATH: dist })).toEqual({
      path: join(dist, 'electron'),
    });
    const empty = tree();
    expect(findElectron(empty, {})).toHaveProperty('missing');
    expect(findElectron(root, { ELECTRON_OVERRIDE_DIST_PATH: empty })).toHaveProperty('missing');
  });

  test('needs a display on Linux only', () => {
    expect(whyNoDisplay({}, 'linux')).toContain('no display');
    expect(whyNoDisplay({ DISPLAY: ':0' }, 'linux')).toBeNull();
    expect(whyNoDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBeNull();
    expect(whyNoDisplay({}, 'darwin')).toBeNull();
  });

  test('gets the app’s own arguments last, as they are', () => {
    expect(electronArguments('/root', ['--data', '/a b'])).toEqual(
      expect.arrayContaining(['-r', join('/root', 'out', 'main', 'index.cjs'), '/root', '--data', '/a b']),
    );
    expect(electronArguments('/root', ['--data', '/a b']).slice(-3)).toEqual(['/root', '--data', '/a b']);
  });
});

describe('running a task', () => {
  /** Runs `run()` of processes.mjs on a Node script, in a process of its own. */
  function runner(code: string, args: string[] = []) {
    const script = `import { run } from ${JSON.stringify(new URL('processes.mjs', import.meta.url).href)};
      process.exitCode = await run(process.execPath, ['-e', ${JSON.stringify(code)}, '--', ...process.argv.slice(1)]);`;
    return spawn(process.execPath, ['--input-type=module', '-e', script, '--', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  }

  test('its exit code, streams and arguments pass through unchanged', async () => {
    const args = ['--text', 'two words', '', '"quoted" $HOME `x`', '*', "it's"];
    const child = runner(
      'process.stdin.pipe(process.stdout); console.log(JSON.stringify(process.argv.slice(1))); process.exitCode = 41',
      args,
    );
    child.stdin.end('input');
    let text = '';
    for await (const chunk of child.stdout) text += chunk;
    expect(text).toBe(`${JSON.stringify(args)}\ninput`);
    expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(41);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s is handed on, and its answer is waited for',
    async (signal) => {
      const child = runner(
        `process.on('${signal}', () => { console.log('seen'); process.exit(7); }); setInterval(() => {}, 1000); console.log('up');`,
      );
      const [up] = await once(child.stdout, 'data');
      expect(String(up)).toBe('up\n');
      child.kill(signal);
      const [seen] = await once(child.stdout, 'data');
      expect(String(seen)).toBe('seen\n');
      expect((await once(child, 'exit'))[0]).toBe(7);
    },
  );

  test('a command that ended by a signal, took too long or is not there has the code a shell would report', async () => {
    expect(exitCodeOf(null, 'SIGKILL')).toBe(137);
    expect(exitCodeOf(3, null)).toBe(3);
    const forever = ['-e', 'setInterval(() => {}, 1000)'];
    expect(await capture(process.execPath, forever, { timeoutMs: 300 })).toEqual({ code: 137, output: '' });
    expect((await capture(join(SETUP, 'not-there'), [])).code).toBe(127);
  });

  test('a task that does not exist is bad input', async () => {
    const { code, output } = await capture(process.execPath, [join(SETUP, 'run.mjs'), 'nonsense']);
    expect(code).toBe(2);
    expect(output).toContain('There is no task “nonsense”');
  });

  test('a check that does not exist is bad input, and says which there are', async () => {
    const { code, output } = await capture(process.execPath, [join(SETUP, 'run.mjs'), 'check', 'typo']);
    expect(code).toBe(2);
    expect(output).toContain('There is no check “typo”');
    expect(output).toContain('dead code');
  });

  test('a wrong option of start is bad input, and says what there is', async () => {
    const { code, output } = await capture(process.execPath, [join(SETUP, 'run.mjs'), 'start', '--wrong']);
    expect(code).toBe(2);
    expect(output).toContain('--host');
  });
});

describe('the last line of the tests', () => {
  const file = (status: string, count: number) => ({
    status,
    assertionResults: Array.from({ length: count }, () => ({})),
  });

  test('counts tests, and files that could not be loaded', () => {
    const report = JSON.stringify({
      numPassedTests: 7,
      numFailedTests: 1,
      testResults: [file('passed', 7), file('failed', 1), file('failed', 0)],
    });
    expect(tally(report, 1)).toEqual({ passed: 7, failed: 2 });
  });

  test('never says that all is well when it is not', () => {
    const well = JSON.stringify({ numPassedTests: 7, numFailedTests: 0, testResults: [file('passed', 7)] });
    expect(tally(well, 0)).toEqual({ passed: 7, failed: 0 });
    expect(tally(well, 1)).toEqual({ passed: 7, failed: 1 });
    expect(tally(null, 0)).toEqual({ passed: 0, failed: 1 });
    expect(tally('{', 139)).toEqual({ passed: 0, failed: 1 });
  });
});
