import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DestinationStream, destination, type Logger, pino } from 'pino';

const FILE = 'station.log';
const KEEP = 4;
const LIMIT_BYTES = 8 * 1024 * 1024;

export type ProgramLog = Logger;

/**
 * The program's own log: JSON lines for support, never evidence. What could name a customer or open a door
 * is cut out by name; devices' words are only logged by the code that knows them harmless.
 */
export function openProgramLog(folder: string, version: string): { log: ProgramLog; close(): void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = destination({ dest: rotate(folder), append: true, mkdir: true, sync: false, mode: 0o600 });
  let written = 0;
  const counting: DestinationStream = {
    write(line) {
      written += line.length;
      if (written > LIMIT_BYTES) {
        written = 0;
        file.flushSync();
        rotate(folder);
        file.reopen();
      }
      file.write(line);
    },
  };
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
    counting,
  );
  return {
    log,
    close() {
      try {
        file.flushSync();
      } catch {
        // Nothing was written yet, or the disk is full: there is nothing left to save.
      }
      file.end();
    },
  };
}

/** Moves a full file out of the way; returns the path to write to. */
function rotate(folder: string): string {
  const path = join(folder, FILE);
  if (existsSync(path) && statSync(path).size > LIMIT_BYTES / 2) {
    for (let n = KEEP - 1; n >= 1; n--) {
      if (existsSync(`${path}.${n}`)) renameSync(`${path}.${n}`, `${path}.${n + 1}`);
    }
    renameSync(path, `${path}.1`);
  }
  return path;
}
