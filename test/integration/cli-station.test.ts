import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createTcp, type Server } from 'node:net';
import { join } from 'node:path';
import { implement } from '@orpc/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { connect } from '../../electron/cli/connect.ts';
import { createServer } from '../../electron/station/serve.ts';
import { socketPath } from '../../electron/station/socket.ts';
import { holdFolder } from '../../electron/station/storage/holder.ts';
import { contract } from '../../shared/contract/index.ts';
import { PROTOCOL } from '../../shared/contract/station.ts';
import { commandLine } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';
import { startHost } from '../support/host.ts';

/** Listens where a station of the folder would, until the test has finished. */
async function posingAsStation(dataDir: string, server: Server): Promise<void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  await new Promise<void>((listening) => server.listen(socketPath(dataDir), listening));
  onTestFinished(() => void server.close());
}

const socketsOf = (serve: Parameters<typeof createServer>[0] | null): Server => {
  const server = createHttp();
  const sockets = new WebSocketServer({ server });
  if (serve) sockets.on('connection', createServer(serve).serveSocket);
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate();
  });
  return server;
};

describe('the command line and a station that runs', () => {
  it('attaches to it, works on it, and says when it holds the folder', async () => {
    const cli = await commandLine();
    await cli.expect(0, ['init', '--admin', 'Ada', '--training']);
    const host = await startHost({ home: cli.home });
    await cli.expect(0, ['case', 'open', '--serial', 'X1234567']);
    expect(await cli.expect(0, ['case', 'list', '--open'])).toMatchObject({ total: 1 });
    expect(await cli.fails(4, ['devices'], { REPAIRBENCH_PIN: '1357' })).toBe('people.wrong-pin');
    await host.stop();
    // And without it, on what it left.
    expect(await cli.expect(0, ['case', 'show', 'B1-1'])).toMatchObject({ serial: 'X1234567' });
  });

  it('says who holds the folder when that station cannot be attached to', async () => {
    const cli = await commandLine();
    await cli.expect(0, ['init', '--admin', 'Ada', '--training']);
    const hold = holdFolder(join(cli.home, 'bench'), 'a test');
    expect(await cli.says(3, ['devices'])).toMatch(
      /in use by another station \(a test, .*\[storage\.held\]/s,
    );
    hold.release();
    await cli.expect(0, ['devices']);
  });

  it('refuses a station of another version', async () => {
    const cli = await commandLine();
    await cli.expect(0, ['init', '--admin', 'Ada', '--training']);
    const hello = {
      protocol: PROTOCOL + 1,
      version: '9.9.9',
      state: 'ready',
      mode: null,
      keyElsewhere: false,
      stationName: null,
    };
    const os = implement(contract);
    const router = os.router({
      station: { hello: os.station.hello.handler(() => ({ ...hello, people: [] }) as never) },
    } as never);
    await posingAsStation(join(cli.home, 'bench'), socketsOf(router as never));
    expect(await cli.says(3, ['devices'])).toMatch(/version 9\.9\.9.*\[station\.other-version\]/s);
  });

  it('gives up on a station that takes the connection and stays silent', async () => {
    const silent = await temporaryFolder();
    await posingAsStation(silent, createTcp());
    await expect(connect(silent, 200)).rejects.toMatchObject({ code: 'station.no-answer' });
    const mute = await temporaryFolder();
    await posingAsStation(mute, socketsOf(null));
    await expect(connect(mute, 200)).rejects.toMatchObject({ code: 'station.no-answer' });
  });
});

describe('the doctor', () => {
  it('bundles the program’s own log, and overwrites nothing', async () => {
    const cli = await commandLine();
    await cli.expect(0, ['init', '--admin', 'Ada', '--training']);
    const log = join(cli.home, 'bench', 'log');
    mkdirSync(log, { recursive: true });
    writeFileSync(
      join(log, 'station.log.1'),
      `${'x'.repeat(300_000)}\n{"msg":"the last of the older file"}\n`,
    );
    writeFileSync(join(log, 'station.log'), '{"msg":"the newest"}\n');
    const file = join(cli.home, 'bundle.json');
    await cli.run(['doctor', '--bundle', file]);
    const bundle = JSON.parse(readFileSync(file, 'utf8'));
    const older = bundle.log.find(({ file: name }: { file: string }) => name === 'station.log.1');
    expect(older.lines).toEqual(['{"msg":"the last of the older file"}']);
    expect(bundle.log[0]).toMatchObject({ file: 'station.log' });
    expect(bundle.log[0].lines).toContain('{"msg":"the newest"}');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await cli.fails(2, ['doctor', '--bundle', file])).toBe('input.file');
  });

  it('makes nothing in a mistyped folder', async () => {
    const cli = await commandLine();
    const typo = join(cli.home, 'bnech');
    expect(await cli.fails(2, ['doctor', '--data', typo])).toBe('storage.not-initialised');
    expect(existsSync(typo)).toBe(false);
  });
});

describe('a restore', () => {
  it('does not write into a folder that a station holds', async () => {
    const cli = await commandLine();
    await cli.expect(0, ['init', '--admin', 'Ada', '--training']);
    const backup = join(cli.home, 'backup');
    await cli.expect(0, ['backup', backup]);
    const target = join(cli.home, 'elsewhere');
    mkdirSync(target, { mode: 0o700 });
    const hold = holdFolder(target, 'a test');
    expect(await cli.fails(3, ['restore', backup, '--data', target])).toBe('storage.held');
    hold.release();
    expect(await cli.says(0, ['restore', backup, '--data', target])).toMatch(
      /backup of \d+ \w+ \d{4}, \d\d:/,
    );
    await cli.expect(0, ['devices', '--data', target]);
  });
});
