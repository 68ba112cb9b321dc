import type { StationEvent } from '../../shared/contract/station.ts';
import type { Op } from '../../shared/ops/define.ts';

/** Events that wait for one reader; one that falls this far behind is told to read everything again. */
const BUFFER = 2_000;
/** How many changes are remembered for windows that were away for a moment. */
const CATCH_UP = 1_000;

/** What changed, for windows: operations as topics to read again, ports and runs as they are. */
export function createEvents(log: { cursor(): number }) {
  /** What changed lately, each with the cursor after it, and the cursor before the first. */
  const lately: { readonly cursor: number; readonly topics: readonly string[] }[] = [];
  /** The log's cursor goes back with a hub that was restored; this one never does. */
  let ahead = 0;
  const cursor = () => log.cursor() + ahead;
  let since = cursor();
  let told = since;
  const readers = new Set<(event: StationEvent) => void>();

  function publish(event: StationEvent): void {
    for (const reader of [...readers]) reader(event);
  }

  /** From the reader's cursor on; ends when the signal aborts. */
  async function* watch(from: number | null, signal?: AbortSignal): AsyncGenerator<StationEvent, void> {
    const waiting: StationEvent[] = [];
    let wake: (() => void) | null = null;
    const take = (event: StationEvent) => {
      if (waiting.length >= BUFFER) waiting.splice(0, waiting.length, { type: 'reset', cursor: cursor() });
      else waiting.push(event);
      wake?.();
    };
    const stop = () => wake?.();
    readers.add(take);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const now = cursor();
      if (from === null || from > now || from < since) yield { type: 'reset', cursor: now };
      else if (from < now) {
        const missed = lately.filter((change) => change.cursor > from);
        yield { type: 'changed', cursor: now, topics: [...new Set(missed.flatMap(({ topics }) => topics))] };
      }
      while (!signal?.aborted) {
        const event = waiting.shift();
        if (event) yield event;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
            if (waiting.length > 0 || signal?.aborted) resolve();
          });
          wake = null;
        }
      }
    } finally {
      readers.delete(take);
      signal?.removeEventListener('abort', stop);
    }
  }

  return {
    publish,
    watch,
    cursor,
    /** Everything that is shown may have changed: what was told before leads nowhere any more. */
    anew(): void {
      ahead += Math.max(0, told - cursor()) + 1;
      lately.length = 0;
      since = cursor();
      told = since;
      publish({ type: 'reset', cursor: since });
    },
    committed(ops: readonly Op[]): void {
      const change = { cursor: cursor(), topics: topicsOf(ops) };
      told = Math.max(told, change.cursor);
      lately.push(change);
      if (lately.length > CATCH_UP) since = lately.shift()?.cursor ?? since;
      publish({ type: 'changed', ...change });
    },
  };
}

/** Which queries an operation makes stale. */
export function topicsOf(ops: readonly Op[]): string[] {
  const topics = new Set<string>();
  for (const op of ops) {
    if (op.caseId) topics.add('cases').add(`case:${op.caseId}`);
    if (op.entity === 'case') topics.add('cases').add(`case:${op.entityId}`);
    if (op.entity === 'unit') topics.add('cases').add(`unit:${op.entityId}`);
    if (op.entity === 'run') topics.add(`run:${op.entityId}`);
    if (op.entity === 'person') topics.add('people');
    if (op.entity === 'port') topics.add('ports');
    if (op.entity === 'station') topics.add('settings');
  }
  return [...topics];
}
