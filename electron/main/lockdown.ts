import { app, type Session, session, type WebContents } from 'electron';
import { isOwnPage } from './scheme.ts';

/**
 * Denies every page everything that the app does not need: permissions, devices, the network, other
 * windows, webviews and leaving the app. Must run before the first window is made.
 */
export function lockDown(): void {
  app.on('session-created', lockSession);
  app.on('web-contents-created', (_event, contents) => lockPage(contents));
  lockSession(session.defaultSession);
}

function lockSession(target: Session): void {
  target.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  target.setPermissionCheckHandler(() => false);
  target.setDevicePermissionHandler(() => false);
  target.setSpellCheckerEnabled(false);
  // The page's policy says the same; this holds even for a page that found a way around it.
  target.webRequest.onBeforeRequest((request, answer) => answer({ cancel: !isAllowed(request.url) }));
  // Saving an artifact is the one download: bytes that the page already has.
  target.on('will-download', (event, item) => {
    const address = item.getURL();
    if (!(address.startsWith('blob:') && isOwnPage(address.slice('blob:'.length)))) event.preventDefault();
  });
}

function isAllowed(address: string): boolean {
  return isOwnPage(address) || /^(blob|data|devtools):/.test(address);
}

function lockPage(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-navigate', (details) => {
    if (!isOwnPage(details.url)) details.preventDefault();
  });
  contents.on('will-frame-navigate', (details) => {
    if (!isOwnPage(details.url)) details.preventDefault();
  });
  contents.on('will-redirect', (details) => {
    if (!isOwnPage(details.url)) details.preventDefault();
  });
}
