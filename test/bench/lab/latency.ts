import type { StationClient } from '../../../shared/contract/index.ts';
import type { Site } from '../../soak/site.ts';
import { makeBench } from '../../support/bench.ts';

/**
 * One note after another at one bench, each until the other bench shows it: two real stations, their own loops, the
 * hub’s long poll in between. Gives milliseconds from the call that writes to the call that reads it.
 */
export async function changeToOtherBench(site: Site, changes: number): Promise<number[]> {
  const here = await makeBench('live');
  const there = await makeBench('live');
  const stop = new AbortController();
  try {
    const url = `http://127.0.0.1:${site.hub.port}`;
    for (const [{ client }, benchPrefix] of [
      [here, 'L1'],
      [there, 'L2'],
    ] as const) {
      await client.station.setSettings({ benchPrefix });
      await client.hub.enrol({ url, code: await site.code() });
    }
    const { id } = await here.client.cases.open({ label: { serial: 'LATENCY' } });
    const shown = follow(there.client, id, stop.signal);
    const took: number[] = [];
    for (let n = 0; n < changes; n++) {
      const text = `Note ${n}`;
      const start = performance.now();
      const isShown = shown(text);
      await here.client.cases.note({ id, text });
      await isShown;
      took.push(performance.now() - start);
    }
    return took;
  } finally {
    stop.abort();
    await here.close();
    await there.close();
  }
}

/** Reads a case whenever the bench says that it changed, as a window does; resolves when it shows a text. */
function follow(client: StationClient, id: string, signal: AbortSignal): (text: string) => Promise<void> {
  let wanted: { text: string; resolve: () => void } | null = null;
  async function read(): Promise<void> {
    for await (const event of await client.station.events({ cursor: null }, { signal })) {
      if (event.type !== 'changed' || !event.topics.includes(`case:${id}`) || !wanted) continue;
      const { text, resolve } = wanted;
      const timeline = await client.cases.timeline({ id });
      if (timeline.some((entry) => entry.text.endsWith(text))) resolve();
    }
  }
  void read().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return (text) =>
    new Promise((resolve) => {
      wanted = { text, resolve };
    });
}
