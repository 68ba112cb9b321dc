import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';

/** @typedef {import('node:child_process').SpawnOptions} SpawnOptions */

/** The Node that runs Repairbench's tasks; it comes as the dev dependency `node`. @param {string} root */
export const nodeBinary = (root) =>
  join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/**
 * The environment of a task: that Node and the packages' commands come first on PATH.
 * @param {string} root
 * @returns {NodeJS.ProcessEnv}
 */
export function taskEnv(root) {
  const first = join(root, 'node_modules', '.bin');
  return { ...process.env, PATH: `${first}${delimiter}${process.env.PATH ?? ''}` };
}

/** The exit code that a shell would report. @param {number | null} code @param {NodeJS.Signals | null} signal */
export const exitCodeOf = (code, signal) => code ?? 128 + (signal ? constants.signals[signal] : 0);

/**
 * Runs a command with this process's streams and hands signals on; resolves to its exit code.
 * @param {string} command
 * @param {string[]} args
 * @param {SpawnOptions & { timeoutMs?: number }} [options] a command that takes longer is ended: code 143
 * @returns {Promise<number>}
 */
export function run(command, args, { timeoutMs, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const stopForwarding = forwardSignals(child);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGTERM'), timeoutMs);
    const done = (/** @type {number} */ code) => {
      clearTimeout(timer);
      stopForwarding();
      resolve(code);
    };
    child.once('error', (error) => {
      console.error(`${command} cannot be started: ${error.message}`);
      done(127);
    });
    child.once('exit', (code, signal) => done(exitCodeOf(code, signal)));
  });
}

/**
 * Runs a script with Repairbench's Node, from the project's folder unless told otherwise.
 * @param {string} root
 * @param {string[]} args a script, relative to the project's folder, and its arguments
 * @param {SpawnOptions & { timeoutMs?: number }} [options]
 */
export function runNode(root, [script = '', ...args], options = {}) {
  return run(nodeBinary(root), [join(root, script), ...args], { cwd: root, env: taskEnv(root), ...options });
}

/**
 * Runs a command and collects what it prints (both streams together).
 * @param {string} command
 * @param {string[]} args
 * @param {SpawnOptions & { timeoutMs?: number }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function capture(command, args, { timeoutMs, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const stopForwarding = forwardSignals(child);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    const done = (/** @type {number} */ code) => {
      clearTimeout(timer);
      stopForwarding();
      resolve({ code, output: Buffer.concat(chunks).toString() });
    };
    child.once('error', () => done(127));
    child.once('close', (code, signal) => done(exitCodeOf(code, signal)));
  });
}

/**
 * Hands SIGINT, SIGTERM and SIGHUP on to a child and keeps this process alive until the child has ended.
 * A terminal sends its Ctrl-C to the whole foreground group, so there the child has it already.
 * @param {import('node:child_process').ChildProcess} child
 */
export function forwardSignals(child) {
  /** @type {Array<[NodeJS.Signals, () => void]>} */
  const handlers = [
    ['SIGINT', () => void (process.stdin.isTTY || child.kill('SIGINT'))],
    ['SIGTERM', () => void child.kill('SIGTERM')],
    ['SIGHUP', () => void child.kill('SIGHUP')],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  // npm's shell ends at a signal without handing it on; then nobody is left to end this.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);
  watch.unref();
  return () => {
    clearInterval(watch);
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
