import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { StationSettings } from '../../../shared/contract/station.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import { formatInstant } from '../../../shared/instants.ts';
import { programLogFiles } from '../../station/program-log.ts';
import { restore as restoreFolder } from '../../station/storage/backup.ts';
import { places } from '../../station/storage/folder.ts';
import type { Connection } from '../connect.ts';
import { type Context, pairs, secretFrom } from '../context.ts';
import { writeNewFile } from '../files.ts';
import { type Result, table } from '../output.ts';

/** Of each file: enough for the last days of a bench, small enough for an e-mail. */
const BUNDLED_LOG_BYTES = 256 * 1024;

export async function init(
  { client }: Connection,
  options: { admin: string; training?: boolean; name?: string; prefix?: string },
): Promise<Result> {
  const made = await client.station.init({
    mode: options.training ? 'training' : 'live',
    admin: { name: options.admin, pin: secretFrom('REPAIRBENCH_PIN', 'the administrator’s PIN') },
    settings: {
      ...(options.name ? { stationName: options.name } : {}),
      ...(options.prefix ? { benchPrefix: options.prefix } : {}),
    },
  });
  const { recoveryKey } = made;
  const mode = options.training ? 'training' : 'live';
  return {
    document: { mode, admin: made.session.person, recoveryKey },
    text: [
      `A ${mode} bench is ready; ${options.admin} is its administrator.`,
      `Recovery key: ${recoveryKey}`,
      'Print it and lock it away: without it, a lost key file means lost data. It is shown only now.',
    ].join('\n'),
  };
}

/** Another printed key; the old one opens nothing any more. */
export async function newRecoveryKey({ client }: Context): Promise<Result> {
  const { recoveryKey } = await client.station.newRecoveryKey({
    pin: secretFrom('REPAIRBENCH_PIN', 'your PIN'),
  });
  return {
    document: { recoveryKey },
    text: [
      `Recovery key: ${recoveryKey}`,
      'Print it and lock it away; it is shown only now. The old one opens this bench no more.',
      'Back the bench up anew, then destroy the old paper: backups made before still open with it.',
    ].join('\n'),
  };
}

/** Reads the printed key from standard input, so that it stands in no history and no process list. */
export async function unlock({ client }: Connection): Promise<Result> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  await client.station.unlock({ recoveryKey: Buffer.concat(chunks).toString('utf8').trim() });
  return { document: { ok: true }, text: 'Unlocked; the key is on this machine from now on.' };
}

/** Every setting, or changes as `SETTING=VALUE`; an empty value clears where a setting may be empty. */
export async function settings({ client }: Context, changes: readonly string[]): Promise<Result> {
  const now =
    changes.length === 0
      ? await client.station.settings()
      : await client.station.setSettings(settingsFrom(pairs(changes)));
  const rows = Object.entries(now).map(([name, value]) => [name, String(value ?? '–')]);
  return { document: now, text: table(['setting', 'value'], rows) };
}

function settingsFrom(given: Readonly<Record<string, string>>) {
  const values = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      name === 'sessionMinutes' ? Number(value) : value === '' ? null : value,
    ]),
  );
  const parsed = StationSettings.partial().strict().safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const known = Object.keys(StationSettings.shape).join(', ');
  const detail = `${issue?.path.join('.') || 'setting'}: ${issue?.message}. Settings: ${known}.`;
  throw new BenchError('input.invalid', { detail });
}

export async function backup({ client }: Context, out: string): Promise<Result> {
  const report = await client.station.backup({ path: resolve(out) });
  return {
    document: report,
    text: `${report.path}: ${report.bytes} bytes, ${report.artifacts} artifacts, manifest SHA-256 ${report.sha256}`,
  };
}

/** Offline: into an empty folder that no station holds. */
export async function restore(source: string, dataDir: string): Promise<Result> {
  const report = await restoreFolder(resolve(source), resolve(dataDir));
  const at = formatInstant(report.at, undefined);
  return {
    document: { ...report, data: resolve(dataDir) },
    text: `${report.files} files of the backup of ${at} are in ${resolve(dataDir)}, each checked.`,
  };
}

export async function doctor(
  { client }: Connection,
  dataDir: string,
  options: { bundle?: string },
): Promise<Result> {
  const report = await client.station.doctor();
  const lines = report.checks.map(
    (check) =>
      `${check.ok ? 'ok  ' : 'NOT '} ${check.title}: ${check.detail}${check.hint && !check.ok ? `\n      ${check.hint}` : ''}`,
  );
  if (options.bundle) {
    const log = await programLogTails(places(dataDir).log);
    const facts = {
      at: new Date().toISOString(),
      node: process.version,
      platform: process.platform,
      report,
      log,
    };
    await writeNewFile(options.bundle, (write) => write(`${JSON.stringify(facts, null, 2)}\n`));
    lines.push(`Bundle: ${options.bundle}`);
  }
  return { document: report, text: lines.join('\n'), exitCode: report.ok ? 0 : 3 };
}

/** The newest part of each of the program's log files, as it was written: nothing in it names a customer. */
async function programLogTails(folder: string): Promise<{ file: string; lines: string[] }[]> {
  const tails = programLogFiles(folder).map(async (path) => ({
    file: basename(path),
    lines: await lastLines(path, BUNDLED_LOG_BYTES),
  }));
  return (await Promise.all(tails)).filter(({ lines }) => lines.length > 0);
}

/** The last whole lines of a file; none when it is not there. */
async function lastLines(path: string, limit: number): Promise<string[]> {
  const file = await open(path, 'r').catch(() => null);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, limit));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    const lines = bytes.subarray(0, bytesRead).toString('utf8').split('\n').filter(Boolean);
    return size > limit ? lines.slice(1) : lines;
  } finally {
    await file.close();
  }
}
