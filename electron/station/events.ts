import type { StationEvent } from '../../shared/contract/station.ts';
import type { Op } from '../../shared/ops/define.ts';

/** Events that wait for one reader; one that falls this far behind is told to read everything again. */
const BUFFER = 2_000;
/** How many missed operations are told one by one after a reconnect. */
const CATCH_UP = 1_000;

/** What changed, for windows: operations as topics to read again, ports and runs as they are. */
export function createEvents(log: { head(): number; after(seq: number, limit: number): readonly Op[] }) {
  const readers = new Set<(event: StationEvent) => void>();

  function publish(event: StationEvent): void {
    for (const reader of [...readers]) reader(event);
  }

  /** From the reader's cursor on; ends when the signal aborts. */
  async function* watch(cursor: number | null, signal?: AbortSignal): AsyncGenerator<StationEvent, void> {
    const waiting: StationEvent[] = [];
    let wake: (() => void) | null = null;
    const take = (event: StationEvent) => {
      if (waiting.length >= BUFFER) waiting.splice(0, waiting.length, { type: 'reset', cursor: log.head() });
      else waiting.push(event);
      wake?.();
    };
    const stop = () => wake?.();
    readers.add(take);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const head = log.head();
      if (cursor === null || cursor > head || head - cursor > CATCH_UP) {
        yield { type: 'reset', cursor: head };
      } else if (cursor < head) {
        yield { type: 'changed', cursor: head, topics: topicsOf(log.after(cursor, CATCH_UP)) };
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
    committed: (ops: readonly Op[]): void =>
      publish({ type: 'changed', cursor: ops.at(-1)?.seq ?? log.head(), topics: topicsOf(ops) }),
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
