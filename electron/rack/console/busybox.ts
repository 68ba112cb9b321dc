import { staticBusybox } from './find-busybox.mjs';

/** The statically linked busybox of this machine; throws an error that says what to install. */
export function findBusybox(): string {
  const path = staticBusybox();
  if (path) return path;
  throw new Error(
    'The virtual console needs a statically linked busybox on PATH: install the package “busybox-static”.',
  );
}

/** The table of applet names begins with these two. */
const TABLE_START = Buffer.from('[\0[[\0', 'latin1');

/** Applet names in the order of the table, with the place of each. */
function applets(busybox: Buffer): Map<string, number> {
  const start = busybox.indexOf(TABLE_START);
  if (start < 0) throw new Error('This busybox has no table of applets that could be shortened.');
  const found = new Map<string, number>();
  for (let at = start; busybox[at] !== 0 && at < busybox.length; ) {
    const end = busybox.indexOf(0, at);
    found.set(busybox.toString('latin1', at, end), at);
    at = end + 1;
  }
  return found;
}

/**
 * A busybox that was built without these applets: their names are taken out of its table, so that neither
 * the shell nor `busybox NAME` finds them. The last character becomes 0x01, which keeps the table sorted.
 * Throws for a name that is not in the table.
 */
export function withoutApplets(busybox: Buffer, names: readonly string[]): Buffer {
  const shortened = Buffer.from(busybox);
  const table = applets(busybox);
  for (const name of names) {
    const at = table.get(name);
    if (at === undefined) throw new Error(`This busybox has no applet “${name}”.`);
    shortened[at + name.length - 1] = 0x01;
  }
  return shortened;
}

/** Names of `dd`'s flags, one after the other, as busybox keeps them. */
const DD_FLAGS = Buffer.from('fullblock\0direct\0', 'latin1');

/** A busybox whose `dd` was built without direct I/O. */
export function withoutDirectIo(busybox: Buffer): Buffer {
  const changed = Buffer.from(busybox);
  const at = changed.indexOf(DD_FLAGS);
  if (at < 0) throw new Error('This busybox has no direct I/O to leave out.');
  changed[at + DD_FLAGS.length - 2] = 0x01;
  return changed;
}
