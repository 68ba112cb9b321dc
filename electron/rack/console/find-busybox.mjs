// Plain JavaScript on Node's own modules: the set-up asks too, on a fresh clone, on any Node it supports.
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The first statically linked busybox on PATH, or null. A dynamically linked one would need libraries that are
 * not in a virtual unit's root.
 * @param {string} [searchPath]
 * @returns {string | null}
 */
export function staticBusybox(searchPath = process.env.PATH ?? '') {
  const paths = searchPath.split(delimiter).filter(Boolean);
  return paths.map((folder) => join(folder, 'busybox')).find(isStaticProgram) ?? null;
}

/** @param {string} path */
function isStaticProgram(path) {
  try {
    accessSync(path, constants.R_OK | constants.X_OK);
    return !needsInterpreter(readFileSync(path));
  } catch {
    // Not there, a folder, or a file that ends within its headers.
    return false;
  }
}

/**
 * Whether an ELF program names a dynamic loader (a program header of type PT_INTERP, 3); no ELF program needs one too.
 * @param {Buffer} elf
 */
function needsInterpreter(elf) {
  if (elf.readUInt32BE(0) !== 0x7f454c46) return true;
  const wide = elf[4] === 2;
  const first = wide ? Number(elf.readBigUInt64LE(32)) : elf.readUInt32LE(28);
  const size = elf.readUInt16LE(wide ? 54 : 42);
  const count = elf.readUInt16LE(wide ? 56 : 44);
  for (let at = 0; at < count; at += 1) if (elf.readUInt32LE(first + at * size) === 3) return true;
  return false;
}
