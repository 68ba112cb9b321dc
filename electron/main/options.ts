import { parseArgs } from 'node:util';

export interface ShellOptions {
  readonly data: string | undefined;
  readonly training: boolean;
}

/** The shell's own arguments; Chromium's and Electron's stand among them and are left alone. */
export function shellOptions(argv: readonly string[]): ShellOptions {
  const { values } = parseArgs({
    args: [...argv],
    strict: false,
    options: {
      data: { type: 'string' },
      training: { type: 'boolean' },
    },
  });
  return {
    data: typeof values.data === 'string' ? values.data : undefined,
    training: values.training === true,
  };
}
