import { clientOf, openTestStation } from './bench.ts';

/*
 * A station that works without a pause until it is killed: `busy-station.ts DATA KEYS PORT TOKEN`.
 * Prints `committed SEQ` for each change that reached a window: all of that must outlive the process.
 */
const [dataDir = '', keysDir = '', portId = '', token = ''] = process.argv.slice(2);
const station = await openTestStation(dataDir, keysDir);
const client = clientOf(station, token);
const [opened] = await client.cases.find({ text: 'B1-1' });
if (!opened) throw new Error('no case to work on');

const events = await client.station.events({ cursor: null });
void (async () => {
  for await (const event of events) {
    if (event.type === 'changed') process.stdout.write(`committed ${event.cursor}\n`);
  }
})();

for (;;) {
  for (const procedureId of ['at-intake', 'at-quick-diagnosis']) {
    const run = await client.runs.start({ procedureId, caseId: opened.id, portId });
    process.stdout.write(`running ${run.id}\n`);
    while ((await client.runs.get({ id: run.id })).state === 'running') {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.cases.note({ id: opened.id, text: `done ${run.id}` });
  }
}
