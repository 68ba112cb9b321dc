import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { type BenchError, isBenchError } from '../../../shared/errors/index.ts';
import {
  Done,
  type RotateRequest,
  rotationForm,
  type StationRequest,
} from '../../../shared/sync/protocol.ts';
import type { LogStore } from '../storage/log.ts';
import type { HubClient } from './hub-client.ts';
import type { SyncState } from './state.ts';

const spki = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).toString('base64');

/** Tells the hub who the bench is now, where that changed since it was told: its key, its name, its prefix. */
export function createIntroduction(log: LogStore, state: SyncState) {
  return {
    /** Records another key; the hub is told of it before anything else. */
    rotate(actor: Parameters<LogStore['rotateKey']>[0]): void {
      log.transaction(() => {
        const before = log.privateKey;
        const { seq } = log.rotateKey(actor);
        if (state.get()) state.rotated(before, seq + 1);
      });
    },

    /** Before anything else is asked: the key that signs what follows. */
    async key(client: HubClient, signal: AbortSignal): Promise<void> {
      const pending = state.rotation();
      if (!pending) return;
      const { before, fromSeq } = pending;
      const publicKey = spki(log.publicKey);
      const form = rotationForm(log.stationId, spki(createPublicKey(before)), publicKey, fromSeq);
      const signature = sign(null, Buffer.from(form, 'utf8'), log.privateKey).toString('base64');
      const request: RotateRequest = { publicKey, fromSeq, signature };
      await client.ask('POST', '/v1/rotate', request, Done, signal);
      state.rotationTold();
    },

    /**
     * Name and prefix. A prefix that another bench has keeps nothing from being sent: it is given back as the trouble
     * that it is.
     */
    async name(client: HubClient, bench: StationRequest, signal: AbortSignal): Promise<BenchError | null> {
      if (state.get()?.told === JSON.stringify(bench)) return null;
      try {
        await client.ask('POST', '/v1/station', bench, Done, signal);
        state.told(bench);
        return null;
      } catch (error) {
        if (isBenchError(error, 'sync.prefix-taken')) return error;
        throw error;
      }
    },
  };
}
