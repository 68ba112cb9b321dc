import { expect, it } from 'vitest';
import type { Op } from '../../shared/ops/define.ts';
import { createEvents } from './events.ts';

const op = (caseId: string) => ({ entity: 'case', entityId: caseId, caseId }) as Op;

async function firstOf(events: ReturnType<typeof createEvents>, cursor: number) {
  const stop = new AbortController();
  for await (const event of events.watch(cursor, stop.signal)) return event;
  throw new Error('it told nothing');
}

it('a window that was away is told what it missed', async () => {
  let n = 5;
  const events = createEvents({ cursor: () => n });
  n = 6;
  events.committed([op('one')]);
  n = 7;
  events.committed([op('two')]);
  expect(await firstOf(events, 6)).toMatchObject({
    type: 'changed',
    cursor: 7,
    topics: ['cases', 'case:two'],
  });
});

it('a window that was away while the history went back reads everything again, however far it has come since', async () => {
  let n = 5;
  const events = createEvents({ cursor: () => n });
  n = 8;
  events.committed([op('one')]);
  const seen = events.cursor();
  n = 3;
  events.anew();
  for (n = 4; n <= 12; n++) events.committed([op(`after ${n}`)]);
  n = 12;
  expect(await firstOf(events, seen)).toMatchObject({ type: 'reset' });
});
