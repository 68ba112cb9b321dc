import { createHash } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startRack } from '../../electron/rack/rack.ts';
import type { StationClient } from '../../shared/contract/index.ts';
import { clientOf, makeBench, openTestStation } from '../support/bench.ts';
import { waitForRun } from '../support/runs.ts';

const PHOTO = { kind: 'photo', name: 'board.jpg', mime: 'image/jpeg' } as const;
const coded = (code: string) => ({ data: { code } });

async function upload(client: StationClient, caseId: string, content: string) {
  const { uploadId } = await client.artifacts.begin({ ...PHOTO, caseId });
  await client.artifacts.append({ uploadId, offset: 0, bytes: new Blob([content]) });
  const sha256 = createHash('sha256').update(content).digest('hex');
  return client.artifacts.finish({ uploadId, sha256 });
}

it('a file is put down to a run of its own case only', async () => {
  const rack = await startRack({ units: [{ family: 'at' }] });
  onTestFinished(() => rack.close());
  const bench = await makeBench();
  onTestFinished(() => bench.close());
  const { client } = bench;
  const port = await client.ports.add({ address: rack.units[0]?.address ?? '', family: 'at' });
  await client.ports.identify({ id: port.id });
  const own = await client.cases.open({ portId: port.id });
  const other = await client.cases.open({ label: { serial: 'OTHER-1' } });
  const started = await client.runs.start({ procedureId: 'at-intake', caseId: own.id, portId: port.id });
  const run = await waitForRun(client, started);

  const begin = (caseId: string, runId: string) => client.artifacts.begin({ ...PHOTO, caseId, runId });
  await expect(begin(other.id, run.id)).rejects.toMatchObject(coded('upload.other-case'));
  await expect(begin(own.id, other.id)).rejects.toMatchObject(coded('input.not-found'));
  expect((await begin(own.id, run.id)).uploadId).toBeTruthy();
});

it('an older database put back costs no artifact: the newer one finds them all again', async () => {
  const bench = await makeBench();
  onTestFinished(() => bench.close());
  const opened = await bench.client.cases.open({ label: { serial: 'S-1' } });
  await bench.station.close();
  const database = join(bench.dataDir, 'bench.db');
  const [older, newer] = [`${database}.older`, `${database}.newer`];
  await copyFile(database, older);

  let station = await openTestStation(bench.dataDir, bench.keysDir);
  onTestFinished(() => station.close());
  const added = await upload(clientOf(station, bench.token), opened.id, 'the board');
  await station.close();
  await copyFile(database, newer);

  const files = async () => {
    station = await openTestStation(bench.dataDir, bench.keysDir);
    const { checks } = await clientOf(station, bench.token).station.doctor();
    return checks.find(({ id }) => id === 'artifacts');
  };
  await copyFile(older, database);
  expect(await files()).toMatchObject({ ok: false, detail: expect.stringContaining('does not know 1') });
  await station.close();
  const log = await readFile(join(bench.dataDir, 'log', 'station.log'), 'utf8');
  expect(log).toContain('"setAside":1');

  await copyFile(newer, database);
  expect(await files()).toMatchObject({ ok: true });
  const { verify } = clientOf(station, bench.token);
  expect(await verify.artifact({ id: added.id })).toMatchObject({ ok: true });
});
