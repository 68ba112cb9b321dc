import { PROTOCOL } from '../../shared/contract/station.ts';
import { BenchError } from '../../shared/errors/index.ts';
import type { CaseView } from '../../shared/model/cases.ts';
import type { Person } from '../../shared/model/people.ts';
import type { PortView } from '../../shared/model/ports.ts';
import type { Connection } from './connect.ts';

/** What only the environment may tell, so that it stands in no history and no process list. */
export function secretFrom(variable: string, what: string): string {
  const value = process.env[variable];
  if (!value) throw new BenchError('input.invalid', { detail: `Put ${what} into ${variable}.` });
  return value;
}

/** Options that every command takes. */
export interface CommonOptions {
  data?: string;
  as?: string;
  json?: boolean;
}

/** What a command works with: a station, and the person it works as. */
export interface Context extends Connection {
  readonly person: Person;
  /** The site's time zone, for people's times. */
  readonly zone: string;
}

/** Signs in as `--as`, or as the only person there is, with the PIN from `REPAIRBENCH_PIN`. */
export async function signIn(
  connection: Connection,
  as: string | undefined,
  dataDir: string,
): Promise<Context> {
  const hello = await connection.client.station.hello({ protocol: PROTOCOL, client: 'command line' });
  if (hello.state === 'new') throw new BenchError('storage.not-initialised', { path: dataDir });
  if (hello.state === 'locked') {
    throw new BenchError(hello.keyElsewhere ? 'storage.keychain-elsewhere' : 'storage.locked', {
      path: dataDir,
    });
  }
  const only = hello.people.length === 1 ? hello.people[0]?.name : undefined;
  const name = as ?? only;
  if (!name) {
    throw new BenchError('input.invalid', { detail: 'Say who you are with --as NAME.' });
  }
  const pin = secretFrom('REPAIRBENCH_PIN', 'your PIN');
  const session = await connection.client.session.signIn({ name, pin });
  connection.setToken(session.token);
  const { timeZone } = await connection.client.station.settings();
  return { ...connection, person: session.person, zone: timeZone };
}

/** The remembered port of that path, label or id. Throws `input.not-found`. */
export async function knownPort(context: Context, path: string): Promise<PortView> {
  const port = await findPort(context, path);
  if (!port) throw new BenchError('input.not-found', { what: 'port', id: path });
  return port;
}

/** The port of that path; one that is not remembered yet is added, its family to be worked out. */
export const portAt = async (context: Context, path: string): Promise<PortView> =>
  (await findPort(context, path)) ?? context.client.ports.add({ address: path });

async function findPort({ client }: Context, path: string): Promise<PortView | undefined> {
  const ports = await client.ports.list();
  return ports.find((port) => port.address === path || port.label === path || port.id === path);
}

/** Somebody by name, in capitals or not, or by id. Throws `input.not-found`. */
export async function personNamed({ client }: Context, text: string): Promise<Person> {
  const wanted = text.trim().toLowerCase();
  const found = (await client.people.list()).find(
    ({ id, name }) => id === wanted || name.toLowerCase() === wanted,
  );
  if (!found) throw new BenchError('input.not-found', { what: 'person', id: text });
  return found;
}

/** A case by number, id, serial or IMEI; the open one when there are several. */
export async function caseOf({ client }: Context, text: string): Promise<CaseView> {
  const found = await client.cases.find({ text });
  const first = found[0];
  if (!first) throw new BenchError('input.not-found', { what: 'case', id: text });
  return client.cases.get({ id: first.id });
}

/** A whole number of at least one, as an option gives it. */
export function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new BenchError('input.invalid', { detail: `${option} ${text}: give a whole number from 1 on.` });
}

/** One of a few words, as an option gives it. */
export function oneOf<T extends string>(option: string, text: string, words: readonly T[]): T {
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  throw new BenchError('input.invalid', {
    detail: `${option} “${text}”: there is no such thing. There are: ${words.join(', ')}.`,
  });
}

/** `KEY=VALUE`, as often as given. */
export function pairs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new BenchError('input.invalid', { detail: `“${text}” is not KEY=VALUE.` });
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
