import { readFile } from 'node:fs/promises';
import { protocol } from 'electron';
import { pageFile, SECURITY_HEADERS } from '../common/page.ts';

const SCHEME = 'repairbench';
const HOST = 'app';
/** The page's origin. A scheme of its own instead of file://: a real origin, a real policy, no other file. */
export const PAGE_ORIGIN = `${SCHEME}://${HOST}`;

/** Must run before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/**
 * Serves the built page.
 * @param extra pages that the shell makes itself, by path
 */
export function serveScheme(pageDir: string, extra: Readonly<Record<string, () => string>>): void {
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url);
    const file = url.host === HOST && request.method === 'GET' ? pageFile(pageDir, url.pathname) : null;
    if (!file) return refusal(403, 'This is none of the app’s pages.');
    const made = extra[url.pathname];
    if (made) return new Response(made(), { headers: file.headers });
    try {
      return new Response(new Uint8Array(await readFile(file.path)), { headers: file.headers });
    } catch {
      return refusal(404, 'There is no such file in the app.');
    }
  });
}

/** Whether an address is one of the app's own. */
export function isOwnPage(address: string): boolean {
  try {
    const { protocol: scheme, host } = new URL(address);
    return scheme === `${SCHEME}:` && host === HOST;
  } catch {
    return false;
  }
}

const refusal = (status: number, text: string) =>
  new Response(text, {
    status,
    headers: { ...SECURITY_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' },
  });
