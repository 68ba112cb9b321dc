import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { label, type TestCases } from '../cases/testing.ts';
import { type TestSite, testSite } from '../testing/site.ts';
import { verifyLog } from './verify-log.ts';

let site: TestSite;
let b: TestCases;
beforeEach(() => {
  site = testSite(2);
  const [a, other] = site.benches as [TestCases, TestCases];
  b = other;
  for (const serial of ['SN-1', 'SN-2', 'SN-3']) a.open({ label: label({ serial }) });
  b.open({ label: label({ serial: 'SN-4' }) });
  site.settle();
});
afterEach(() => site.dispose());

const codes = async () => (await verifyLog(b.db)).findings.map(({ where, code }) => [where, code]);

describe('the site’s history on a bench', () => {
  it('is whole as it was read', async () => {
    expect(await verifyLog(b.db)).toMatchObject({
      ok: true,
      summary: expect.stringContaining('site’s history'),
    });
  });

  it.each([
    ['another bench’s words', "UPDATE foreign_ops SET body = replace(body, 'SN-2', 'SN-9')", 'feed.body'],
    ['who did it', "UPDATE foreign_ops SET actor_name = 'Mallory' WHERE n = 2", 'feed.link'],
    ['what is missing', 'DELETE FROM feed WHERE n = 2', 'feed.hole'],
    ['the order', 'UPDATE feed SET hash = (SELECT hash FROM feed WHERE n = 1) WHERE n = 3', 'feed.link'],
  ])('shows %s when it was changed', async (_what, text, code) => {
    b.db.exec(text);
    expect(await codes()).toContainEqual([expect.stringContaining('operation'), code]);
  });
});
