import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply } from 'fastify';

/*
 * The page behind the administrator's link. Its files are what a browser runs, JavaScript checked by its types in
 * comments: a handful of lists needs neither a framework nor a build, and `npm run hub` starts without one.
 */
const PAGE = fileURLToPath(new URL('../admin/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Serves the page at `/admin` and its files below. */
export function adminPage(app: FastifyInstance): void {
  const send = (name: string) => (_request: unknown, reply: FastifyReply) =>
    reply
      .headers(HEADERS)
      .type(TYPES[extname(name)] ?? '')
      .send(readFileSync(`${PAGE}${name}`));
  // No path of a request ever reaches the disk: every file has a route of its own.
  for (const name of readdirSync(PAGE).filter((file) => extname(file) in TYPES)) {
    app.get(name === 'index.html' ? '/admin' : `/admin/${name}`, send(name));
  }
  app.get('/', (_request, reply) => reply.redirect('/admin'));
}
