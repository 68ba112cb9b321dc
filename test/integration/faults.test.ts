import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startRack } from '../../electron/rack/rack.ts';
import { clientOf, makeBench, openTestStation, type TestBench } from '../support/bench.ts';
import { startProcess } from '../support/processes.ts';
import { waitForRun } from '../support/runs.ts';

const BUSY = fileURLToPath(new URL('../support/busy-station.ts', import.meta.url));

/** A small generator (mulberry32), so that “random” moments are the same in each run of the test. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

async function benchWithPhone(): Promise<{
  bench: TestBench;
  rack: Awaited<ReturnType<typeof startRack>>;
  portId: string;
}> {
  const rack = await startRack({ units: [{ family: 'at' }] });
  const bench = await makeBench();
  const port = await bench.client.ports.add({ address: rack.units[0]?.address ?? '', family: 'at' });
  await bench.client.ports.identify({ id: port.id });
  await bench.client.cases.open({ portId: port.id });
  return { bench, rack, portId: port.id };
}

describe('a station that is killed', () => {
  it('loses nothing that was committed, and shows what it was doing as interrupted', async () => {
    const { bench, rack, portId } = await benchWithPhone();
    const random = seeded(20261);
    let committed = 0;
    let interrupted = 0;
    await bench.station.close();
    try {
      for (let kill = 0; kill < 10; kill++) {
        const started: string[] = [];
        const child = startProcess(
          process.execPath,
          [BUSY, bench.dataDir, bench.keysDir, portId, bench.token],
          {
            stdio: ['ignore', 'pipe', 'inherit'],
          },
        );
        if (!child.stdout) throw new Error('no output');
        const after = 2 + Math.floor(random() * 30);
        let lines = 0;
        for await (const line of createInterface({ input: child.stdout })) {
          const [what, value = ''] = line.split(' ');
          if (what === 'committed') {
            committed = Math.max(committed, Number(value));
            if (++lines === after) child.kill('SIGKILL');
          } else if (what === 'running') started.push(value);
        }
        if (child.signalCode === null && child.exitCode === null) await once(child, 'exit');
        expect(child.signalCode).toBe('SIGKILL');

        const station = await openTestStation(bench.dataDir, bench.keysDir);
        const client = clientOf(station, bench.token);
        const report = await client.verify.log();
        expect(report.findings).toEqual([]);
        expect(report.checked).toBeGreaterThanOrEqual(committed);
        for (const id of started) {
          const run = await client.runs.get({ id });
          expect(run.state).toBe('ended');
          if (run.outcome === 'interrupted') interrupted += 1;
          else expect(run.outcome).toBe('pass');
          for (const phase of run.phases) expect(phase.state).not.toBe('running');
          for (const artifactId of run.phases.flatMap((phase) => phase.artifactIds)) {
            expect(await client.verify.artifact({ id: artifactId })).toMatchObject({ ok: true });
          }
        }
        await station.close();
      }
      expect(interrupted).toBeGreaterThan(0);
    } finally {
      await rack.close();
      await bench.close();
    }
  }, 120_000);
});

describe('a unit that is unplugged', () => {
  it('in each phase ends the run as interrupted, and the next run works', async () => {
    const { bench, rack, portId } = await benchWithPhone();
    const { client } = bench;
    const [unit] = rack.units;
    const [opened] = await client.cases.find({ text: 'B1-1' });
    if (!unit || !opened) throw new Error('no unit');
    try {
      const whole = await waitForRun(
        client,
        await client.runs.start({ procedureId: 'at-intake', caseId: opened.id, portId }),
      );
      const phases = whole.phases.filter((phase) => phase.state === 'done').map((phase) => phase.id);
      expect(phases.length).toBeGreaterThan(2);
      for (const phase of phases) {
        unit.setFault('slowness', true);
        const events = await client.station.events({ cursor: null });
        const run = await client.runs.start({ procedureId: 'at-intake', caseId: opened.id, portId });
        let seen: string | undefined;
        for await (const event of events) {
          if (event.type !== 'changed' && event.type !== 'reset') continue;
          const now = await client.runs.get({ id: run.id });
          seen = now.phases.find((entry) => entry.id === phase)?.state;
          if (seen === 'running' || seen === 'done' || now.state === 'ended') break;
        }
        unit.setFault('unplug', true);
        unit.setFault('slowness', false);
        const { outcome, errorCode } = await waitForRun(client, run);
        const gone = { seen: 'running', outcome: 'interrupted', errorCode: 'port.gone' };
        // Before the port was open there is no port, which is the bench's trouble.
        const never = { ...gone, outcome: 'error', errorCode: 'port.not-found' };
        const allowed = phase === 'connect' ? [gone, never] : [gone];
        expect(allowed, phase).toContainEqual({ seen, outcome, errorCode });
        unit.setFault('unplug', false);
      }
      const again = await waitForRun(
        client,
        await client.runs.start({ procedureId: 'at-intake', caseId: opened.id, portId }),
      );
      expect(again.outcome).toBe('pass');
      const outcomes = (await client.runs.list({ caseId: opened.id })).map((run) => run.outcome);
      expect(outcomes.filter((outcome) => outcome === 'interrupted').length).toBeGreaterThanOrEqual(
        phases.length - 1,
      );
      expect(await client.verify.log()).toMatchObject({ ok: true });
    } finally {
      await rack.close();
      await bench.close();
    }
  }, 120_000);
});

describe('damage on the disk', () => {
  it('to an artifact is named, and nothing of the damaged part is shown', async () => {
    const { bench, rack, portId } = await benchWithPhone();
    const { client } = bench;
    try {
      const [opened] = await client.cases.find({ text: 'B1-1' });
      const run = await client.runs.start({ procedureId: 'at-intake', caseId: opened?.id ?? '', portId });
      await waitForRun(client, run);
      const [artifact] = (await client.cases.get({ id: 'B1-1' })).artifacts;
      if (!artifact) throw new Error('no artifact');
      const folder = join(bench.dataDir, 'artifacts');
      const file = readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(folder, name))
        .find((path) => path.includes(artifact.id) && statSync(path).isFile());
      if (!file) throw new Error('no file');
      const bytes = readFileSync(file);
      const middle = Math.floor(bytes.length / 2);
      bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
      writeFileSync(file, bytes);
      const report = await client.verify.artifact({ id: artifact.id });
      expect(report.ok).toBe(false);
      expect(report.findings.length).toBeGreaterThan(0);
      await expect(client.artifacts.read({ id: artifact.id, offset: 0, length: 100 })).rejects.toMatchObject({
        data: { code: 'artifact.damaged' },
      });
      expect(await client.verify.log()).toMatchObject({ ok: true });
    } finally {
      await rack.close();
      await bench.close();
    }
  });
});

describe('the log alone', () => {
  it('makes every table anew as it was', async () => {
    const { bench, rack, portId } = await benchWithPhone();
    const { client } = bench;
    try {
      const [opened] = await client.cases.find({ text: 'B1-1' });
      await waitForRun(
        client,
        await client.runs.start({ procedureId: 'at-intake', caseId: opened?.id ?? '', portId }),
      );
      await client.cases.addCause({ id: opened?.id ?? '', code: 'HW.BATTERY.CAPACITY' });
      const before = await client.cases.get({ id: 'B1-1' });
      bench.station.rebuild();
      expect(await client.cases.get({ id: 'B1-1' })).toEqual(before);
      expect(await client.verify.log()).toMatchObject({ ok: true });
    } finally {
      await rack.close();
      await bench.close();
    }
  });
});
