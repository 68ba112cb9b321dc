import { createRouterClient, ORPCError } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractMeta } from '../../shared/contract/base.ts';
import { contract } from '../../shared/contract/index.ts';
import { ROLES, type Role } from '../../shared/model/people.ts';
import { makeBench, type TestBench } from '../support/bench.ts';

/** Every call of the contract with its permission, as `path.name`. */
function calls(tree: object, path: string[] = []): { path: string[]; meta: ContractMeta }[] {
  return Object.entries(tree).flatMap(([name, node]: [string, object]) =>
    '~orpc' in node
      ? [{ path: [...path, name], meta: (node as { '~orpc': { meta: ContractMeta } })['~orpc'].meta }]
      : calls(node, [...path, name]),
  );
}
const all = calls(contract);

let bench: TestBench;
const tokens = new Map<Role | null, string | null>([[null, null]]);
beforeAll(async () => {
  bench = await makeBench();
  for (const role of ROLES) {
    const pin = '13579';
    await bench.client.people.add({ name: `The ${role}`, role, pin });
    tokens.set(role, (await bench.client.session.signIn({ name: `The ${role}`, pin })).token);
  }
});
afterAll(() => bench.close());

/** What a call with an input that fits nothing ends as: past the guard it is refused as invalid. */
async function outcome(path: string[], role: Role | null): Promise<string> {
  const token = tokens.get(role);
  const client = createRouterClient(bench.station.router, {
    context: { headers: token ? { authorization: `Bearer ${token}` } : {} },
  });
  let node: unknown = client;
  for (const name of path) node = (node as Record<string, unknown>)[name];
  try {
    await (node as (input: unknown) => Promise<unknown>)({ nothing: 'that fits', id: 'no', seq: [] });
    return 'done';
  } catch (error) {
    if (!(error instanceof ORPCError)) throw error;
    return (error.data as { code: string }).code;
  }
}

describe.each([...ROLES, null])('as %s', (role) => {
  // Signing out would end the very session that the other calls need.
  const tried = all.filter(({ path }) => path.join('.') !== 'session.signOut');
  it.each(tried.map(({ path, meta }) => [path.join('.'), path, meta] as const))(
    '%s',
    async (_name, path, meta) => {
      const { permission } = meta;
      const result = await outcome(path, role);
      if (permission === 'anyone') expect(result).not.toMatch(/^people\.(signed-out|not-allowed)$/);
      else if (role === null) expect(result).toBe('people.signed-out');
      else if (permission === 'signed-in' || permission.includes(role)) {
        expect(result).not.toMatch(/^people\.(signed-out|not-allowed)$/);
      } else expect(result).toBe('people.not-allowed');
    },
  );
});

describe('the contract', () => {
  it('names a permission for every call', () => {
    for (const { path, meta } of all) {
      const { permission } = meta;
      expect(
        permission === 'anyone' || permission === 'signed-in' || permission.length > 0,
        path.join('.'),
      ).toBe(true);
    }
  });

  it('lets an auditor change nothing', () => {
    const changing = all.filter(({ meta }) => Array.isArray(meta.permission));
    expect(changing.length).toBeGreaterThan(25);
    for (const { path, meta } of changing) expect(meta.permission, path.join('.')).not.toContain('auditor');
  });
});
