import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../build.mjs';
import { electronArguments, obtainElectron, whyNoDisplay } from '../electron.mjs';
import { nodeBinary, run, runNode, taskEnv } from '../processes.mjs';

const USAGE = `npm start -- [--host] [--port NUMBER] [--rack] [--data DIR]

  --host         serve on loopback and print the address, instead of opening a window
  --port NUMBER  the loopback port (default: any free one)
  --rack         a training bench with virtual devices
  --data DIR     the data folder (default: the user's own; also from REPAIRBENCH_DATA)`;

/**
 * Opens the app: in its own window where that is possible, else served on loopback.
 * @param {string} root
 * @param {string[]} argv
 * @returns {Promise<number>}
 */
export async function start(root, argv) {
  const options = parse(argv);
  if (!options) return 2;
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const built = await ensureBuilt(root);
  if (built !== 0) return built;
  const electron = options.host ? null : await windowRuntime(root);
  const stopRack = options.rack ? await startRack(root) : null;
  if (options.rack && !stopRack) return 3;
  const args = [...(options.data ? ['--data', options.data] : []), ...(options.rack ? ['--training'] : [])];
  try {
    if (electron) {
      const began = performance.now();
      const code = await run(electron, electronArguments(root, args), { cwd: root });
      if (!crashedAtOnce(code, performance.now() - began)) return code;
      console.error(`Electron ended right away (code ${code}); serving the same app on loopback instead.`);
    }
    return await runNode(root, [
      'electron/host/index.ts',
      ...args,
      ...(options.port ? ['--port', options.port] : []),
    ]);
  } finally {
    await stopRack?.();
  }
}

/** @param {string[]} argv */
function parse(argv) {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        host: { type: 'boolean' },
        rack: { type: 'boolean' },
        data: { type: 'string' },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return null;
  }
}

/**
 * Whether Electron never came up: its own sandbox may be forbidden here, say. Signals that people send are none of that.
 * @param {number} code @param {number} ms
 */
function crashedAtOnce(code, ms) {
  return ms < 5_000 && code > 128 && ![129, 130, 143].includes(code);
}

/** The runtime that can open a window here, or null after saying why there is none. @param {string} root */
async function windowRuntime(root) {
  const noDisplay = whyNoDisplay();
  const electron = noDisplay ? { missing: noDisplay } : await obtainElectron(root);
  if ('path' in electron) return electron.path;
  console.error(`No window can be opened: ${electron.missing}; serving the same app on loopback instead.`);
  return null;
}

/**
 * Starts the virtual rack as a process of its own; its first line says that it is there.
 * @param {string} root
 * @returns {Promise<(() => Promise<void>) | null>} ends it; null when it did not start
 */
async function startRack(root) {
  // Always the same addresses, so that the bench knows its virtual units again.
  const user = process.getuid?.() ?? process.env.USERNAME ?? 'user';
  const links = join(process.env.XDG_RUNTIME_DIR || tmpdir(), `repairbench-rack-${user}`, 'units');
  const child = spawn(nodeBinary(root), [join(root, 'electron/cli/index.ts'), 'rack', '--link', links], {
    cwd: root,
    env: taskEnv(root),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const ready = once(createInterface({ input: child.stdout }), 'line');
  if ((await Promise.race([ready, ended.then(() => null)])) === null) {
    console.error('The virtual rack did not start; the lines above say why.');
    return null;
  }
  return async () => {
    child.kill('SIGTERM');
    await ended;
  };
}
