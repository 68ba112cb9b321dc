import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const Rectangle = z.object({ x: z.int(), y: z.int(), width: z.int(), height: z.int() });
export type Rectangle = z.infer<typeof Rectangle>;

const WindowState = z.object({ bounds: Rectangle, maximized: z.boolean() });
export type WindowState = z.infer<typeof WindowState>;

export const MINIMUM = { width: 800, height: 560 } as const;
const DEFAULT = { width: 1440, height: 900 } as const;
/** So much of the window must lie on a display that a person can find and grab it. */
const VISIBLE = { width: 160, height: 80 } as const;

/** Reads what was remembered; anything unreadable is as good as nothing. */
export function readWindowState(file: string): WindowState | null {
  try {
    return WindowState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Remembers the window; losing this is not worth an error. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  } catch {
    // A full or read-only disk: the next start opens in the default place.
  }
}

/**
 * Where the window opens: where it was, if that is still on a display, else in the middle of the first.
 * @param workAreas the displays' usable areas, the primary one first
 */
export function placeWindow(remembered: WindowState | null, workAreas: readonly Rectangle[]): WindowState {
  const primary = workAreas[0] ?? { x: 0, y: 0, ...DEFAULT };
  const bounds = remembered?.bounds;
  const area = bounds && workAreas.find((candidate) => isReachable(bounds, candidate));
  if (!bounds || !area)
    return { bounds: centred(DEFAULT, primary), maximized: remembered?.maximized ?? false };
  return {
    bounds: { ...bounds, ...sizeWithin(bounds, area) },
    maximized: remembered.maximized,
  };
}

function isReachable(bounds: Rectangle, area: Rectangle): boolean {
  const width = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  const height = Math.min(bounds.y + bounds.height, area.y + area.height) - Math.max(bounds.y, area.y);
  // The title bar is at the top: it must not be above the display.
  return width >= VISIBLE.width && height >= VISIBLE.height && bounds.y >= area.y;
}

function sizeWithin(size: { width: number; height: number }, area: Rectangle) {
  return {
    width: Math.max(MINIMUM.width, Math.min(size.width, area.width)),
    height: Math.max(MINIMUM.height, Math.min(size.height, area.height)),
  };
}

function centred(wanted: { width: number; height: number }, area: Rectangle): Rectangle {
  const size = sizeWithin(wanted, area);
  return {
    x: area.x + Math.max(0, Math.round((area.width - size.width) / 2)),
    y: area.y + Math.max(0, Math.round((area.height - size.height) / 2)),
    ...size,
  };
}
