import { BenchError } from '../../../shared/errors/index.ts';
import { formatInstant } from '../../../shared/instants.ts';
import { Role } from '../../../shared/model/people.ts';
import type { Connection } from '../connect.ts';
import { type Context, personNamed, secretFrom } from '../context.ts';
import { type Result, table } from '../output.ts';

const newPin = (whose: string) => secretFrom('REPAIRBENCH_NEW_PIN', whose);

function roleNamed(text: string): Role {
  const role = Role.safeParse(text);
  if (role.success) return role.data;
  throw new BenchError('input.invalid', {
    detail: `There is no role “${text}”: ${Role.options.join(', ')}.`,
  });
}

export async function personAdd(
  { client }: Context,
  name: string,
  options: { role: string },
): Promise<Result> {
  const role = roleNamed(options.role);
  const person = await client.people.add({ name, role, pin: newPin('the new person’s PIN') });
  return { document: person, text: `${person.name} is a ${person.role} now.` };
}

export async function personList({ client, zone }: Context): Promise<Result> {
  const people = await client.people.list();
  const rows = people.map((p) => [
    p.name,
    p.role,
    p.active ? 'active' : 'left',
    p.lastSignInAt ? formatInstant(p.lastSignInAt, zone) : '–',
    p.id,
  ]);
  return { document: people, text: table(['name', 'role', 'state', 'last sign-in', 'id'], rows) };
}

export async function personSet(
  context: Context,
  name: string,
  options: { role?: string; leave?: boolean; return?: boolean; newPin?: boolean },
): Promise<Result> {
  if (options.leave && options.return) {
    throw new BenchError('input.invalid', { detail: 'Give --leave or --return, not both.' });
  }
  const change = {
    ...(options.role === undefined ? {} : { role: roleNamed(options.role) }),
    ...(options.leave || options.return ? { active: options.return === true } : {}),
    ...(options.newPin ? { pin: newPin('their new PIN') } : {}),
  };
  if (Object.keys(change).length === 0) {
    throw new BenchError('input.invalid', {
      detail: 'Say what to change: --role, --leave, --return or --new-pin.',
    });
  }
  const { id } = await personNamed(context, name);
  const person = await context.client.people.update({ id, ...change });
  return {
    document: person,
    text: `${person.name}: ${person.role}, ${person.active ? 'active' : 'left'}.`,
  };
}

/** From the PIN that signed in to the one in `REPAIRBENCH_NEW_PIN`. */
export async function ownPin({ client, person }: Context): Promise<Result> {
  const current = secretFrom('REPAIRBENCH_PIN', 'your PIN');
  await client.session.setMyPin({ current, next: newPin('your new PIN') });
  return { document: { ok: true }, text: `${person.name} has a new PIN.` };
}

/** For an administrator who forgot it: the printed key from `REPAIRBENCH_RECOVERY_KEY` stands for the old PIN. */
export async function resetPin({ client }: Connection, name: string): Promise<Result> {
  const recoveryKey = secretFrom('REPAIRBENCH_RECOVERY_KEY', 'the printed recovery key');
  await client.session.resetPin({ recoveryKey, name, pin: newPin('the administrator’s new PIN') });
  return { document: { ok: true }, text: `${name} has a new PIN; it is no longer locked out.` };
}
