import { BenchError, isBenchError } from '../../../shared/errors/index.ts';
import type { ArtifactKind } from '../../../shared/model/evidence.ts';
import { listedSize, type Pulled, type PullOptions, pullFile } from '../protocols/console/pull.ts';
import { quote } from '../protocols/console/quote.ts';
import type { ConsoleShell } from '../protocols/console/shell.ts';
import { withSnapshot } from '../protocols/console/snapshot.ts';
import { pullStream } from '../protocols/console/stream.ts';
import { findLogs } from './console-log-list.ts';
import type { ActionContext, ActionResult } from './driver.ts';

interface Finished {
  readonly bytes: number;
  readonly sha256: string;
  readonly hashedBy: string | null;
}

const MIME = 'text/plain';
/** Trouble with one log: the others may be whole. */
const ONE_LOG = ['unit.unreadable', 'unit.hash-mismatch', 'unit.no-tools'] as const;
/** As well, where it is not the line: then the next log has it too. */
const ONE_LOG_OR_LINE = ['unit.noise', 'port.timeout'] as const;

/**
 * Pulls content into an artifact. Where the unit's sum and ours differ it is pulled once more; differing again is
 * `unit.hash-mismatch`, and nothing is kept.
 */
async function intoArtifact(
  context: ActionContext,
  info: { kind: ArtifactKind; name: string; mime: string; path: string },
  pull: (options: Pick<PullOptions, 'signal' | 'write'>) => Promise<Pulled>,
): Promise<Finished> {
  for (let attempt = 0; ; attempt += 1) {
    const sink = await context.openArtifact({ kind: info.kind, name: info.name, mime: info.mime });
    try {
      const pulled = await pull({ signal: context.signal, write: (bytes) => sink.write(bytes) });
      if (pulled.hashedBy === null || pulled.unitSum === pulled.ourSum) {
        const sha256ByUnit = pulled.hashedBy === 'sha256' ? pulled.unitSum : null;
        const finished = await sink.finish({ sha256ByUnit });
        context.log(
          `${info.path}: ${pulled.bytes} bytes, ${pulled.hashedBy ? `${pulled.hashedBy} agrees` : 'the unit cannot hash'}`,
        );
        return { bytes: pulled.bytes, sha256: finished.sha256, hashedBy: pulled.hashedBy };
      }
      if (attempt > 0) {
        throw new BenchError('unit.hash-mismatch', { path: info.path, algorithm: pulled.hashedBy });
      }
      context.log(`${info.path}: the ${pulled.hashedBy} of both sides differs, pulling once more`);
      await sink.discard();
    } catch (error) {
      await sink.discard();
      throw error;
    }
  }
}

/** Pulls what a command prints: from a snapshot where the unit has room for one, else straight through. */
async function pullCommand(
  shell: ConsoleShell,
  command: string,
  options: PullOptions,
  log: (line: string) => void,
): Promise<Pulled> {
  const pulled = await withSnapshot(shell, command, options.signal, (snapshot) =>
    pullFile(shell, snapshot.path, snapshot.size, options),
  );
  if (pulled !== null) return pulled;
  log('no room for a snapshot on the unit; sending straight through');
  const { status, ...streamed } = await pullStream(shell, command, options);
  if (status !== 0) log(`the command ended with status ${status}`);
  return streamed;
}

/** The `logs` action: every log whole, each as an artifact; says what it could not get. */
export async function pullLogs(shell: ConsoleShell, context: ActionContext): Promise<ActionResult> {
  const { sources, leftOut } = await findLogs(shell, context.signal, context.log);
  const total = sources.reduce((sum, source) => sum + (source.kind === 'file' ? source.size : 0), 0);
  const finished: Finished[] = [];
  const failures: BenchError[] = [];
  let before = 0;
  let lineFailed = false;
  for (const source of sources) {
    const progress = (done: number) =>
      context.progress({ done: before + done, total: Math.max(total, before + done), unit: 'bytes' });
    try {
      const one = await intoArtifact(
        context,
        { kind: 'log', name: source.name, mime: MIME, path: source.shown },
        (options) =>
          source.kind === 'file'
            ? pullFile(shell, source.path, source.size, { ...options, progress })
            : pullCommand(shell, source.command, { ...options, progress }, context.log),
      );
      finished.push(one);
      before += one.bytes;
      lineFailed = false;
    } catch (error) {
      if (context.signal.aborted || !isBenchError(error, ...ONE_LOG, ...ONE_LOG_OR_LINE)) throw error;
      const isLine = isBenchError(error, ...ONE_LOG_OR_LINE);
      if (isLine && lineFailed) throw error;
      lineFailed = isLine;
      failures.push(error);
      context.log(`${source.shown} was not pulled: ${error.message}`);
    }
  }
  const [first] = failures;
  if (first !== undefined && finished.length === 0) throw first;
  return {
    values: {
      files: finished.length,
      bytes: finished.reduce((sum, { bytes }) => sum + bytes, 0),
      hashedByUnit: weakest(finished),
      failed: failures.length,
      leftOut,
    },
  };
}

/** The weakest way in which all of them were hashed by the unit; null when one was not. */
function weakest(finished: readonly Finished[]): string | null {
  const order = ['crc32', 'cksum', 'md5', 'sha1', 'sha256'];
  const ranks = finished.map(({ hashedBy }) => (hashedBy === null ? -1 : order.indexOf(hashedBy)));
  return ranks.length === 0 ? null : (order[Math.min(...ranks)] ?? null);
}

/** The `pull` action: one file, whole. Files that say they are empty (/proc, /sys) are read as a command. */
export async function pullOne(
  shell: ConsoleShell,
  path: string,
  context: ActionContext,
): Promise<ActionResult> {
  const word = quote(path);
  const look = await shell.text(`[ -f ${word} ]||exit 2;[ -r ${word} ]||exit 3;ls -ldL ${word}`, {
    signal: context.signal,
    timeoutMs: 30_000,
    limit: 4096,
  });
  if (look.status !== 0) {
    const detail =
      look.status === 2 ? 'there is no such file' : look.status === 3 ? 'no permission' : 'it is not listed';
    throw new BenchError('unit.unreadable', { path, detail });
  }
  const size = listedSize(look.text) ?? 0;
  const name =
    path
      .split('/')
      .at(-1)
      ?.replace(/[^\w.-]+/g, '_') || 'file';
  const info = { kind: 'log' as const, name, mime: 'application/octet-stream', path };
  const pulled = await intoArtifact(context, info, (options) => {
    const progress = (done: number, total: number | null) => context.progress({ done, total, unit: 'bytes' });
    return size > 0
      ? pullFile(shell, path, size, { ...options, progress })
      : pullCommand(shell, `cat ${word}`, { ...options, progress }, context.log);
  });
  return { values: { bytes: pulled.bytes, sha256: pulled.sha256 } };
}
