import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchProcess, makeBenchProcess } from './bench-process.ts';
import { dice } from './dice.ts';
import { type HubProcess, makeHubProcess } from './hub-process.ts';
import type { Progress, Settled } from './messages.ts';
import { type BadNetwork, startProxy } from './proxy.ts';

export interface SiteOptions {
  /** PostgreSQL runs as a user of its own and has to get through it. */
  readonly folder: string;
  readonly benches: number;
  readonly seed: number;
  /** Entries after which a bench makes no more work. */
  readonly enough: number;
}

/** A bench whose process has ended, and how it said that things stand. */
export interface Ended {
  readonly folder: string;
  readonly prefix: string;
  readonly settled: Progress & Settled;
}

/** A hub and its benches, each in a process of its own, and the proxy between them. */
export interface Site {
  readonly hub: HubProcess;
  readonly proxy: BadNetwork;
  readonly benches: readonly BenchProcess[];
  /** Rejects with the first thing that happens and that no kill and no cut explains. */
  readonly failed: Promise<never>;
  /** Another code to join by. */
  code(): Promise<string>;
  /** Entries in the logs of all benches together. */
  entries(): number;
  /** Resolves when the entries are that many. */
  reach(entries: number): Promise<void>;
  /** Lets everything pass; when every bench has sent and read all there is, they end and say how they stood. */
  settle(): Promise<readonly Ended[]>;
  close(): Promise<void>;
}

const LOOK_MS = 50;

/** Starts hub and benches; the benches have joined and wait for work. */
export async function startSite({ folder, benches: count, seed, enough }: SiteOptions): Promise<Site> {
  let reject: (why: Error) => void = () => {};
  const failed = new Promise<never>((_, rejects) => {
    reject = rejects;
  });
  // Whoever waits for something else meanwhile hears of it later.
  failed.catch(() => {});
  const trouble = (what: string) => reject(new Error(what));
  const hub = await makeHubProcess(folder, trouble);
  await hub.start();
  const known = join(folder, 'proxy.port');
  // Benches that have joined know it.
  const port = existsSync(known) ? Number(readFileSync(known, 'utf8')) : 0;
  const proxy = await startProxy(hub.port, dice(seed), port);
  writeFileSync(known, `${proxy.port}`);
  // A hub that had its first administrator before gives no link; its benches have joined already.
  const code = hub.adminLink ? await codeMaker(hub) : async () => '';
  const benches: BenchProcess[] = [];
  for (let n = 1; n <= count; n++) {
    const join_ = { url: `http://127.0.0.1:${proxy.port}`, code: await code() };
    const own = { folder: join(folder, `bench-${n}`), prefix: `B${n}`, seed: seed * 1000 + n };
    benches.push(makeBenchProcess({ ...own, join: join_, enough }, trouble));
  }
  for (const bench of benches) await bench.start();

  let closed = false;
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo() && !closed) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };
  const entries = () => benches.reduce((sum, { progress }) => sum + progress.entries, 0);

  async function settle(): Promise<readonly Ended[]> {
    proxy.heal();
    await Promise.all(benches.map((bench) => bench.rest()));
    await until(() => benches.every(({ progress }) => progress.entries === progress.acknowledged));
    const database = hub.openDatabase();
    const { rows } = await database.query<{ n: number }>('SELECT n FROM sites');
    await database.end();
    const n = rows[0]?.n ?? 0;
    return Promise.all(
      benches.map(async (bench) => {
        const settled = await bench.settle(n);
        await bench.kill();
        const { folder: own, prefix } = bench.argument;
        return { folder: own, prefix, settled };
      }),
    );
  }

  return {
    hub,
    proxy,
    benches,
    code,
    failed,
    entries,
    reach: (wanted) => Promise.race([failed, until(() => entries() >= wanted)]),
    settle: () => Promise.race([failed, settle()]),
    async close() {
      closed = true;
      await Promise.all(benches.map((bench) => bench.kill()));
      await proxy.close();
      await hub.stop();
    },
  };
}

/** Makes codes as the first administrator. */
async function codeMaker(hub: HubProcess): Promise<() => Promise<string>> {
  const link = new URL(hub.adminLink);
  const ask = async (path: string, body: object, token?: string) => {
    const answer = await fetch(new URL(path, link.origin), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { token?: string; code?: string };
  };
  const { token } = await ask('/v1/admin/claim', { token: link.hash.slice(1), name: 'Soak' });
  return async () => (await ask('/v1/admin/codes', {}, token)).code ?? '';
}
