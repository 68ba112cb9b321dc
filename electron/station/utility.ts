import { BenchError, toBenchError } from '../../shared/errors/index.ts';
import { ShellMessage, type StationMessage } from '../../shared/shell/messages.ts';
import { openStation, type Station } from './index.ts';
import { createServer, type Port } from './serve.ts';
import { keyFileProtector } from './storage/key-file.ts';
import { hasKeyRing, type KeyProtector, readKeyRing } from './storage/keyring.ts';

/* The station inside Electron's utilityProcess. The shell starts it, hands it ports, asks and stops it. */

/** What Electron puts on `process` in a utility process; declared here because the station never imports it. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: Port[] }) => void): void;
  postMessage(message: StationMessage): void;
}

type Start = Extract<ShellMessage, { type: 'start' }>;

const shell = parentPort();
const keyAnswers = new Map<number, (value: string | null) => void>();
let nextId = 0;
let station: Station | null = null;
let server: ReturnType<typeof createServer> | null = null;

// Ctrl-C in a terminal reaches this process too; when to stop is the shell's to say.
process.on('SIGINT', () => {});

shell.on('message', ({ data, ports }) => {
  const message = ShellMessage.parse(data);
  switch (message.type) {
    case 'start':
      void open(message);
      break;
    case 'serve':
      for (const port of ports) server?.servePort(port);
      break;
    case 'ping':
      shell.postMessage({ type: 'pong', id: message.id });
      break;
    case 'active-runs':
      shell.postMessage({ type: 'active-runs', id: message.id, runs: station?.activeRuns() ?? [] });
      break;
    case 'key':
      keyAnswers.get(message.id)?.(message.value);
      keyAnswers.delete(message.id);
      break;
    case 'stop':
      void Promise.resolve(station?.close()).finally(() => process.exit(0));
      break;
  }
});

async function open(start: Start): Promise<void> {
  try {
    station = await openStation({
      dataDir: start.dataDir,
      resourcesDir: start.resourcesDir,
      version: start.version,
      protector: protectorFor(start),
      workerUrl: new URL('./evidence-worker.cjs', import.meta.url),
      holder: 'the desktop app',
      training: start.training,
    });
    server = createServer(station.router);
    shell.postMessage({ type: 'ready' });
  } catch (error) {
    const { code, message, hint } = toBenchError(error);
    shell.postMessage({ type: 'refused', code, message, hint });
  }
}

/** A new bench's key goes into the keychain, where there is one; any other stays where it was kept so far. */
function protectorFor({ dataDir, keychain }: Start): KeyProtector {
  const inKeychain =
    !hasKeyRing(dataDir) || readKeyRing(dataDir).wraps.some((wrap) => wrap.kind === 'keychain');
  return keychain && inKeychain ? shellKeychain() : keyFileProtector();
}

/** The system's keychain, which only the shell can reach. */
function shellKeychain(): KeyProtector {
  return {
    kind: 'keychain',
    async wrap(key, stationId) {
      const wrapped = await ask({ type: 'wrap', key: Buffer.from(key).toString('base64'), stationId });
      if (wrapped === null) throw new BenchError('storage.keychain');
      return wrapped;
    },
    async unwrap(wrapped, stationId) {
      const key = await ask({ type: 'unwrap', wrapped, stationId });
      return key === null ? null : new Uint8Array(Buffer.from(key, 'base64'));
    },
  };
}

function ask(
  question:
    | { type: 'wrap'; key: string; stationId: string }
    | { type: 'unwrap'; wrapped: string; stationId: string },
): Promise<string | null> {
  const id = nextId++;
  return new Promise((resolve) => {
    keyAnswers.set(id, resolve);
    shell.postMessage({ ...question, id });
  });
}

function parentPort(): ParentPort {
  const port = (process as { parentPort?: ParentPort }).parentPort;
  if (!port) throw new Error('This is the station of a desktop window: Electron starts it.');
  return port;
}
