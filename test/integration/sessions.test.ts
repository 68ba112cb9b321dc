import { createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StationClient } from '../../shared/contract/index.ts';
import { IDLE_HEADER } from '../../shared/contract/station.ts';
import { makeBench, type TestBench } from '../support/bench.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await makeBench();
});
afterAll(() => bench.close());

test('a stream of events ends with its session, before it tells anything more', async () => {
  const tom = await bench.client.people.add({ name: 'Tom', role: 'technician', pin: '1111' });
  const { token } = await bench.client.session.signIn({ name: 'Tom', pin: '1111' });
  const events = await bench.clientAs(token).station.events({ cursor: null });
  expect((await events.next()).value).toMatchObject({ type: 'reset' });
  await bench.client.cases.open({ fields: { customer: 'Nordwind' } });
  expect((await events.next()).value).toMatchObject({ type: 'changed' });

  const next = events.next();
  await bench.client.people.update({ id: tom.id, active: false });
  await expect(next).rejects.toMatchObject({ code: 'SIGNED_OUT', data: { code: 'people.signed-out' } });
});

test('a window that nobody has touched for too long is signed out, whatever it reads', async () => {
  const { sessionMinutes } = await bench.client.station.settings();
  const window = (idle: string) =>
    createRouterClient(bench.station.router, {
      context: { headers: { authorization: `Bearer ${bench.token}`, [IDLE_HEADER]: idle } },
    }) as unknown as StationClient;
  await window(String(sessionMinutes * 60 - 60)).cases.list({});
  await expect(window(String(sessionMinutes * 60 + 1)).cases.list({})).rejects.toMatchObject({
    code: 'SIGNED_OUT',
  });
  // A hand on the keyboard, or a header that says nothing: it was used just now.
  await window('0').cases.list({});
  await window('soon').cases.list({});
});
