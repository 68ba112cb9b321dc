import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { TUS } from '../../../shared/sync/blobs.ts';
import { upload } from './blob-upload.ts';
import { hubClient } from './hub-client.ts';

it('a connection that dies in the answer to a file is a hub out of reach', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const bytes = Buffer.from('kernel: all is well');
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(201, { [TUS.offset]: String(bytes.length), 'content-length': 100 });
      response.write('half of', () => response.destroy());
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const client = hubClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stationId: '01900000-0000-7000-8000-0000000000cc',
    privateKey,
    now: () => new Date().toISOString(),
  });
  const content = {
    ...{ sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length },
    ...{ packs: false, begun: false, read: async () => bytes },
  };
  const sent = upload(client, content, new AbortController().signal, () => {});
  await expect(sent).rejects.toMatchObject({ code: 'sync.unreachable' });
});
