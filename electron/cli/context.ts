import { PROTOCOL } from '../../shared/contract/station.ts';
import { BenchError } from '../../shared/errors/index.ts';
import type { CaseView } from '../../shared/model/cases.ts';
import type { Person } from '../../shared/model/people.ts';
import type { PortView } from '../../shared/model/ports.ts';
import type { Connection } from './connect.ts';

/** Options that every command takes. */
export interface CommonOptions {
  data?: string;
  as?: string;
  json?: boolean;
}

/** What a command works with: a station, and the person it works as. */
export interface Context extends Connection {
  readonly person: Person;
}

/** Signs in as `--as`, or as the only person there is, with the PIN from `REPAIRBENCH_PIN`. */
export async function signIn(
  connection: Connection,
  as: string | undefined,
  dataDir: string,
): Promise<Context> {
  const hello = await connection.client.station.hello({ protocol: PROTOCOL, client: 'command line' });
  if (hello.state === 'new') throw new BenchError('storage.not-initialised', { path: dataDir });
  if (hello.state === 'locked') throw new BenchError('storage.locked', { path: dataDir });
  const only = hello.people.length === 1 ? hello.people[0]?.name : undefined;
  const name = as ?? only;
  if (!name) {
    throw new BenchError('input.invalid', { detail: 'Say who you are with --as NAME.' });
  }
  const pin = process.env.REPAIRBENCH_PIN;
  if (!pin) throw new BenchError('input.invalid', { detail: 'Put your PIN into REPAIRBENCH_PIN.' });
  const session = await connection.client.session.signIn({ name, pin });
  connection.setToken(session.token);
  return { ...connection, person: session.person };
}

/** The port of that path; one that is not remembered yet is added, its family to be worked out. */
export async function portAt({ client }: Context, path: string): Promise<PortView> {
  const ports = await client.ports.list();
  const known = ports.find((port) => port.address === path || port.label === path || port.id === path);
  return known ?? client.ports.add({ address: path });
}

/** A case by number, id, serial or IMEI; the open one when there are several. */
export async function caseOf({ client }: Context, text: string): Promise<CaseView> {
  const found = await client.cases.find({ text });
  const first = found[0];
  if (!first) throw new BenchError('input.not-found', { what: 'case', id: text });
  return client.cases.get({ id: first.id });
}
