import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, type BrowserWindow, MessageChannelMain, utilityProcess, type WebContents } from 'electron';
import { onPortWanted, sendPort } from '../bridge/page-port.ts';
import { dataFolder, profileFolder } from '../common/data-folder.ts';
import { guardClosing } from './close-guard.ts';
import { systemKeychain } from './keychain.ts';
import { lockDown } from './lockdown.ts';
import { setMenu } from './menu.ts';
import { shellOptions } from './options.ts';
import { isOwnPage, PAGE_ORIGIN, registerScheme, serveScheme } from './scheme.ts';
import { StationSupervisor, type Stopped } from './station.ts';
import { STOPPED_PATH, stoppedPage } from './stopped-page.ts';
import { openWindow } from './window.ts';

/* The shell, step by step. It owns the window and the station's process, and knows nothing of the domain. */

const outDir = fileURLToPath(new URL('..', import.meta.url));
const options = shellOptions(process.argv.slice(1));
const dataDir = dataFolder(options);
const profileDir = profileFolder(dataDir);

let window: BrowserWindow | null = null;
let stopped: Stopped | null = null;
/** Somebody started the app while it was closing. */
let startAgain = false;
/** Pages that asked for a port and get a new one after each restart. */
const pages = new Set<WebContents>();

// 1. One shell for each data folder, which has a profile and with it a single-instance lock of its own.
mkdirSync(profileDir, { recursive: true, mode: 0o700 });
app.setPath('userData', profileDir);
if (app.requestSingleInstanceLock()) run();
else app.quit();

function run(): void {
  // 2. What must stand before Electron is ready: the scheme, the sandbox, the way out.
  registerScheme();
  // Chromium has no sandbox for root; where it was told so, asking for one would end every process.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  app.on('second-instance', () => {
    if (window) show(window);
    // This one is closing: the bench opens again as soon as its data folder is free.
    else startAgain = true;
  });
  app.on('window-all-closed', () => app.quit());
  void app.whenReady().then(ready);
}

function ready(): void {
  // 3. Fences before any page.
  lockDown();
  setMenu();
  serveScheme(join(outDir, 'renderer'), { [STOPPED_PATH]: () => stoppedPage(stopped) });

  // 4. The station first: it opens its data folder while the window loads.
  const station = makeSupervisor();
  station.start();

  // 5. The page asks for a port; it gets one now, and again after each restart.
  onPortWanted(
    (frame) => frame !== null && frame.parent === null && isOwnPage(frame.url),
    (page) => {
      if (!pages.has(page)) page.once('destroyed', () => pages.delete(page));
      pages.add(page);
      stopped = null;
      if (station.ready) connect(station, page);
      else station.start();
    },
  );

  // 6. The window, guarded while runs are under way.
  window = openWindow(outDir, join(profileDir, 'window.json'));
  window.on('closed', () => {
    window = null;
  });
  guardClosing(window, () => station.activeRuns());

  // 7. Quitting waits until the station has closed its data folder.
  let closed = false;
  app.on('will-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void station.stop().finally(() => {
      closed = true;
      if (startAgain) app.relaunch();
      // Not within this event: Electron ignores a quit while it is still taking this one back.
      setImmediate(() => app.quit());
    });
  });
}

function makeSupervisor(): StationSupervisor<Electron.MessagePortMain> {
  const station = new StationSupervisor<Electron.MessagePortMain>({
    fork: () =>
      utilityProcess.fork(join(outDir, 'main', 'station.cjs'), [], { serviceName: 'Repairbench station' }),
    kill: (pid) => process.kill(pid, 'SIGKILL'),
    start: {
      dataDir,
      resourcesDir: join(outDir, '..', 'resources'),
      version: app.getVersion(),
      training: options.training,
    },
    keychain: systemKeychain(),
    onReady: () => {
      for (const page of pages) connect(station, page);
    },
    onStopped: (reason) => {
      stopped = reason;
      void window?.loadURL(`${PAGE_ORIGIN}${STOPPED_PATH}`);
    },
    log: (line) => console.error(`repairbench: ${line}`),
  });
  return station;
}

/** One end of a fresh channel to the station, the other to the page. */
function connect(station: StationSupervisor<Electron.MessagePortMain>, page: WebContents): void {
  const { port1, port2 } = new MessageChannelMain();
  if (station.serve(port1)) sendPort(page, port2);
}

function show(target: BrowserWindow): void {
  if (target.isMinimized()) target.restore();
  target.show();
  target.focus();
}
