import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type DestinationStream, type Logger, pino } from 'pino';

const FILE = 'station.log';
const KEEP = 4;
const LIMIT_BYTES = 4 * 1024 * 1024;

export type ProgramLog = Logger;

/** The log's files in a folder, the newest first; some may not be there. */
export const programLogFiles = (folder: string): string[] =>
  [FILE, ...Array.from({ length: KEEP }, (_, index) => `${FILE}.${index + 1}`)].map((name) =>
    join(folder, name),
  );

/**
 * The program's own log: JSON lines for support, never evidence. What could name a customer or open a door
 * is cut out by name; devices' words are only logged by the code that knows them harmless. What nobody caught
 * is its last line.
 */
export function openProgramLog(folder: string, version: string): { log: ProgramLog; close(): void } {
  const file = logFile(folder);
  const log = pino(
    {
      base: { version, pid: process.pid },
      redact: {
        paths: [
          '*.pin',
          '*.password',
          '*.token',
          '*.recoveryKey',
          '*.customer',
          '*.contact',
          'pin',
          'password',
          'token',
        ],
        censor: '[redacted]',
      },
    },
    file,
  );
  const onCrash = (error: unknown) => log.fatal({ err: error }, 'nobody caught this');
  process.on('uncaughtExceptionMonitor', onCrash);
  return {
    log,
    close() {
      process.off('uncaughtExceptionMonitor', onCrash);
      file.close();
    },
  };
}

/**
 * Appends lines to the newest file and moves full ones aside. Lines that the disk does not take are dropped: the
 * program's own log is no reason for a bench to stop.
 */
function logFile(folder: string): DestinationStream & { close(): void } {
  const [newest = '', ...older] = programLogFiles(folder);
  let file: number | null = null;
  let size = 0;
  const open = (): number => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const opened = openSync(newest, 'a', 0o600);
    size = fstatSync(opened).size;
    return opened;
  };
  const close = () => {
    if (file !== null) closeSync(file);
    file = null;
  };
  const rotate = () => {
    close();
    const files = [newest, ...older];
    for (let n = files.length - 1; n >= 1; n--) {
      const from = files[n - 1] ?? '';
      if (existsSync(from)) renameSync(from, files[n] ?? '');
    }
  };
  return {
    write(line) {
      try {
        file ??= open();
        if (size > LIMIT_BYTES) {
          rotate();
          file = open();
        }
        size += writeSync(file, line);
      } catch {
        // See above.
      }
    },
    close() {
      try {
        close();
      } catch {
        // See above.
      }
    },
  };
}
