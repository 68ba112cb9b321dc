import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';
import { type HostServer, listen } from '../../electron/host/server.ts';
import { createServer, MESSAGE_LIMIT, type Port } from '../../electron/station/serve.ts';
import { connect } from '../../renderer/transport.ts';
import { RANGE_LIMIT } from '../../shared/contract/station.ts';
import { PORT, WANT_PORT } from '../../shared/shell/page.ts';
import { type TinyStation, tinyStation } from '../support/tiny-router.ts';

const ARTIFACT = '0190a1b2-0000-7000-8000-000000000000';

/** A page's `window`, as far as the connection needs one. */
class FakeWindow extends EventTarget {
  readonly location: { protocol: string; origin: string; href: string };
  asked = 0;
  onAsk: () => void = () => {};

  constructor(href: string) {
    super();
    const { protocol, host } = new URL(href);
    this.location = { protocol, origin: `${protocol}//${host}`, href };
  }

  postMessage(data: unknown): void {
    if (data !== WANT_PORT) return;
    this.asked += 1;
    this.onAsk();
  }

  /** What the preload does. */
  hand(port: MessagePort, overrides: Partial<Record<'source' | 'origin' | 'data', unknown>> = {}): void {
    const message = { source: this, origin: this.location.origin, data: PORT, ports: [port], ...overrides };
    this.dispatchEvent(Object.assign(new Event('message'), message));
  }
}

function use(window: FakeWindow): FakeWindow {
  vi.stubGlobal('window', window);
  return window;
}

/** A station's end of a message channel, and the page's; `die` is what happens when the process ends. */
function channel(station: TinyStation): { page: MessagePort; die: () => void } {
  const { port1, port2 } = new MessageChannel();
  const electronPort: Port = {
    on: (event: 'message' | 'close', listener: (event: { data: unknown }) => void) =>
      port1.addEventListener(event, (raw) => listener({ data: (raw as MessageEvent).data })),
    postMessage: (message) => port1.postMessage(message),
    start: () => port1.start(),
    close: () => port1.close(),
  };
  createServer(station.router).servePort(electronPort);
  onTestFinished(() => port1.close());
  return { page: port2 as unknown as MessagePort, die: () => port1.close() };
}

afterEach(() => vi.unstubAllGlobals());

describe('in the desktop window, over message ports', () => {
  let window: FakeWindow;
  let station: TinyStation;

  beforeEach(() => {
    window = use(new FakeWindow('repairbench://app/'));
    station = tinyStation();
  });

  test('asks for a port, and a call made before waits for it', async () => {
    const { client } = connect();
    expect(window.asked).toBe(1);
    const runs = client.station.activeRuns();
    window.hand(channel(station).page);
    expect(await runs).toEqual([]);
  });

  test('carries the token of the moment, errors of the contract, streams and bytes', async () => {
    const { client, setToken } = connect();
    window.hand(channel(station).page);
    await expect(client.session.me()).rejects.toMatchObject({
      code: 'SIGNED_OUT',
      data: { code: 'people.signed-out' },
    });
    setToken('abc');
    await expect(client.session.me()).rejects.toMatchObject({ code: 'SIGNED_OUT' });
    expect(station.seen).toEqual([undefined, 'Bearer abc']);

    const cursors: unknown[] = [];
    for await (const event of await client.station.events({ cursor: 1 })) {
      cursors.push(event.type === 'reset' ? event.cursor : event.type);
    }
    expect(cursors).toEqual([1, 2]);

    const bytes = await client.artifacts.read({ id: ARTIFACT, offset: 7, length: RANGE_LIMIT });
    const content = new Uint8Array(await bytes.arrayBuffer());
    expect([content.length, content[0], content.at(-1)]).toEqual([RANGE_LIMIT, 7, 7]);
    const sent = await client.artifacts.append({
      uploadId: ARTIFACT,
      offset: 3,
      bytes: new Blob([new Uint8Array(RANGE_LIMIT)]),
    });
    expect(sent).toEqual({ received: RANGE_LIMIT + 3 });
  });

  test('a station that dies: what waited fails with a reason, and the next port goes on', async () => {
    const { client, onStatus } = connect();
    const statuses: string[] = [];
    onStatus((status) => statuses.push(status));
    const first = channel(station);
    window.hand(first.page);
    const waiting = client.station.settings();
    const failed = expect(waiting).rejects.toMatchObject({
      name: 'ConnectionLost',
      code: 'bench.interrupted',
    });
    await client.station.activeRuns();
    first.die();
    await failed;
    const next = client.station.activeRuns();
    window.hand(channel(tinyStation()).page);
    expect(await next).toEqual([]);
    expect(statuses).toEqual(['connecting', 'online', 'offline', 'online']);
  });

  test('a new port replaces one that was never seen to end', async () => {
    const { client } = connect();
    window.hand(channel(station).page);
    const stuck = client.station.settings();
    const failed = expect(stuck).rejects.toMatchObject({ name: 'ConnectionLost' });
    await client.station.activeRuns();
    window.hand(channel(tinyStation()).page);
    await failed;
    expect(await client.station.activeRuns()).toEqual([]);
  });

  test('a call that is given up while it waits for a connection says so', async () => {
    const { client } = connect();
    const stop = new AbortController();
    const call = client.station.activeRuns(undefined, { signal: stop.signal });
    stop.abort(new Error('left the screen'));
    await expect(call).rejects.toThrow('left the screen');
  });

  test('ports from anywhere but this window are not taken', async () => {
    const { onStatus } = connect();
    const statuses: string[] = [];
    onStatus((status) => statuses.push(status));
    window.hand(channel(station).page, { source: null });
    window.hand(channel(station).page, { origin: 'https://example.invalid' });
    window.hand(channel(station).page, { data: 'something else' });
    expect(statuses).toEqual(['connecting']);
  });

  test('a message that is too large ends the conversation, not the station', async () => {
    const { page } = channel(station);
    const closed = new Promise((resolve) => page.addEventListener('close', resolve));
    page.start();
    page.postMessage('x'.repeat(MESSAGE_LIMIT + 1));
    await closed;
  });
});

describe('on a loopback host, over a WebSocket', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'repairbench-'));
    await writeFile(join(folder, 'index.html'), '<!doctype html>');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function host(station: TinyStation, port = 0): Promise<HostServer> {
    const { serveSocket } = createServer(station.router);
    return listen({ pageDir: folder, port, messageLimit: MESSAGE_LIMIT, serve: serveSocket });
  }

  /** The browser's part: its WebSockets carry the host's cookie and the page's origin. */
  async function enter(server: HostServer): Promise<URL> {
    const address = new URL(server.address());
    // Browsers lead names below “localhost” here by themselves; Node asks the system, which may not.
    address.hostname = '127.0.0.1';
    const answer = await fetch(address, { redirect: 'manual' });
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    class BrowserWebSocket extends NodeWebSocket {
      constructor(url: URL) {
        super(url, { origin: address.origin, headers: { cookie } });
      }
    }
    vi.stubGlobal('WebSocket', BrowserWebSocket);
    return address;
  }

  test('calls, streams and bytes cross', async () => {
    const server = await host(tinyStation());
    onTestFinished(() => server.close());
    use(new FakeWindow((await enter(server)).href));
    const { client } = connect();
    expect(await client.station.activeRuns()).toEqual([]);
    const bytes = await client.artifacts.read({ id: ARTIFACT, offset: 9, length: RANGE_LIMIT });
    expect(bytes.size).toBe(RANGE_LIMIT);
    const blob = new Blob([new Uint8Array(RANGE_LIMIT)]);
    expect(await client.artifacts.append({ uploadId: ARTIFACT, offset: 0, bytes: blob })).toEqual({
      received: RANGE_LIMIT,
    });
  });

  test('a host that ends: what waited fails with a reason, and the page keeps trying', async () => {
    const server = await host(tinyStation());
    const address = await enter(server);
    use(new FakeWindow(address.href));
    const { client, onStatus } = connect();
    const statuses: string[] = [];
    onStatus((status) => statuses.push(status));
    await client.station.activeRuns();
    const failed = expect(client.station.settings()).rejects.toMatchObject({ name: 'ConnectionLost' });
    await client.station.activeRuns();
    await server.close();
    await failed;
    expect(statuses).toEqual(['connecting', 'online', 'offline']);

    const again = await host(tinyStation(), Number(address.port));
    onTestFinished(() => again.close());
    await enter(again);
    expect(await client.station.activeRuns()).toEqual([]);
    expect(statuses.at(-1)).toBe('online');
  });
});
