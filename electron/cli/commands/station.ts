import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BenchError } from '../../../shared/errors/index.ts';
import { Role } from '../../../shared/model/people.ts';
import { Family } from '../../../shared/model/units.ts';
import { restore as restoreFolder } from '../../station/storage/backup.ts';
import type { Connection } from '../connect.ts';
import { type Context, portAt } from '../context.ts';
import { type Result, table } from '../output.ts';

function secretFrom(variable: string, what: string): string {
  const value = process.env[variable];
  if (!value) throw new BenchError('input.invalid', { detail: `Put ${what} into ${variable}.` });
  return value;
}

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

/** Reads the printed key from standard input, so that it stands in no history and no process list. */
export async function unlock({ client }: Connection): Promise<Result> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  await client.station.unlock({ recoveryKey: Buffer.concat(chunks).toString('utf8').trim() });
  return { document: { ok: true }, text: 'Unlocked; the key is on this machine from now on.' };
}

export async function personAdd(
  { client }: Context,
  name: string,
  options: { role: string },
): Promise<Result> {
  const role = Role.safeParse(options.role);
  if (!role.success) {
    throw new BenchError('input.invalid', {
      detail: `There is no role “${options.role}”: ${Role.options.join(', ')}.`,
    });
  }
  const pin = secretFrom('REPAIRBENCH_NEW_PIN', 'the new person’s PIN');
  const person = await client.people.add({ name, role: role.data, pin });
  return { document: person, text: `${person.name} is a ${person.role} now.` };
}

export async function personList({ client }: Context): Promise<Result> {
  const people = await client.people.list();
  const rows = people.map((p) => [p.name, p.role, p.active ? 'active' : 'left', p.lastSignInAt ?? '–']);
  return { document: people, text: table(['name', 'role', 'state', 'last sign-in'], rows) };
}

export async function devices({ client }: Context): Promise<Result> {
  const ports = await client.ports.list();
  const rows = ports.map((port) => [
    port.label,
    port.address,
    port.family ?? '?',
    port.state,
    [port.identity?.maker, port.identity?.model].filter(Boolean).join(' ') || '–',
    port.identity?.serial ?? port.identity?.imei1 ?? '–',
    port.caseNumber ?? '–',
  ]);
  const text =
    rows.length === 0
      ? 'No ports yet. Plug a unit in, or add one with “repairbench port add PATH”.'
      : table(['port', 'address', 'family', 'state', 'unit', 'serial', 'case'], rows);
  return { document: ports, text };
}

export async function portAdd(
  { client }: Context,
  address: string,
  options: { driver?: string; login?: string; passwordEnv?: string; baud?: string; label?: string },
): Promise<Result> {
  const family = options.driver === undefined ? null : Family.safeParse(options.driver).data;
  if (family === undefined) {
    throw new BenchError('input.invalid', {
      detail: `There is no family “${options.driver}”: ${Family.options.join(', ')}.`,
    });
  }
  const port = await client.ports.add({
    address,
    family,
    ...(options.label ? { label: options.label } : {}),
    login: options.login ?? null,
    password: options.passwordEnv ? secretFrom(options.passwordEnv, 'the console’s password') : null,
    line: options.baud ? { baudRate: Number(options.baud) } : {},
  });
  return { document: port, text: `${port.label} (${port.address}) is remembered.` };
}

export async function portIdentify(context: Context, path: string): Promise<Result> {
  const port = await portAt(context, path);
  const view = await context.client.ports.identify({ id: port.id });
  const { identity } = view;
  const text = [
    `${[identity?.maker, identity?.model].filter(Boolean).join(' ') || 'A unit'} on ${view.label} (${view.family})`,
    `serial    ${identity?.serial ?? '–'}`,
    `IMEI      ${[identity?.imei1, identity?.imei2].filter(Boolean).join(', ') || '–'}`,
    `firmware  ${identity?.firmware ?? '–'}`,
    `case      ${view.caseNumber ?? 'none yet'}`,
  ].join('\n');
  return { document: view, text };
}

export async function portForget(context: Context, path: string): Promise<Result> {
  const port = await portAt(context, path);
  await context.client.ports.forget({ id: port.id });
  return { document: { ok: true }, text: `${port.label} is forgotten.` };
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
  return {
    document: { ...report, data: resolve(dataDir) },
    text: `${report.files} files of the backup of ${report.at} are in ${resolve(dataDir)}, each checked.`,
  };
}

export async function doctor({ client }: Connection, options: { bundle?: string }): Promise<Result> {
  const report = await client.station.doctor();
  const lines = report.checks.map(
    (check) =>
      `${check.ok ? 'ok  ' : 'NOT '} ${check.title}: ${check.detail}${check.hint && !check.ok ? `\n      ${check.hint}` : ''}`,
  );
  if (options.bundle) {
    const facts = { at: new Date().toISOString(), node: process.version, platform: process.platform, report };
    await writeFile(options.bundle, `${JSON.stringify(facts, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
    lines.push(`Bundle: ${options.bundle}`);
  }
  return { document: report, text: lines.join('\n'), exitCode: report.ok ? 0 : 3 };
}
