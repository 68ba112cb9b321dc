import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findPart, obtainParts } from './parts.mjs';
import { nodeBinary } from './processes.mjs';
import { test as runTests } from './tasks/test.mjs';

let root: string;
let bin: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'repairbench-'));
  bin = join(root, 'bin');
  mkdirSync(bin);
  vi.stubEnv('PATH', bin);
  vi.stubEnv('DISPLAY', '');
  vi.stubEnv('WAYLAND_DISPLAY', '');
  vi.stubEnv('REPAIRBENCH_CHROMIUM', undefined);
  vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', undefined);
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

function script(path: string, lines: readonly string[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(path, 0o755);
}

/** An ELF program of headers only, which names a dynamic loader or none. */
function program(path: string, linked: 'static' | 'dynamic'): void {
  const elf = Buffer.alloc(64 + 56);
  elf.writeUInt32BE(0x7f454c46, 0);
  elf.writeUInt8(2, 4);
  elf.writeBigUInt64LE(64n, 32);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(linked === 'dynamic' ? 3 : 1, 64);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, elf, { mode: 0o755 });
}

/** Debian's installer, which notes what it is asked and makes the programs of the packages. */
function fakeApt(): () => string[] {
  const asked = join(root, 'asked');
  program(join(root, 'busybox'), 'static');
  script(join(bin, 'apt-get'), [
    `echo "$*" >> ${asked}`,
    `for name in "$@"; do case $name in`,
    `chromium) made=chromium;; xvfb) made=Xvfb;;`,
    `busybox-static) /bin/cp ${root}/busybox ${bin}/busybox; continue;; *) continue;; esac`,
    `printf '#!/bin/sh\\n' > ${bin}/$made; /bin/chmod +x ${bin}/$made; done`,
  ]);
  return () => readFileSync(asked, 'utf8').trim().split('\n');
}

/** Who runs this, as far as the code under test can tell. */
const runAs = (uid: number) => vi.spyOn(process as { getuid(): number }, 'getuid').mockReturnValue(uid);
const ROOT_USER = 0;
const SOMEBODY = 1000;

/** A runtime that works, where the electron package keeps it. */
function fakeElectron(lines: readonly string[] = ['echo 33.2.1']): void {
  script(join(root, 'node_modules/electron/dist/electron'), lines);
}

test('what is on PATH is used as it is', () => {
  for (const name of ['google-chrome', 'Xvfb']) script(join(bin, name), []);
  program(join(bin, 'busybox'), 'static');
  expect(findPart(root, 'chromium')).toEqual({ path: join(bin, 'google-chrome') });
  expect(findPart(root, 'display')).toEqual({ path: join(bin, 'Xvfb') });
  expect(findPart(root, 'busybox')).toEqual({ path: join(bin, 'busybox') });
  vi.stubEnv('DISPLAY', ':7');
  expect(findPart(root, 'display')).toEqual({ path: ':7' });
});

test('a busybox that needs libraries is passed over: a virtual unit has none', async () => {
  const other = join(root, 'other');
  vi.stubEnv('PATH', `${bin}:${other}`);
  const none = { missing: 'no statically linked busybox is installed' };
  program(join(bin, 'busybox'), 'dynamic');
  expect(findPart(root, 'busybox')).toEqual(none);
  script(join(other, 'busybox'), []);
  expect(findPart(root, 'busybox')).toEqual(none);
  program(join(other, 'busybox'), 'static');
  expect(findPart(root, 'busybox')).toEqual({ path: join(other, 'busybox') });

  runAs(ROOT_USER);
  fakeElectron();
  const asked = fakeApt();
  vi.stubEnv('PATH', bin);
  expect(await obtainParts(root)).toEqual([]);
  expect(asked().at(-1)).toContain('busybox-static');
});

test('on Debian, root gets what is missing, after the lists were brought up to date', async () => {
  runAs(ROOT_USER);
  fakeElectron();
  const asked = fakeApt();
  expect(await obtainParts(root)).toEqual([]);
  expect(asked()).toEqual(['update', 'install -y --no-install-recommends chromium xvfb busybox-static']);
});

test('a runtime that lacks system libraries gets them', async () => {
  runAs(ROOT_USER);
  const asked = fakeApt();
  const libraries = join(root, 'asked');
  fakeElectron([
    `/bin/grep -q libnss3 ${libraries} && echo 33.2.1 || { echo 'libnss3.so: cannot open' >&2; exit 127; }`,
  ]);
  expect(await obtainParts(root)).toEqual([]);
  expect(asked().at(-1)).toContain('libnss3');
});

test('whoever may not install is told what is missing and why', async () => {
  runAs(SOMEBODY);
  fakeApt();
  fakeElectron(['echo "libgtk-3.so.0: cannot open shared object file" >&2', 'exit 127']);
  const missing = await obtainParts(root);
  expect(missing.map(({ name }) => name)).toEqual(['chromium', 'electron', 'display', 'busybox']);
  expect(missing[1]?.missing).toBe(
    "Electron's runtime does not run here (libgtk-3.so.0: cannot open shared object file)",
  );
});

test('a build that fails is counted in the last line of the tests', async () => {
  runAs(SOMEBODY);
  fakeElectron();
  mkdirSync(dirname(nodeBinary(root)), { recursive: true });
  symlinkSync(process.execPath, nodeBinary(root));
  const said = vi.spyOn(console, 'log').mockImplementation(() => {});
  expect(await runTests(root, [])).not.toBe(0);
  expect(said).toHaveBeenLastCalledWith('0 passed, 1 failed');
});
