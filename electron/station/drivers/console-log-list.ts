import type { ConsoleShell } from '../protocols/console/shell.ts';

/** Files pulled at most, the youngest; more than that is no log folder. */
const MAX_FILES = 200;
/** Files that the unit lists at most; it counts the rest. */
const MAX_LISTED = 500;
const OUTPUT_LIMIT = 256 * 1024;
/** Days of the journal that are pulled; its name says so. */
const JOURNAL_DAYS = 7;

/** Where one log comes from. */
export type LogSource = {
  /** For an artifact. */
  readonly name: string;
  /** For people. */
  readonly shown: string;
} & (
  | { readonly kind: 'file'; readonly path: Uint8Array; readonly size: number }
  | { readonly kind: 'command'; readonly command: string }
);

/** Commands that print logs, tried in this order; each only where it prints something. */
const COMMANDS: readonly { name: string; command: string; test: string }[] = [
  { name: 'dmesg.txt', command: 'dmesg', test: 'dmesg|dd bs=1 count=1' },
  { name: 'logread.txt', command: 'logread', test: 'logread|dd bs=1 count=1' },
  {
    name: `journal-last-${JOURNAL_DAYS}-days.txt`,
    command: `journalctl --no-pager -o short-iso --since=-${JOURNAL_DAYS}days`,
    test: 'journalctl --no-pager -n 1 -o cat|dd bs=1 count=1',
  },
];

/** Logs as they are written and rotated, a folder deep; what the kernel left in memory when it crashed. */
const FILES = [
  '/var/log/messages',
  '/var/log/syslog',
  '/var/log/*.log',
  '/var/log/messages.*',
  '/var/log/syslog.*',
  '/var/log/*.log.*',
  '/var/log/*/*.log',
  '/var/log/*/*.log.*',
  '/sys/fs/pstore/*',
].join(' ');
/** The same folder as /var/log on many a unit. */
const TEMPORARY = '/tmp/log/*.log /tmp/log/*.log.*';

/** `c NAME` for commands that print something, `f SIZE TIME PATH` for log files, `n COUNT` at the end. */
const FIND = [
  ...COMMANDS.map(
    ({ name, test }) => `[ -n "$({ ${test};} </dev/null 2>/dev/null|tr -d "\\000")" ]&&echo "c ${name}"`,
  ),
  `t='${TEMPORARY}';[ /var/log -ef /tmp/log ] 2>/dev/null&&t=`,
  `i=0;for f in ${FILES} $t;do [ -f "$f" ]&&[ -r "$f" ]||continue;i=$((i+1));[ $i -gt ${MAX_LISTED} ]&&continue`,
  // Not every unit has the one or the other; the size alone is always told.
  's=$(stat -c "%s %Y" "$f" 2>/dev/null)||s="$(wc -c <"$f") $(date -r "$f" +%s 2>/dev/null)"',
  `echo "f $s $f";done;echo "n $i"`,
].join(';');

interface ListedFile {
  readonly path: string;
  readonly size: number;
  /** Unix time of the last change; null where the unit does not say. */
  readonly time: number | null;
}

export interface FoundLogs {
  readonly sources: readonly LogSource[];
  /** Log files that are there and were not taken. */
  readonly leftOut: number;
}

/** Reads the output of the script, each of its characters being a byte. */
export function parseLogs(output: string): FoundLogs {
  const commands: LogSource[] = [];
  const files = new Map<string, ListedFile>();
  let listed = 0;
  let count = 0;
  for (const line of output.split('\n')) {
    const command = COMMANDS.find(({ name }) => line === `c ${name}`);
    const [, size, time, path] = /^f +(\d{1,15}) +(?:(\d{1,12}) +)?(\/[^\n]{1,400})$/.exec(line) ?? [];
    if (command) commands.push({ kind: 'command', shown: command.command, ...command });
    if (line.startsWith('f ')) listed += 1;
    if (path !== undefined && !files.has(path)) {
      files.set(path, { path, size: Number(size), time: time === undefined ? null : Number(time) });
    }
    count = Number(/^n (\d{1,9})$/.exec(line)?.[1] ?? count);
  }
  const known = [...files.values()];
  // As they were listed, where one of them has no time.
  const hasTimes = known.every(({ time }) => time !== null);
  const taken = (hasTimes ? known.toSorted((a, b) => (b.time ?? 0) - (a.time ?? 0)) : known).slice(
    0,
    MAX_FILES,
  );
  return {
    sources: [...commands, ...taken.map(sourceOf)],
    leftOut: Math.max(0, count - listed) + known.length - taken.length,
  };
}

function sourceOf({ path, size }: ListedFile): LogSource {
  const bytes = Buffer.from(path, 'latin1');
  const shown = bytes.toString('utf8');
  const name = path.replace(/^\/(?:var\/log|sys\/fs)\//, '').replace(/[^\w.-]+/g, '_');
  return { kind: 'file', name, shown, path: bytes, size };
}

/** What logs there are; the unit's own limits and ours are told to `log`. */
export async function findLogs(
  shell: ConsoleShell,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<FoundLogs> {
  const { output } = await shell.exec(FIND, { signal, timeoutMs: 60_000, limit: OUTPUT_LIMIT });
  const found = parseLogs(output.toString('latin1'));
  if (found.leftOut > 0) {
    log(`${found.leftOut} more log files were left out: only the youngest ${MAX_FILES} are pulled`);
  }
  if (found.sources.some(({ name }) => name.startsWith('journal'))) {
    log(`of the journal the last ${JOURNAL_DAYS} days are pulled`);
  }
  return found;
}
