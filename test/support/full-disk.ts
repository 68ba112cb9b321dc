import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isBenchError } from '../../shared/errors/index.ts';
import { clientOf, makeBench, openTestStation } from './bench.ts';
import { waitForRun } from './runs.ts';

/*
 * A bench on a small disk that fills, idle and in the middle of a run: `full-disk.ts DISK PHONE`.
 * Prints what a person would have met, as one document.
 */
const [disk = '', phone = ''] = process.argv.slice(2);
process.env.TMPDIR = disk;
const filler = join(disk, 'filler');

/** Writes until nothing more fits. */
function fill(): void {
  const file = openSync(filler, 'w');
  try {
    for (;;) writeSync(file, Buffer.alloc(4096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

/** The code of the error, or “done”. */
async function met(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return isBenchError(error)
      ? error.code
      : ((error as { data?: { code?: string } }).data?.code ?? `${error}`);
  }
}

const bench = await makeBench();
let { client } = bench;
const port = await client.ports.add({ address: phone, family: 'at' });
await client.ports.identify({ id: port.id });
const { id } = await client.cases.open({ portId: port.id });
const start = (procedureId: string) => client.runs.start({ procedureId, caseId: id, portId: port.id });
const view = async () => JSON.stringify(await client.cases.get({ id }));
await waitForRun(client, await start('at-intake'));

const before = await view();
fill();
const idle = {
  note: await met(client.cases.note({ id, text: 'one more' })),
  move: await met(client.cases.move({ id, to: 'diagnosing' })),
  run: await met(start('at-quick-diagnosis')),
  signIn: await met(client.session.signIn({ name: 'Ada', pin: '2468' })),
  backup: await met(client.station.backup({ path: join(disk, 'backup') })),
  read: await met(client.cases.get({ id })),
  log: await client.verify.log(),
  unchanged: (await view()) === before,
};
await bench.station.close();
let station = await openTestStation(bench.dataDir, bench.keysDir);
client = clientOf(station, bench.token);
const reopened = {
  unchanged: (await view()) === before,
  note: await met(client.cases.note({ id, text: 'again' })),
};
rmSync(filler);
const freed = await met(client.cases.note({ id, text: 'there is space again' }));

const run = await start('at-quick-diagnosis');
const events = await client.station.events({ cursor: null });
let isFull = false;
let held = '';
for await (const event of events) {
  if (!isFull && event.type === 'changed' && event.topics.includes(`run:${run.id}`)) {
    fill();
    isFull = true;
  }
  // The run is over, and says what its end waits for.
  if (event.type === 'run') held = event.progress?.label ?? '';
  if (held.includes(disk)) break;
}
const during = { note: await met(client.cases.note({ id, text: 'while it runs' })) };
rmSync(filler);
const { outcome, errorCode, phases } = await waitForRun(client, run);
await station.close();
station = await openTestStation(bench.dataDir, bench.keysDir);
client = clientOf(station, bench.token);
const after = {
  run: (await client.runs.get({ id: run.id })).outcome,
  log: await client.verify.log(),
  notes: (await client.cases.get({ id })).notes.map(({ text }) => text),
};
await station.close();
const states = phases.map(({ state }) => state);
console.log(
  JSON.stringify({ idle, reopened, freed, during: { ...during, held, outcome, errorCode, states }, after }),
);
