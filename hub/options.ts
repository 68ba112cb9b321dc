import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BenchError } from '../shared/errors/index.ts';

const OPTIONS = {
  data: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '7420' },
  url: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'largest-file': { type: 'string', default: '4096' },
  'backup-to': { type: 'string' },
  'backup-every': { type: 'string', default: '24h' },
  'backup-keep': { type: 'string', default: '7' },
  to: { type: 'string' },
  keep: { type: 'string' },
  from: { type: 'string' },
} as const;

export type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

const UNITS_MS = { m: 60_000, h: 3600_000, d: 24 * 3600_000 };

export function bad(option: string, detail: string): never {
  throw new BenchError('hub.bad-option', { option, detail });
}

/** The command and its options. Throws `hub.bad-option`, as everything here. */
export function readArguments(args: readonly string[]): { command: string; values: Values } {
  let parsed: { values: Values; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    return bad('Options', (error as Error).message.replace(/\.$/, ''));
  }
  const [command = 'serve', extra] = parsed.positionals;
  if (extra !== undefined) bad(extra, 'one command at a time');
  return { command, values: parsed.values };
}

export const dataFolder = ({ data }: Values): string =>
  data ??
  process.env.REPAIRBENCH_HUB_DATA ??
  (process.getuid?.() === 0
    ? '/var/lib/repairbench-hub'
    : join(homedir(), '.local', 'share', 'repairbench-hub'));

export function wholeNumber(option: string, text: string, least = 1, most = 100_000): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  return bad(option, `“${text}” is no whole number from ${least} to ${most}`);
}

/** A time such as `24h`, in milliseconds. */
export function duration(option: string, text: string): number {
  const [, number, unit] = /^([1-9]\d{0,3})([mhd])$/.exec(text) ?? [];
  if (!number) return bad(option, `“${text}” is no time such as 30m, 24h or 7d`);
  return Number(number) * UNITS_MS[unit as keyof typeof UNITS_MS];
}

/** The origin of an address for people. */
export function origin(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url.origin;
  return bad(option, `“${text}” is no address such as https://hub.example`);
}
