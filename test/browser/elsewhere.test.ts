import { chmod } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { logText } from '../../electron/station/evidence/testing.ts';
import { makeBench } from '../support/bench.ts';
import { sha256 } from '../support/blobs.ts';
import { temporaryFolder } from '../support/folders.ts';
import { testHub } from '../support/hub.ts';
import { describeWith } from '../support/parts.ts';
import { judge, openApp, region, setUpBench } from './bench.ts';

describeWith(['chromium'], 'files of another bench', () => {
  test('say where they are, come when they are asked for, and say why when they cannot', {
    timeout: 240_000,
  }, async () => {
    const folder = await temporaryFolder();
    // As root, PostgreSQL runs as a user of its own and has to get there.
    await chmod(folder, 0o711);
    const hub = await testHub(folder);
    let closing: Promise<void> | null = null;
    const closeHub = () => (closing ??= hub.close());
    onTestFinished(closeHub);
    const admin = await hub.admin();
    const other = await makeBench('live', { stationName: 'Window', benchPrefix: 'A' });
    onTestFinished(() => other.close());
    await other.client.hub.enrol({ url: hub.address, code: await admin.code() });
    const { id: caseId, number } = await other.client.cases.open({ label: { serial: 'R58T90KKL21' } });
    for (const name of ['kernel.log', 'boot.log']) {
      const content = new Uint8Array(logText(600_000, name.length));
      const { uploadId } = await other.client.artifacts.begin({
        caseId,
        kind: 'log',
        name,
        mime: 'text/plain',
      });
      await other.client.artifacts.append({ uploadId, offset: 0, bytes: new Blob([content]) });
      await other.client.artifacts.finish({ uploadId, sha256: sha256(content) });
    }
    await other.client.hub.sync();
    await expect.poll(() => other.client.hub.blobs(), { timeout: 20_000 }).toMatchObject({ pending: 0 });

    const { page, complaints } = await openApp();
    await setUpBench(page, 'Live');
    await page.keyboard.press('Alt+3');
    const panel = region(page, 'Hub');
    await panel.getByLabel('Address of the hub').fill(hub.address);
    await panel.getByLabel('One-time code').fill(await admin.code());
    await panel.getByRole('button', { name: 'Join the hub' }).click();
    await panel.getByText('Lab', { exact: true }).waitFor();
    await page.keyboard.press('Alt+2');
    await page.getByRole('grid', { name: 'Cases' }).getByText(number).click();
    const file = (name: string) =>
      region(page, 'Photos and files').getByRole('listitem').filter({ hasText: name });
    await file('kernel.log')
      .getByText(/on Window/)
      .waitFor();
    await file('kernel.log').getByText('not here yet').waitFor();
    expect(await file('kernel.log').getByRole('button', { name: 'Read' }).count()).toBe(0);
    await judge(page, 'files-elsewhere');
    await file('kernel.log').getByRole('button', { name: 'Fetch' }).click();
    await file('kernel.log').getByRole('button', { name: 'Read' }).click();
    await page.getByRole('dialog', { name: 'kernel.log' }).getByText('kernel').first().waitFor();
    await page.keyboard.press('Escape');
    await closeHub();
    await file('boot.log').getByRole('button', { name: 'Fetch' }).click();
    await file('boot.log')
      .getByText(/“boot.log” was added on Window and could not be fetched/)
      .waitFor();
    await file('boot.log')
      .getByText(/Open it on Window/)
      .waitFor();
    await judge(page, 'files-elsewhere-away');
    expect(await file('kernel.log').getByText('not here yet').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
