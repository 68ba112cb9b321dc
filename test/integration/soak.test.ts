import { chmod } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { check } from '../soak/check.ts';
import { plant } from '../soak/plant.ts';
import { startSite } from '../soak/site.ts';
import { temporaryFolder } from '../support/folders.ts';

/** Entries that each bench makes. */
const ENOUGH = 1_500;

describe('benches, hub and database in processes of their own', () => {
  it('lose nothing and double nothing when each is killed at work behind a bad network', async () => {
    const folder = await temporaryFolder();
    // As root, PostgreSQL runs as a user of its own and has to get there.
    await chmod(folder, 0o711);
    const site = await startSite({ folder, benches: 2, seed: 2026, enough: ENOUGH });
    onTestFinished(() => site.close());
    const { hub, proxy, benches } = site;
    proxy.mischief();
    for (const bench of benches) bench.work();
    await site.reach(500);
    await benches[0]?.kill();
    await benches[0]?.start();
    await site.reach(1_000);
    await hub.kill();
    await hub.start();
    await site.reach(1_500);
    hub.killDatabase();
    await site.reach(2 * ENOUGH);
    const ended = await site.settle();
    const database = hub.openDatabase();
    onTestFinished(() => database.end());
    const look = () => check(database, hub.data, ended);
    const { findings, promised, outcomes } = await look();
    expect(findings).toEqual([]);
    expect(promised).toBeGreaterThanOrEqual(2 * ENOUGH);
    expect(outcomes.applied).toBeGreaterThan(ENOUGH);

    // The same check, on a hub that has lost one of them, and then another one twice.
    await plant(database, 'lose');
    expect((await look()).findings.join('\n')).toMatch(/the hub has \d+ of its \d+ entries/);
    await plant(database, 'double');
    expect((await look()).findings.join('\n')).toMatch(/is on the hub 2 times/);
  }, 240_000);
});
