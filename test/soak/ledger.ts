import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** What a bench was promised: sequence number and id of every operation whose commit returned. */
export type Promised = ReadonlyMap<number, string>;

export interface Ledger {
  /** The last one on record; 0 when there is none. */
  readonly last: number;
  add(entries: readonly { readonly seq: number; readonly id: string }[]): void;
  close(): void;
}

/** A file beside the bench, on its disk before `add` returns: `SEQ ID` a line. */
export function openLedger(path: string): Ledger {
  const { O_RDWR, O_CREAT, O_APPEND, O_SYNC } = constants;
  const file = openSync(path, O_RDWR | O_CREAT | O_APPEND | O_SYNC, 0o600);
  const text = readFileSync(path, 'utf8');
  // A kill can cut the last line off.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  ftruncateSync(file, Buffer.byteLength(whole));
  const ledger = {
    last: [...parse(whole).keys()].at(-1) ?? 0,
    add(entries: readonly { readonly seq: number; readonly id: string }[]) {
      if (entries.length === 0) return;
      writeSync(file, entries.map(({ seq, id }) => `${seq} ${id}\n`).join(''));
      ledger.last = entries.at(-1)?.seq ?? ledger.last;
    },
    close: () => closeSync(file),
  };
  return ledger;
}

export const readLedger = (path: string): Promised => parse(readFileSync(path, 'utf8'));

function parse(text: string): Promised {
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [Number(line.split(' ')[0]), line.split(' ')[1] ?? '']));
}
