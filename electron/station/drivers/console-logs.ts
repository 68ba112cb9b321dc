import { BenchError } from '../../../shared/errors/index.ts';
import type { ArtifactKind } from '../../../shared/model/evidence.ts';
import { type Pulled, type PullOptions, pullFile } from '../protocols/console/pull.ts';
import { quote } from '../protocols/console/quote.ts';
import type { ConsoleShell } from '../protocols/console/shell.ts';
import { withSnapshot } from '../protocols/console/snapshot.ts';
import { pullStream } from '../protocols/console/stream.ts';
import type { ActionContext, ActionResult } from './driver.ts';

/** Logs are the youngest this many files; more than that is no log folder. */
const MAX_LOGS = 200;
/** Days of the journal that are pulled. */
const JOURNAL_DAYS = 7;

interface Finished {
  readonly bytes: number;
  readonly sha256: string;
  readonly hashedBy: string | null;
}

/** Where one log comes from. */
type Source =
  | { readonly kind: 'file'; readonly name: string; readonly path: string; readonly size: number }
  | { readonly kind: 'command'; readonly name: string; readonly command: string };

const MIME = 'text/plain';

/** Commands that print logs, tried in this order; each only where it prints something. */
const COMMANDS: readonly { name: string; command: string; test: string }[] = [
  { name: 'dmesg.txt', command: 'dmesg', test: 'dmesg|dd bs=1 count=1' },
  { name: 'logread.txt', command: 'logread', test: 'logread|dd bs=1 count=1' },
  {
    name: 'journal.txt',
    command: `journalctl --no-pager -o short-iso --since=-${JOURNAL_DAYS}days`,
    test: 'journalctl --no-pager -n 1 -o cat|dd bs=1 count=1',
  },
];

/** `c NAME` for commands that print something, `f SIZE PATH` for log files. */
const FIND = [
  ...COMMANDS.map(
    ({ name, test }) => `[ -n "$({ ${test};} </dev/null 2>/dev/null|tr -d "\\000")" ]&&echo "c ${name}"`,
  ),
  'for f in /var/log/messages /var/log/syslog /var/log/*.log /var/log/messages.* /var/log/syslog.* /tmp/log/*.log;do [ -f "$f" ]&&[ -r "$f" ]&&echo "f $(wc -c <"$f") $f";done',
  'true',
].join(';');

async function findLogs(shell: ConsoleShell, signal: AbortSignal): Promise<Source[]> {
  const { text } = await shell.text(FIND, { signal, timeoutMs: 60_000 });
  const sources: Source[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    const command = COMMANDS.find(({ name }) => line === `c ${name}`);
    const file = /^f +(\d{1,15}) +(\/[^\n]{1,400})$/.exec(line);
    if (command) sources.push({ kind: 'command', name: command.name, command: command.command });
    else if (file?.[2] !== undefined && !seen.has(file[2]) && sources.length < MAX_LOGS) {
      seen.add(file[2]);
      const name = file[2].replace(/^\/var\/log\//, '').replace(/[^\w.-]+/g, '_');
      sources.push({ kind: 'file', name, path: file[2], size: Number(file[1]) });
    }
  }
  return sources;
}

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

/** The `logs` action: every log whole, each as an artifact. */
export async function pullLogs(shell: ConsoleShell, context: ActionContext): Promise<ActionResult> {
  const sources = await findLogs(shell, context.signal);
  const total = sources.reduce((sum, source) => sum + (source.kind === 'file' ? source.size : 0), 0);
  const finished: Finished[] = [];
  let before = 0;
  for (const source of sources) {
    const path = source.kind === 'file' ? source.path : source.command;
    const progress = (done: number) =>
      context.progress({ done: before + done, total: Math.max(total, before + done), unit: 'bytes' });
    const one = await intoArtifact(
      context,
      { kind: 'log', name: source.name, mime: MIME, path },
      (options) =>
        source.kind === 'file'
          ? pullFile(shell, source.path, source.size, { ...options, progress })
          : pullCommand(shell, source.command, { ...options, progress }, context.log),
    );
    finished.push(one);
    before += one.bytes;
  }
  return {
    values: {
      files: finished.length,
      bytes: finished.reduce((sum, { bytes }) => sum + bytes, 0),
      hashedByUnit: weakest(finished),
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
  const size = Number(/^\S+\s+\d+\s+\S+\s+\S+\s+(\d{1,15})\s/.exec(look.text)?.[1] ?? '0');
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
