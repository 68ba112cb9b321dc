import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { spawn } from '@lydell/node-pty';

/** A user that owns nothing: what a root outside the unit becomes before the unit starts. */
const NOBODY = 65534;

/** Who runs the unit: this user, or nobody in place of root. */
export const unitUser = (): { uid: number; gid: number } | null =>
  process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : null;

const PROGRAMS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

function program(name: string): string {
  const found = PROGRAMS.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(`The virtual console needs “${name}”: install the package “util-linux”.`);
}

let checked = false;

/** Throws an error that says what is missing where this machine cannot wall a unit off. */
export function checkBoundary(busybox: string): void {
  if (checked) return;
  if (process.platform !== 'linux') throw new Error('The virtual console runs on Linux only.');
  const [command, ...args] = walledOff([busybox, 'mount', '-t', 'proc', 'proc', '/proc']);
  try {
    execFileSync(command, args, { stdio: 'pipe', timeout: 10_000, env: {} });
  } catch (error) {
    const said = error instanceof Error ? error.message.trim().split('\n').at(-1) : '';
    throw new Error(
      `This machine does not allow the namespaces that wall off a virtual console (${said}). ` +
        'Allow unprivileged user namespaces (user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns).',
      { cause: error },
    );
  }
  checked = true;
}

/** Everything of its own: users, mounts, processes, host name, network, interprocess communication, cgroups. */
const NAMESPACES = [
  '--user',
  '--map-root-user',
  '--mount',
  '--pid',
  '--fork',
  '--uts',
  '--net',
  '--ipc',
  '--cgroup',
  '--kill-child',
];

/** The command that runs another one in namespaces of its own, as a user that owns nothing outside of them. */
function walledOff(command: readonly string[]): [string, ...string[]] {
  const user = unitUser();
  const drop = user === null ? [] : ['--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--clear-groups'];
  const unshare = [program('unshare'), ...NAMESPACES, '--', ...command];
  return [program('setpriv'), '--no-new-privs', ...drop, '--', ...unshare];
}

/** The running unit: a process on a terminal of its own. */
export interface UnitProcess {
  /** One listener; bytes are only valid during the call. */
  onOutput(listener: (bytes: Uint8Array) => void): void;
  input(bytes: Uint8Array): void;
  /** Holds output back, the unit waits then, and lets it go on. */
  flow(on: boolean): void;
  readonly ended: Promise<void>;
  /** The unit's first process, as this machine numbers it; null when it is not there (yet). */
  firstProcess(): number | null;
  kill(): void;
}

/**
 * Terminals of other units are open in this process and would be open in the child too: it could speak on them,
 * and their hang-up would never be seen. busybox's shell can name descriptors of more than one digit.
 */
const CLOSE_INHERITED =
  'for fd in /proc/self/fd/*; do fd=${fd##*/}; [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done; exec "$@"';

/**
 * Starts a unit's set-up script in namespaces of its own. The terminal is a real one (80 columns, echo, CR LF),
 * and it is the only thing the unit shares with the outside: when its other end closes, because this process
 * ended in whatever way, the hang-up ends the outer process and with it every process of the unit.
 */
export function startProcess(folder: string, busybox: string, env: Record<string, string>): UnitProcess {
  const inside = walledOff([busybox, 'sh', `${folder}/setup`]);
  const child = spawn(busybox, ['sh', '-c', CLOSE_INHERITED, 'sh', ...inside], {
    cwd: folder,
    cols: 80,
    rows: 24,
    // Bytes, not text.
    encoding: null,
    env: { ...env, BB: busybox, PRLIMIT: program('prlimit') },
  });
  // It takes bytes as well, whatever its type says.
  const terminal: { write(data: string | Uint8Array): void } = child;
  let running = true;
  const ended = new Promise<void>((resolve) => {
    child.onExit(() => {
      running = false;
      resolve();
    });
  });
  return {
    ended,
    onOutput(listener) {
      // With a null encoding the terminal hands over buffers, whatever its type says.
      child.onData((data: unknown) => {
        if (data instanceof Uint8Array) listener(data);
      });
    },
    input: (bytes) => terminal.write(Buffer.from(bytes)),
    flow: (on) => (on ? child.resume() : child.pause()),
    firstProcess: () => (running ? childOf(child.pid) : null),
    kill() {
      // Its number may be another process's by then.
      if (running) child.kill('SIGKILL');
    },
  };
}

function childOf(pid: number): number | null {
  try {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const first = readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').trim().split(' ')[0];
      if (first !== undefined && first !== '') return Number(first);
    }
  } catch {
    // It has ended.
  }
  return null;
}
