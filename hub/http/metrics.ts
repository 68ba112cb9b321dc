import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is asked of the database for each look. */
export interface Found {
  readonly stations: readonly { readonly state: string; readonly count: number }[];
  /** Of the newest backup, in seconds; null when there never was one. */
  readonly backupAgeS: number | null;
}

/** What an operator watches, in Prometheus' text form. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Histogram({
    name: 'repairbench_hub_request_seconds',
    help: 'Requests answered, by route and status.',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 30],
    registers,
  });
  const refused = new Counter({
    name: 'repairbench_hub_refused_total',
    help: 'Requests refused, by reason.',
    labelNames: ['code'],
    registers,
  });
  const pushed = new Counter({
    name: 'repairbench_hub_placed_total',
    help: 'Operations that got their place in a feed.',
    registers,
  });
  const pulled = new Counter({
    name: 'repairbench_hub_read_total',
    help: 'Operations handed out to benches.',
    registers,
  });
  const stations = new Gauge({
    name: 'repairbench_hub_stations',
    help: 'Benches, by state.',
    labelNames: ['state'],
    registers,
  });
  const database = new Gauge({
    name: 'repairbench_hub_database_up',
    help: 'Whether the database answers.',
    registers,
  });
  const backupAge = new Gauge({
    name: 'repairbench_hub_backup_age_seconds',
    help: 'Age of the newest backup; absent when there never was one.',
    registers,
  });
  const blobBytes = new Counter({
    name: 'repairbench_hub_blob_bytes_total',
    help: 'Bytes of artifacts’ content, received from benches and served to them.',
    labelNames: ['direction'],
    registers,
  });
  return {
    answered: (route: string, status: number, ms: number) =>
      requests.observe({ route, status: String(status) }, ms / 1000),
    refused: (code: string) => refused.inc({ code }),
    pushed: (count: number) => pushed.inc(count),
    pulled: (count: number) => pulled.inc(count),
    blobs: {
      received: (bytes: number) => blobBytes.inc({ direction: 'received' }, bytes),
      served: (bytes: number) => blobBytes.inc({ direction: 'served' }, bytes),
    },
    /** @param found null while the database does not answer: then nothing is said of what only it knows */
    text(found: Found | null): Promise<string> {
      stations.reset();
      backupAge.remove();
      database.set(found ? 1 : 0);
      for (const { state, count } of found?.stations ?? []) stations.set({ state }, count);
      if (found?.backupAgeS != null) backupAge.set(found.backupAgeS);
      return registry.metrics();
    },
  };
}
