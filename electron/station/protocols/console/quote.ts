import { BenchError } from '../../../../shared/errors/index.ts';

const isPlain = (text: string): boolean => /^[ -~]*$/.test(text);

/**
 * A text as one word of a POSIX shell command. Printable ASCII goes into single quotes; anything else is
 * spelled in octal for `printf`, because a terminal would act on control characters and may not be 8-bit clean.
 * Throws `input.invalid` for what no command line can carry (NUL, a trailing line feed).
 * A unit's own names are bytes, in whatever encoding: they go back as they came.
 */
export function quote(word: string | Uint8Array): string {
  const bytes = Buffer.from(word);
  // Each character is a byte.
  const text = bytes.toString('latin1');
  if (text.includes('\0') || text.endsWith('\n')) {
    throw new BenchError('input.invalid', {
      detail: 'A command or path for a console may not hold NUL or end with a line feed.',
    });
  }
  if (isPlain(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  let octal = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    octal += /[A-Za-z0-9 /._]/.test(char) ? char : `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return `"$(printf '${octal}')"`;
}
