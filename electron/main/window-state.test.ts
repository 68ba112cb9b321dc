import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { placeWindow, type Rectangle, readWindowState, writeWindowState } from './window-state.ts';

const LEFT: Rectangle = { x: 0, y: 0, width: 1920, height: 1040 };
const RIGHT: Rectangle = { x: 1920, y: 0, width: 1280, height: 984 };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'repairbench-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('the first window stands in the middle of the primary display', () => {
  expect(placeWindow(null, [LEFT])).toEqual({
    bounds: { x: 240, y: 70, width: 1440, height: 900 },
    maximized: false,
  });
});

test('a window stands where it was, on whichever display', () => {
  const state = { bounds: { x: 2000, y: 50, width: 1000, height: 700 }, maximized: true };
  expect(placeWindow(state, [LEFT, RIGHT])).toEqual(state);
});

test('a window of a display that is gone comes back to the primary one', () => {
  const state = { bounds: { x: 2000, y: 50, width: 1000, height: 700 }, maximized: false };
  expect(placeWindow(state, [LEFT]).bounds).toEqual({ x: 240, y: 70, width: 1440, height: 900 });
});

test.each([
  ['only a sliver is on the display', { x: 1900, y: 100, width: 1000, height: 700 }],
  ['its title bar is above the display', { x: 100, y: -200, width: 1000, height: 700 }],
  ['it is far below', { x: 100, y: 1020, width: 1000, height: 700 }],
])('a window that cannot be grabbed is brought back: %s', (_why, bounds) => {
  expect(placeWindow({ bounds, maximized: false }, [LEFT]).bounds).toEqual({
    x: 240,
    y: 70,
    width: 1440,
    height: 900,
  });
});

test('sizes stay between the smallest that works and the display', () => {
  const tiny = { bounds: { x: 10, y: 10, width: 200, height: 100 }, maximized: false };
  expect(placeWindow(tiny, [LEFT]).bounds).toMatchObject({ width: 800, height: 560 });
  const huge = { bounds: { x: 10, y: 10, width: 9_000, height: 9_000 }, maximized: false };
  expect(placeWindow(huge, [LEFT]).bounds).toMatchObject({ width: 1920, height: 1040 });
});

test('what is written is read again; what is broken is as good as nothing', () => {
  const file = join(folder(), 'deep', 'window.json');
  const state = { bounds: { x: 1, y: 2, width: 900, height: 600 }, maximized: false };
  expect(readWindowState(file)).toBeNull();
  writeWindowState(file, state);
  expect(readWindowState(file)).toEqual(state);
  for (const broken of ['', '{', '[]', '{"bounds":{"x":"1"},"maximized":false}', '{"bounds":{"x":1e999}}']) {
    writeFileSync(file, broken);
    expect(readWindowState(file)).toBeNull();
  }
});
