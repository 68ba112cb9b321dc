import type { StationClient } from '../../shared/contract/index.ts';
import type { RunView } from '../../shared/model/runs.ts';

/** Follows a run to its end by the station's own events. */
export async function waitForRun(client: StationClient, started: Pick<RunView, 'id'>): Promise<RunView> {
  const stop = new AbortController();
  const events = await client.station.events({ cursor: null }, { signal: stop.signal });
  try {
    let run = await client.runs.get({ id: started.id });
    while (run.state === 'running') {
      const { done } = await events.next();
      if (done) throw new Error('the station stopped telling');
      run = await client.runs.get({ id: started.id });
    }
    return run;
  } finally {
    stop.abort();
  }
}
