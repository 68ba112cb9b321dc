import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followTls, readTls } from './tls.ts';

let folder: string;
const file = (name: string) => join(folder, name);

/** A certificate of its own making, and its key. */
function make(name: string): void {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
  execFileSync('openssl', ['req', '-x509', ...kind, ...files, '-subj', `/CN=${name}`], { stdio: 'ignore' });
}
function use(name: string): void {
  copyFileSync(file(`${name}.key`), file('key.pem'));
  copyFileSync(file(`${name}.crt`), file('cert.pem'));
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'repairbench-tls-'));
  make('first');
  make('second');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a certificate and a key that do not belong together are refused', () => {
  use('first');
  expect(readTls({ cert: file('cert.pem'), key: file('key.pem') }).cert.toString()).toContain('CERTIFICATE');
  const mixed = { cert: file('first.crt'), key: file('second.key') };
  expect(() => readTls(mixed)).toThrow(expect.objectContaining({ code: 'hub.tls' }));
  const missing = { cert: file('nowhere.crt'), key: file('first.key') };
  expect(() => readTls(missing)).toThrow(expect.objectContaining({ code: 'hub.tls' }));
});

test('a renewed one is taken without a restart, and a half written one is not', async () => {
  use('first');
  const files = { cert: file('cert.pem'), key: file('key.pem') };
  const server = createServer(readTls(files));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const said: string[] = [];
  const leave = followTls(server, files, (line) => said.push(line), 20);
  const name = () =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().subject.CN);
        socket.destroy();
      });
      socket.once('error', reject);
    });
  try {
    expect(await name()).toBe('first');
    copyFileSync(file('second.crt'), files.cert);
    await expect.poll(() => said.some((line) => line.includes('cannot be used'))).toBe(true);
    expect(await name()).toBe('first');
    copyFileSync(file('second.key'), files.key);
    await expect.poll(name).toBe('second');
  } finally {
    leave();
    server.close();
  }
});
