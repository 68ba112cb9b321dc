/**
 * The rack as a process of its own: `index.ts [--at N] [--console N] [--link DIR]`.
 * Prints its units as one line of JSON, runs until SIGINT or SIGTERM.
 */
import { parseArgs } from 'node:util';
import { runRack } from './run.ts';

const { values } = parseArgs({
  options: {
    at: { type: 'string', default: '1' },
    console: { type: 'string', default: '1' },
    link: { type: 'string' },
  },
});

const count = (text: string): number => {
  if (!/^\d{1,2}$/.test(text)) throw new Error(`“${text}” is not a number of units from 0 to 99`);
  return Number(text);
};

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());

await runRack({
  at: count(values.at),
  console: count(values.console),
  ...(values.link === undefined ? {} : { link: values.link }),
  signal: stop.signal,
  input: process.stdin,
  output: process.stdout,
  remarks: process.stderr,
});
// Standard input may still be open; there is nothing left to do.
process.exit(0);
