import { createHash } from 'node:crypto';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { places } from './storage/folder.ts';
import { checkOwner, ownFolder } from './storage/own-folder.ts';

/** Longest path of a local socket that every platform takes (sun_path has 104 to 108 bytes). */
const LONGEST = 100;

/** Where a station of this folder listens for the command line. */
export function socketPath(dataDir: string): string {
  const path = resolve(places(dataDir).socket);
  if (Buffer.byteLength(path) <= LONGEST) return path;
  const name = createHash('sha256').update(path).digest('hex').slice(0, 24);
  return join(tmpdir(), `repairbench-${process.getuid?.() ?? 0}`, `${name}.sock`);
}

/** The socket of a running (or dead) station of this folder, null when there is none. Throws `storage.foreign`. */
export function findSocket(dataDir: string): string | null {
  const path = socketPath(dataDir);
  if (!existsSync(path)) return null;
  checkOwner(dirname(path));
  return path;
}

/**
 * Listens on a socket that only this user can open (its folder is private), and hands each connection to
 * `serve`. Call it only while holding the data folder: what is left of a dead station is removed.
 */
export async function listenForCommands(
  dataDir: string,
  serve: (socket: WebSocket) => void,
): Promise<{ close(): Promise<void> }> {
  const path = socketPath(dataDir);
  ownFolder(dirname(path));
  if (existsSync(path)) rmSync(path);
  const server = createServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({ server, maxPayload: 8 * 1024 * 1024 });
  sockets.on('connection', serve);
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(path, () => listening());
  });
  chmodSync(path, 0o600);
  return {
    async close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}
