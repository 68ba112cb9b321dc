import { extname, join } from 'node:path';

/**
 * The built page as both hosts serve it: which file answers a path, and the headers that fence it in.
 */

/**
 * Nothing but the page's own files, no network beyond its own origin, no inline scripts or styles, no eval.
 * The component library's variables stand in a file of ours, so that it needs no `<style>` element at run time.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), serial=(), usb=(), hid=()',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** One name in a path: no dots in front, so neither `..` nor hidden files, and nothing a file system reads specially. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

export interface PageFile {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The file that answers a request's path, or null for a path that is none of the page's.
 * A path without an extension is a place inside the app: the page itself answers it.
 * @param pathname as it stands in the URL, percent-encoded
 */
export function pageFile(pageDir: string, pathname: string): PageFile | null {
  const names = decode(pathname)?.split('/').filter(Boolean);
  if (!names?.every((name) => NAME.test(name))) return null;
  const extension = extname(names.at(-1) ?? '');
  const isPlace = extension === '' || names.join('/') === 'index.html';
  const type = TYPES[isPlace ? '.html' : extension];
  if (!type) return null;
  return {
    path: isPlace ? join(pageDir, 'index.html') : join(pageDir, ...names),
    headers: {
      ...SECURITY_HEADERS,
      'Content-Type': type,
      // Built files carry a hash of their content in their names; the page itself does not.
      'Cache-Control': names[0] === 'assets' ? 'public, max-age=31536000, immutable' : 'no-store',
    },
  };
}

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null;
  }
}
