import { parseArgs } from 'node:util';
import { BenchError } from '../../shared/errors/index.ts';

export interface HostOptions {
  readonly data: string | undefined;
  readonly training: boolean;
  /** 0: any free one. */
  readonly port: number;
}

/** Throws BenchError `input.invalid`. */
export function hostOptions(argv: readonly string[]): HostOptions {
  const { data, training = false, port } = parse(argv);
  const number = Number(port ?? 0);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new BenchError('input.invalid', { detail: `“${port}” is no port: name one from 0 to 65535.` });
  }
  return { data, training, port: number };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        data: { type: 'string' },
        training: { type: 'boolean' },
        port: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new BenchError('input.invalid', { detail: error instanceof Error ? error.message : String(error) });
  }
}
