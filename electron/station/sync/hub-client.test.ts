import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { isBenchError } from '../../../shared/errors/index.ts';
import { hubClient } from './hub-client.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const STATION = '01900000-0000-7000-8000-0000000000cc';
const TEXT = JSON.stringify({ ok: true, padding: 'x'.repeat(4_000) });
const PACKED = gzipSync(TEXT);

/** What a bench makes of an answer; `null` when it takes it. */
async function madeOf(
  answer: (response: ServerResponse) => void,
  signal = new AbortController().signal,
): Promise<unknown> {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = hubClient({ url, stationId: STATION, privateKey, now: () => new Date().toISOString() });
  return client.ask('GET', '/v1/anything', null, z.object({ ok: z.literal(true) }), signal).then(
    () => null,
    (error: unknown) => (isBenchError(error) ? error.code : error),
  );
}

/** Half of a body is sent, then the connection is gone. */
const cutOff = (response: ServerResponse, body: string | Buffer) =>
  response.write(body.slice(0, body.length / 2), () => response.destroy());
const JSON_TYPE = { 'content-type': 'application/json' };

it.each<[string, (response: ServerResponse) => void]>([
  [
    'in an answer of known length',
    (response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': TEXT.length });
      cutOff(response, TEXT);
    },
  ],
  [
    'in an answer in pieces',
    (response) => {
      response.writeHead(200, JSON_TYPE);
      cutOff(response, TEXT);
    },
  ],
  [
    'in a compressed answer',
    (response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' });
      cutOff(response, PACKED);
    },
  ],
  [
    'in a refusal',
    (response) => {
      response.writeHead(409, JSON_TYPE);
      cutOff(response, TEXT);
    },
  ],
])('a connection that dies %s is a hub out of reach', async (_where, answer) => {
  expect(await madeOf(answer)).toBe('sync.unreachable');
});

it.each<[string, (response: ServerResponse) => void]>([
  ['that is no JSON', (response) => response.end('<html>Sign in</html>')],
  ['with nothing in it', (response) => response.end()],
  ['of another form', (response) => response.end('{"ok":false}')],
  [
    'that cannot be unpacked',
    (response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' });
      response.end(TEXT);
    },
  ],
  ['that refuses in its own words', (response) => response.writeHead(502).end('Bad gateway')],
])('a whole answer %s is no hub’s', async (_what, answer) => {
  expect(await madeOf(answer)).toBe('sync.not-a-hub');
});

it('is taken when it is whole', async () => {
  expect(await madeOf((response) => response.end(TEXT))).toBeNull();
});

it('whoever gives up in the middle of an answer is told so', async () => {
  const giving = new AbortController();
  const reason = new Error('given up');
  const real = globalThis.fetch;
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (...asked) => {
    const begun = await real(...asked);
    giving.abort(reason);
    return begun;
  });
  onTestFinished(() => spy.mockRestore());
  const made = await madeOf((response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': TEXT.length });
    response.write(TEXT.slice(0, 10));
  }, giving.signal);
  expect(made).toBe(reason);
});
