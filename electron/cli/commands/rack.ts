import { isatty } from 'node:tty';
import { BenchError } from '../../../shared/errors/index.ts';
import { runRack } from '../../rack/run.ts';
import { onStop } from '../stop.ts';

const MOST = 99;

function count(text: string | undefined, family: string): number {
  const number = Number(text ?? '1');
  if (Number.isInteger(number) && number >= 0 && number <= MOST) return number;
  throw new BenchError('input.invalid', { detail: `--${family} takes a number from 0 to ${MOST}.` });
}

/**
 * Virtual units until interrupted; touches no data folder. A terminal is read only when asked: reading one in the
 * background (`rack &`) makes the system stop the process, and its units with it.
 */
export async function rack(options: {
  at?: string;
  console?: string;
  link?: string;
  faults?: boolean;
}): Promise<void> {
  const stop = new AbortController();
  onStop(() => stop.abort());
  await runRack({
    at: count(options.at, 'at'),
    console: count(options.console, 'console'),
    ...(options.link ? { link: options.link } : {}),
    signal: stop.signal,
    ...(options.faults || !isatty(0) ? { input: process.stdin } : {}),
    output: process.stdout,
    remarks: process.stderr,
  });
  // Standard input may still be open; there is nothing left to do.
  process.exit(0);
}
