import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import type { StationLife } from './life.ts';
import { formatProblem } from './procedures/load.ts';
import { listPorts } from './transports/list.ts';

export interface Check {
  id: string;
  title: string;
  ok: boolean;
  detail: string;
  hint: string | null;
}

/** A bench with less free space than this stops taking logs soon. */
const LOW_SPACE_BYTES = 2e9;

/** What a support person asks first, in words; no customer data, no secrets. */
export async function doctor(life: StationLife): Promise<{ ok: boolean; checks: Check[] }> {
  const checks = [
    program(life),
    state(life),
    key(life),
    space(life),
    folder(life),
    procedures(life),
    resources(life),
    await artifacts(life),
    ...(await ports(life)),
  ];
  return { ok: checks.every((check) => check.ok), checks };
}

const program = ({ version }: StationLife): Check => ({
  id: 'program',
  title: 'Program',
  ok: true,
  detail: `version ${version}, Node ${process.versions.node}, ${platform()} ${process.arch}`,
  hint: null,
});

function state(life: StationLife): Check {
  const words = { new: 'no bench here yet', locked: 'the key is not on this machine', ready: 'open' };
  const now = life.state();
  const bench = life.opened();
  return {
    id: 'bench',
    title: 'Bench',
    ok: now === 'ready',
    detail: bench ? `${words[now]}, ${bench.mode}, ${bench.entries()} log entries` : words[now],
    hint:
      now === 'new'
        ? 'Make one: open the app, or “repairbench init --admin NAME”.'
        : 'Unlock it with the recovery key.',
  };
}

const key = ({ protectorKind }: StationLife): Check => ({
  id: 'key',
  title: 'Key of the data',
  ok: true,
  detail:
    protectorKind === 'keychain'
      ? 'kept by the operating system’s keychain'
      : 'kept in a private file of this user, away from the data',
  hint: null,
});

function space({ dataDir }: StationLife): Check {
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  return {
    id: 'space',
    title: 'Free space',
    ok: free >= LOW_SPACE_BYTES,
    detail: `${(free / 1e9).toFixed(1)} GB free for ${dataDir}`,
    hint: 'Free some space: a long log may need 1 GB.',
  };
}

function folder({ dataDir }: StationLife): Check {
  const open = process.platform !== 'win32' && (statSync(dataDir).mode & 0o077) !== 0;
  return {
    id: 'folder',
    title: 'Data folder',
    ok: !open,
    detail: open ? `${dataDir} can be entered by other users` : `${dataDir} is private`,
    hint: `Make it private: chmod 700 ${dataDir}`,
  };
}

function procedures(life: StationLife): Check {
  const problems = life.opened()?.runs.problems() ?? [];
  return {
    id: 'procedures',
    title: 'Procedures',
    ok: problems.length === 0,
    detail: problems.length === 0 ? 'all can be run' : problems.map(formatProblem).join('; '),
    hint: 'Correct the named line; a broken procedure does not run, the others do.',
  };
}

function resources(life: StationLife): Check {
  const problems = life.opened()?.resourceProblems ?? [];
  return {
    id: 'resources',
    title: 'Policies and causes',
    ok: problems.length === 0,
    detail: problems.length === 0 ? 'all can be used' : problems.map(({ message }) => message).join(' '),
    hint: 'Correct the named line; a broken file is left out, the others are used.',
  };
}

async function artifacts(life: StationLife): Promise<Check> {
  const { count, folder } = (await life.opened()?.artifacts.unreferenced()) ?? { count: 0, folder: '' };
  return {
    id: 'artifacts',
    title: 'Artifact files',
    ok: count === 0,
    detail:
      count === 0 ? 'the log knows all of them' : `the log does not know ${count} of them, kept in ${folder}`,
    hint: 'Was an older database put back? With the newer one they return to their places. A crash can leave one.',
  };
}

async function ports(life: StationLife): Promise<Check[]> {
  const found = await listPorts();
  const checks: Check[] = [
    {
      id: 'ports',
      title: 'Serial ports',
      ok: true,
      detail: found.length === 0 ? 'none plugged in' : found.map((port) => port.path).join(', '),
      hint: null,
    },
  ];
  for (const port of life.opened()?.ports.list() ?? []) {
    if (port.address.startsWith('tcp:') || port.state === 'absent') continue;
    const may = mayOpen(port.address);
    if (may !== false) continue;
    checks.push({
      id: `port-${port.id}`,
      title: `Port ${port.label}`,
      ok: false,
      detail: `this user may not open ${port.address}`,
      hint: 'Add the user to the group that owns it (often “dialout”) and sign in again.',
    });
  }
  return checks;
}

/** Null when nothing is there. */
function mayOpen(path: string): boolean | null {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? false : null;
  }
}
