import { createHash, type KeyObject, sign } from 'node:crypto';
import type { z } from 'zod';
import { type HubClient, RefusedByHub } from '../../../electron/station/sync/hub-client.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import { HEADERS, isRefusalCode, Refusal, signingForm } from '../../../shared/sync/protocol.ts';
import type { WireAnswer, WireRequest } from '../world/network.ts';

const URL = 'https://hub.example';

export interface SimulatedClient {
  readonly stationId: string;
  readonly privateKey: KeyObject;
  /** What the bench's clock says. */
  now(): string;
  wire(request: WireRequest): Promise<WireAnswer>;
  /** Whether answers come as text, and are checked against the protocol; where they do not, much more is simulated. */
  readonly isChecked: boolean;
}

/** The station's client over the simulated network: it signs, corrects its clock and understands refusals alike. */
export function simulatedClient({ stationId, privateKey, now, wire, isChecked }: SimulatedClient): HubClient {
  let skewMs = 0;

  async function once(method: 'GET' | 'POST', path: string, body: string): Promise<unknown> {
    const at = new Date(Date.parse(now()) + skewMs).toISOString();
    const bodyHash = createHash('sha256').update(body).digest('hex');
    const form = signingForm({ method, path, stationId, at, bodyHash });
    const signature = sign(null, Buffer.from(form, 'utf8'), privateKey).toString('base64');
    const headers = { [HEADERS.station]: stationId, [HEADERS.at]: at, [HEADERS.signature]: signature };
    const answer = await wire({ method, path, headers, body }).catch((error: Error) => {
      throw new BenchError('sync.unreachable', { url: URL, detail: error.message });
    });
    const said: unknown = isChecked ? JSON.parse(JSON.stringify(answer.said)) : answer.said;
    if (answer.status === 200) return said;
    const { code, hubTime, ...more } = Refusal.parse(said).error;
    if (!isRefusalCode(code)) throw new BenchError('sync.unreachable', { url: URL, detail: code });
    if (code === 'sync.clock' && hubTime) skewMs = Date.parse(hubTime) - Date.parse(now());
    throw new RefusedByHub(code, more);
  }

  return {
    skewMs: () => skewMs,
    async ask<T>(method: 'GET' | 'POST', path: string, content: object | null, answer: z.ZodType<T>) {
      const body = content === null ? '' : JSON.stringify(content);
      const before = skewMs;
      const said = await once(method, path, body).catch((error: unknown) => {
        const isClock = error instanceof RefusedByHub && error.code === 'sync.clock';
        if (!isClock || skewMs === before) throw error;
        return once(method, path, body);
      });
      return isChecked ? answer.parse(said) : (said as T);
    },
  };
}
