import { ORPCError } from '@orpc/client';
import { BenchError, type ErrorKind, EXIT_CODES, toBenchError } from '../../shared/errors/index.ts';
import { withLocalTimes } from '../../shared/instants.ts';
import type { Identity } from '../../shared/model/units.ts';

/** What a command ends with: one document, its words for people, and the exit code. */
export interface Result {
  readonly document: unknown;
  readonly text: string;
  readonly exitCode?: number;
}

/** An error as it is shown: from the domain here, or from a station over the contract. */
interface Failure {
  code: string;
  message: string;
  hint: string;
  exitCode: number;
}

export function toFailure(error: unknown): Failure {
  if (error instanceof ORPCError) {
    const data = error.data as { code?: string; hint?: string; kind?: ErrorKind } | undefined;
    if (error.code === 'BENCH' && data?.code && data.kind) {
      const { code, kind, hint = '' } = data;
      return { code, message: error.message, hint, exitCode: EXIT_CODES[kind] };
    }
    if (error.code === 'SIGNED_OUT') {
      const { code, message, hint, exitCode } = new BenchError('people.signed-out');
      return { code, message, hint, exitCode };
    }
  }
  const { code, message, hint, exitCode } = toBenchError(error);
  return { code, message, hint, exitCode };
}

/** Writes all of it before the process may end, also into a slow pipe. */
const write = (stream: NodeJS.WriteStream, text: string) =>
  new Promise<void>((resolve) => stream.write(text, () => resolve()));

/** Exactly one document on standard output with `--json`, otherwise words. */
export async function show(result: Result, json: boolean): Promise<number> {
  await write(process.stdout, json ? `${JSON.stringify(result.document)}\n` : `${result.text}\n`);
  return result.exitCode ?? 0;
}

/** @param zone the site's time zone, for the times in the words */
export async function showError(error: unknown, json: boolean, zone?: string): Promise<number> {
  const { code, message, hint, exitCode } = toFailure(error);
  if (json) await write(process.stdout, `${JSON.stringify({ error: { code, message, hint } })}\n`);
  else await write(process.stderr, `${failureText({ message, hint }, zone)}\n[${code}]\n`);
  return exitCode;
}

/** What went wrong and what to do about it, each on a line. */
export const failureText = ({ message, hint }: Pick<Failure, 'message' | 'hint'>, zone?: string): string =>
  withLocalTimes([message, hint].filter(Boolean).join('\n'), zone);

/** Rows under headings, columns as wide as their widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(headings), ...rows.map(line)].join('\n');
}

/** What a person calls the unit: maker and model, the maker once. Null: it does not say. */
export function unitName(identity: Pick<Identity, 'maker' | 'model'> | null | undefined): string | null {
  const { maker = null, model = null } = identity ?? {};
  if (model && maker && model.toLowerCase().startsWith(maker.toLowerCase())) return model;
  return [maker, model].filter(Boolean).join(' ') || null;
}
