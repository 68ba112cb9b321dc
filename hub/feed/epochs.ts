import { type KeyObject, sign } from 'node:crypto';
import { epochForm } from '../../shared/sync/epochs.ts';
import type { FeedStore } from './store.ts';

/**
 * Says, by the hub's signature, that every site's history goes on from where it ends now, because the database was
 * restored from a backup: benches that have read further go back to there, and send again what is missing. To be called
 * once after a restore, before benches are served.
 * @param newId makes ids of epochs
 */
export async function beginEpochs(store: FeedStore, key: KeyObject, newId: () => string): Promise<void> {
  for (const siteId of await store.siteIds()) {
    await store.transaction(async (feed) => {
      const site = await feed.lockSite(siteId);
      const epoch = { id: newId(), n: site.n, hash: site.hash.toString('base64') };
      const text = epochForm(siteId, site.epochs.at(-1)?.id ?? null, epoch);
      const signature = sign(null, Buffer.from(text, 'utf8'), key).toString('base64');
      await feed.addEpoch(siteId, { ...epoch, signature });
    });
  }
}
