import { join, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONTENT_SECURITY_POLICY, pageFile } from './page.ts';

const DIR = resolve('/srv/page');

test('files are found by name; places inside the app are answered by the page itself', () => {
  expect(pageFile(DIR, '/')?.path).toBe(join(DIR, 'index.html'));
  expect(pageFile(DIR, '/index.html')?.path).toBe(join(DIR, 'index.html'));
  expect(pageFile(DIR, '/cases/0190a1b2')?.path).toBe(join(DIR, 'index.html'));
  expect(pageFile(DIR, '/assets/index-A1.js')?.path).toBe(join(DIR, 'assets', 'index-A1.js'));
});

test('only what carries a hash in its name is cached', () => {
  expect(pageFile(DIR, '/')?.headers['Cache-Control']).toBe('no-store');
  expect(pageFile(DIR, '/assets/x-1.css')?.headers['Cache-Control']).toContain('immutable');
});

test.each([
  '/../secret.js',
  '/assets/../../secret.js',
  '/%2e%2e/secret.js',
  '/..%2fsecret.js',
  '/assets%5c..%5c..%5csecret.js',
  '/.env',
  '/assets/.hidden.js',
  '/a%00.js',
  '/%',
  '/assets/x.exe',
  '/C:/x.js',
])('%s is none of the page’s', (pathname) => {
  expect(pageFile(DIR, pathname)).toBeNull();
});

test('no path leads out of the folder', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '/',
    '\\',
    '%2e',
    '%2f',
    '%5c',
    '%00',
    '%252e',
    'a',
    'assets',
    '.js',
    ':',
    '~',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }), (pieces) => {
      const file = pageFile(DIR, `/${pieces.join('')}`);
      return file === null || resolve(file.path).startsWith(DIR + sep);
    }),
    { numRuns: 2_000 },
  );
});

test('scripts come from files of the page only', () => {
  const script = CONTENT_SECURITY_POLICY.split('; ').find((part) => part.startsWith('script-src'));
  expect(script).toBe("script-src 'self'");
  expect(CONTENT_SECURITY_POLICY).toContain("default-src 'none'");
});
