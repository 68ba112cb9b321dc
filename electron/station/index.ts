import type { Op } from '../../shared/ops/define.ts';
import { guarded } from './api/call.ts';
import { stationCalls } from './api/station.ts';
import { workCalls } from './api/work.ts';
import { type StationLife, type StationOptions, startLife } from './life.ts';
import { createServer, type StationRouter } from './serve.ts';
import { listenForCommands } from './socket.ts';
import { diskTrouble } from './storage/trouble.ts';

export type { StationOptions } from './life.ts';

/** One bench's engine, whatever hosts it. */
export interface Station {
  /** The contract's implementation; serve it on any transport. */
  readonly router: StationRouter;
  /** Runs under way, so that a host may ask before it ends. */
  activeRuns(): { runId: string; title: string; caseNumber: string }[];
  /** Entries of the log after `seq`, oldest first. */
  logEntries(seq: number, limit: number): readonly Op[];
  /** SHA-256 over what is known of the site; see `LogStore`. */
  siteHash(): string;
  /** Throws away every table that the log can make anew, and makes them. */
  rebuild(): void;
  /** Lets runs end as interrupted, closes ports and data, gives the folder free. */
  close(): Promise<void>;
}

/** Opens the station of a data folder: holds it, opens what is in it, and answers the contract. */
export async function openStation(options: StationOptions): Promise<Station> {
  const life = await startLife(options);
  const router = makeRouter(life);
  const { serveSocket } = createServer(router);
  const commands =
    options.attachable === false
      ? null
      : await listenForCommands(options.dataDir, (socket) => serveSocket(socket)).catch((error: unknown) => {
          // A bench without its socket still works; the command line says that it cannot reach it.
          life.opened()?.log.error({ err: error }, 'the command line cannot attach');
          return null;
        });
  return {
    router,
    activeRuns: () => life.opened()?.activeRuns() ?? [],
    logEntries: (seq, limit) => life.bench().logEntries(seq, limit),
    siteHash: () => life.bench().siteHash(),
    rebuild: () => life.bench().rebuild(),
    async close() {
      await commands?.close();
      await life.close();
    },
  };
}

function makeRouter(life: StationLife): StationRouter {
  const os = guarded({
    resume: (token, idleSeconds) => life.opened()?.people.resume(token, idleSeconds) ?? null,
    explain: (error) => diskTrouble(error, life.dataDir),
    onInternal: (call, error) => life.opened()?.log.error({ call, err: error }, 'a call failed unexpectedly'),
  });
  return os.router({ ...stationCalls(os, life), ...workCalls(os, life) });
}
