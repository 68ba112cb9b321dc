import { join } from 'node:path';
import { BrowserWindow, screen } from 'electron';
import { PAGE_ORIGIN } from './scheme.ts';
import { MINIMUM, placeWindow, readWindowState, writeWindowState } from './window-state.ts';

/** Changes of place come in bursts while a person drags. */
const SETTLED_MS = 400;
/** So many crashes of the page within this time are answered with a reload. */
const MOST_CRASHES = 3;
const CRASH_WINDOW_MS = 60_000;

/** Opens the app's window where it was last time. */
export function openWindow(outDir: string, stateFile: string): BrowserWindow {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
  const { bounds, maximized } = placeWindow(
    readWindowState(stateFile),
    [primary, ...others].map((display) => display.workArea),
  );
  const window = new BrowserWindow({
    ...bounds,
    minWidth: MINIMUM.width,
    minHeight: MINIMUM.height,
    title: 'Repairbench',
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(outDir, 'preload', 'index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
  if (maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  rememberPlace(window, stateFile);
  reloadAfterCrash(window);
  void window.loadURL(`${PAGE_ORIGIN}/`);
  return window;
}

/** A page that died comes back as it was before; one that dies again and again is left for a person to see. */
function reloadAfterCrash(window: BrowserWindow): void {
  let crashes: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const now = performance.now();
    crashes = [...crashes.filter((at) => now - at < CRASH_WINDOW_MS), now];
    if (crashes.length <= MOST_CRASHES && !window.isDestroyed()) window.webContents.reload();
  });
}

function rememberPlace(window: BrowserWindow, stateFile: string): void {
  let timer: NodeJS.Timeout | undefined;
  const save = () => {
    clearTimeout(timer);
    writeWindowState(stateFile, { bounds: window.getNormalBounds(), maximized: window.isMaximized() });
  };
  const saveSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, SETTLED_MS);
  };
  window.on('resize', saveSoon);
  window.on('move', saveSoon);
  window.on('maximize', saveSoon);
  window.on('unmaximize', saveSoon);
  window.on('close', save);
}
