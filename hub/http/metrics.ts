import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

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
  return {
    answered: (route: string, status: number, ms: number) =>
      requests.observe({ route, status: String(status) }, ms / 1000),
    refused: (code: string) => refused.inc({ code }),
    pushed: (count: number) => pushed.inc(count),
    pulled: (count: number) => pulled.inc(count),
    text(states: readonly { state: string; count: number }[]): Promise<string> {
      stations.reset();
      for (const { state, count } of states) stations.set({ state }, count);
      return registry.metrics();
    },
  };
}
