import { BenchError } from '../../../shared/errors/index.ts';
import type { ArtifactSink } from '../drivers/driver.ts';
import type { OpenArtifact } from './types.ts';

/**
 * Hands artifacts to one action and keeps track: which were finished, and which must be thrown away when the
 * action ends without finishing them. After `close` nothing more gets in, not even from an action that was
 * given up on and goes on in the dark.
 */
export function collectArtifacts(openArtifact: OpenArtifact, log: (line: string) => void) {
  const ids: string[] = [];
  const unfinished = new Set<ArtifactSink>();
  let closed = false;
  const refuseLate = () => {
    if (closed) throw new BenchError('run.aborted');
  };

  const open: OpenArtifact = async (info) => {
    refuseLate();
    const sink = await openArtifact(info);
    if (closed) {
      await sink.discard();
      refuseLate();
    }
    unfinished.add(sink);
    return {
      async write(bytes) {
        refuseLate();
        await sink.write(bytes);
      },
      async finish(result) {
        refuseLate();
        const finished = await sink.finish(result);
        unfinished.delete(sink);
        ids.push(finished.id);
        return finished;
      },
      async discard() {
        if (unfinished.delete(sink)) await sink.discard();
      },
    };
  };

  return {
    open,
    /** Ids of finished artifacts, in the order they were finished. */
    ids: ids as readonly string[],
    async close(): Promise<void> {
      closed = true;
      for (const sink of unfinished) {
        await sink.discard().catch((error: unknown) => log(`an unfinished artifact stayed behind: ${error}`));
      }
      unfinished.clear();
    },
  };
}
