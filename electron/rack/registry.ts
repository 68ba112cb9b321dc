import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  isPrivateFolder,
  type RackRegistration,
  rackFolder,
  startOfProcess,
} from '../station/transports/virtual.ts';

/** The folder, made if needed, that only this user can look into. Throws where somebody else's is in the way. */
function privateFolder(): string {
  const dir = rackFolder();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (!isPrivateFolder(dir)) throw new Error(`${dir} is not a private folder of this user; remove it`);
  return dir;
}

/** Removes what racks that died without a word left behind. */
function sweep(dir: string): void {
  for (const name of readdirSync(dir)) {
    const pid = Number(/^(\d+)\b/.exec(name)?.[1]);
    if (pid > 0 && startOfProcess(pid) === null) rmSync(join(dir, name), { recursive: true, force: true });
  }
}

let racks = 0;

export interface Registry {
  /** A folder for the links to this rack's units. */
  readonly linkDir: string;
  /** Names every address that leads to a unit now. */
  set(addresses: readonly string[]): void;
  remove(): void;
}

/** Registers a rack of this process, so that live benches refuse its units. */
export function registerRack(): Registry {
  const dir = privateFolder();
  sweep(dir);
  racks += 1;
  // A process may run several racks (tests do): each has its own file, all begin with the pid.
  const name = racks === 1 ? `${process.pid}` : `${process.pid}-${racks}`;
  const file = join(dir, `${name}.json`);
  const linkDir = join(dir, name);
  rmSync(linkDir, { recursive: true, force: true });
  mkdirSync(linkDir, { mode: 0o700 });
  return {
    linkDir,
    set(addresses) {
      const registration: RackRegistration = {
        pid: process.pid,
        started: startOfProcess(process.pid) ?? '',
        addresses: [...addresses],
      };
      writeFileSync(`${file}.new`, JSON.stringify(registration), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
    remove() {
      rmSync(file, { force: true });
      rmSync(linkDir, { recursive: true, force: true });
    },
  };
}
