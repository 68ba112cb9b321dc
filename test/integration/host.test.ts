import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type HostServer, listen } from '../../electron/host/server.ts';
import { createServer, MESSAGE_LIMIT } from '../../electron/station/serve.ts';
import { tinyStation } from '../support/tiny-router.ts';

let root: string;
let server: HostServer;
let port: number;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'repairbench-'));
  await mkdir(join(root, 'page', 'assets'), { recursive: true });
  await writeFile(join(root, 'page', 'index.html'), 'the page');
  await writeFile(join(root, 'page', 'assets', 'index-1.js'), 'the script');
  await writeFile(join(root, 'secret.js'), 'a secret');
  const { serveSocket } = createServer(tinyStation().router);
  server = await listen({
    pageDir: join(root, 'page'),
    port: 0,
    messageLimit: MESSAGE_LIMIT,
    serve: serveSocket,
  });
  port = Number(new URL(server.address()).port);
});
afterEach(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** A request exactly as written: nothing resolves its path's dots or fills in its headers. */
async function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

const pathOf = (address: string) => new URL(address).pathname + new URL(address).search;

async function enter(): Promise<string> {
  const { headers } = await get(pathOf(server.address()));
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

test('the address works once, and leaves a cookie that scripts and other sites cannot use', async () => {
  const path = pathOf(server.address());
  const first = await get(path);
  expect(first.status).toBe(303);
  expect(first.headers.location).toBe('/');
  const [cookie = ''] = first.headers['set-cookie'] ?? [];
  expect(cookie).toMatch(/^repairbench-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  const second = await get(path);
  expect(second.status).toBe(403);
  expect(second.headers['set-cookie']).toBeUndefined();
  const [pair = ''] = cookie.split(';');
  expect((await get('/', { cookie: pair })).text).toBe('the page');
  expect((await get('/assets/index-1.js', { cookie: `other=1; ${pair}` })).text).toBe('the script');
});

test('without the cookie, or with a wrong one, nothing is handed out', async () => {
  const cookie = await enter();
  const wrong = [
    undefined,
    '',
    'repairbench=1',
    `repairbench-${port}=`,
    `${cookie.slice(0, -1)}`,
    `x${cookie}`,
  ];
  for (const value of wrong) {
    const { status, text } = await get('/', value === undefined ? {} : { cookie: value });
    expect(status, value).toBe(403);
    expect(text).not.toContain('the page');
  }
  expect((await get('/?token=guess')).status).toBe(403);
});

test('only its own names count as its address, so that no other site can pose as it', async () => {
  const cookie = await enter();
  const statusFor = async (headers: Record<string, string>) =>
    (await get('/', { cookie, ...headers })).status;
  const { host } = new URL(server.address());
  expect(host).toMatch(/^bench-[0-9a-f]{12}\.localhost:\d+$/);
  expect(await statusFor({ host })).toBe(200);
  expect(await statusFor({ host: `bench-000000000000.localhost:${port}` })).toBe(403);
  expect(await statusFor({ host: `localhost:${port}` })).toBe(200);
  expect(await statusFor({ host: `rebound.example.invalid:${port}` })).toBe(403);
  expect(await statusFor({ host: '127.0.0.1' })).toBe(403);
  expect(await statusFor({ origin: `http://127.0.0.1:${port}` })).toBe(200);
  expect(await statusFor({ origin: 'https://example.invalid' })).toBe(403);
  expect(await statusFor({ origin: 'null' })).toBe(403);
  expect((await get('/', { cookie }, 'POST')).status).toBe(405);
});

test('no path leads out of the page’s folder', async () => {
  const cookie = await enter();
  const paths = [
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/..%2fsecret.js',
    '//secret.js',
    '/%',
  ];
  for (const path of paths) {
    const { status, text } = await get(path, { cookie });
    expect(status, path).toBe(404);
    expect(text).not.toContain('a secret');
  }
});

test('every answer carries the policy', async () => {
  const cookie = await enter();
  const answers = [
    await get('/', { cookie }),
    await get('/'),
    await get('/none.js', { cookie }),
    await get('/?token=x'),
  ];
  for (const { headers } of answers) {
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['referrer-policy']).toBe('no-referrer');
  }
});

/** How a WebSocket to the host ends up: open, or refused with a status. */
async function knock(headers: Record<string, string>, path = '/rpc'): Promise<number | 'open'> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  onTestFinished(() => socket.terminate());
  return new Promise((resolve) => {
    socket.on('open', () => resolve('open'));
    socket.on('error', () => {});
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
  });
}

test('a WebSocket needs the cookie and the page’s own origin', async () => {
  const cookie = await enter();
  const origin = `http://127.0.0.1:${port}`;
  expect(await knock({ cookie, origin })).toBe('open');
  expect(await knock({ origin })).toBe(403);
  expect(await knock({ cookie })).toBe(403);
  expect(await knock({ cookie, origin: 'https://example.invalid' })).toBe(403);
  expect(await knock({ cookie, origin, host: `example.invalid:${port}` })).toBe(403);
  expect(await knock({ cookie, origin }, '/other')).toBe(404);
});

test('garbage on a WebSocket, and a message that is too large, leave the host standing', async () => {
  const cookie = await enter();
  const headers = { cookie, origin: `http://127.0.0.1:${port}` };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, { headers });
  await once(socket, 'open');
  for (const message of ['', '{', 'null', '[]', '{"i":1,"p":{"u":"//"}}', Buffer.from([0xff, 0, 0xff])]) {
    socket.send(message);
  }
  socket.send('x'.repeat(MESSAGE_LIMIT + 1));
  const [code] = await once(socket, 'close');
  expect(code).toBe(1009);
  expect(await knock(headers)).toBe('open');
});

test('a request that is none does not bring it down', async () => {
  for (const raw of [
    'GET // HTTP/1.1\r\n\r\n',
    'GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n',
    '\0\0\0\0\r\n\r\n',
  ]) {
    const socket = connectTcp(port, '127.0.0.1');
    socket.end(raw);
    socket.resume();
    await once(socket, 'close');
  }
  const upgrade = connectTcp(port, '127.0.0.1');
  upgrade.write('GET //[ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  upgrade.resume();
  await once(upgrade, 'close');
  expect((await get('/', { cookie: await enter() })).status).toBe(200);
});

test('a port that is taken is an error', async () => {
  await expect(
    listen({ pageDir: root, port, messageLimit: MESSAGE_LIMIT, serve: () => {} }),
  ).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
