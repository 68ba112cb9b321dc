import {
  type IpcMainEvent,
  type IpcRendererEvent,
  ipcMain,
  ipcRenderer,
  type MessagePortMain,
  type WebContents,
} from 'electron';

/**
 * The only conversation between the shell and the page's preload: names, types and both ends.
 * The page asks for a port to the station; the shell sends one, again after each restart.
 */
const WANT_PORT = 'page:want-port';
const PORT = 'page:port';

/** Preload's end: asks the shell for a port. */
export function askForPort(): void {
  ipcRenderer.send(WANT_PORT);
}

/** Preload's end: called with each port that the shell sends. */
export function onPort(use: (port: IpcRendererEvent['ports'][number]) => void): void {
  ipcRenderer.on(PORT, (event) => {
    const [port] = event.ports;
    if (port) use(port);
  });
}

/**
 * Shell's end: called when the page asks.
 * @param trusted says whether a frame may ask; only the app's own top frame should
 */
export function onPortWanted(
  trusted: (sender: IpcMainEvent['senderFrame']) => boolean,
  give: (page: WebContents) => void,
): void {
  ipcMain.on(WANT_PORT, (event) => {
    if (trusted(event.senderFrame)) give(event.sender);
  });
}

/** Shell's end: hands a port to the page. */
export function sendPort(page: WebContents, port: MessagePortMain): void {
  page.postMessage(PORT, null, [port]);
}
