import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { dataFolder, profileFolder } from './data-folder.ts';

test('what is asked for comes first, then the environment, then the user’s own place', () => {
  const env = { REPAIRBENCH_DATA: '/from/env', XDG_DATA_HOME: '/xdg' };
  expect(dataFolder({ data: '/asked' }, env, 'linux')).toBe(resolve('/asked'));
  expect(dataFolder({ data: 'relative' }, env, 'linux')).toBe(resolve('relative'));
  expect(dataFolder({}, env, 'linux')).toBe(resolve('/from/env'));
  expect(dataFolder({}, { XDG_DATA_HOME: '/xdg' }, 'linux')).toBe(join('/xdg', 'repairbench'));
  expect(dataFolder({}, {}, 'linux')).toBe(join(homedir(), '.local', 'share', 'repairbench'));
  expect(dataFolder({}, {}, 'darwin')).toContain(join('Library', 'Application Support', 'repairbench'));
  expect(dataFolder({}, { APPDATA: '/roaming' }, 'win32')).toBe(join('/roaming', 'repairbench'));
});

test('training has a folder of its own', () => {
  expect(dataFolder({ training: true }, { XDG_DATA_HOME: '/xdg' }, 'linux')).toBe(
    '/xdg/repairbench-training',
  );
});

test('each bench has a window profile of its own, outside its data', () => {
  const env = { XDG_CONFIG_HOME: '/config' };
  const first = profileFolder('/data/a', env, 'linux');
  expect(first).toMatch(/^\/config\/repairbench\/windows\/[0-9a-f]{16}$/);
  expect(profileFolder('/data/a/', env, 'linux')).toBe(first);
  expect(profileFolder('/data/b', env, 'linux')).not.toBe(first);
});
