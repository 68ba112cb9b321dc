import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ShellMessage } from '../../shared/shell/messages.ts';
import { type Keychain, StationSupervisor, type Stopped } from './station.ts';

/** A station's process that does what the test says. */
class FakeProcess extends EventEmitter {
  readonly pid: number;
  readonly received: { message: ShellMessage; ports: string[] }[] = [];
  /** Answers pings while it is well. */
  well = true;

  constructor(pid: number) {
    super();
    this.pid = pid;
  }

  postMessage(message: ShellMessage, ports: string[] = []): void {
    this.received.push({ message, ports });
    if (message.type === 'ping' && this.well) this.emit('message', { type: 'pong', id: message.id });
    if (message.type === 'stop' && this.well) this.die();
  }

  die(): void {
    this.emit('exit', 1);
  }
}

function setUp(keychain: Keychain | null = null) {
  const processes: FakeProcess[] = [];
  const killed: number[] = [];
  const stopped: Stopped[] = [];
  const log: string[] = [];
  let readies = 0;
  const station = new StationSupervisor<string>({
    fork: () => {
      const process = new FakeProcess(processes.length + 1);
      processes.push(process);
      return process;
    },
    kill: (pid) => {
      killed.push(pid);
      processes[pid - 1]?.die();
    },
    start: { dataDir: '/data', resourcesDir: '/r', version: '1', training: false },
    keychain,
    onReady: () => {
      readies += 1;
    },
    onStopped: (reason) => stopped.push(reason),
    log: (line) => log.push(line),
  });
  return { station, processes, killed, stopped, log, readies: () => readies };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('starts one station, tells it what to open, and hands it ports once it is ready', () => {
  const { station, processes, readies } = setUp();
  station.start();
  station.start();
  expect(processes).toHaveLength(1);
  expect(processes[0]?.received[0]?.message).toMatchObject({
    type: 'start',
    dataDir: '/data',
    keychain: false,
  });
  expect(station.serve('a')).toBe(false);
  processes[0]?.emit('message', { type: 'ready' });
  expect(readies()).toBe(1);
  expect(station.serve('b')).toBe(true);
  expect(processes[0]?.received.at(-1)).toEqual({ message: { type: 'serve' }, ports: ['b'] });
});

test('a station that dies is replaced at once, and the next ones with longer and longer pauses', () => {
  const { station, processes, stopped } = setUp();
  station.start();
  const pauses = [0, 500, 1_000, 2_000, 4_000];
  for (const [index, pause] of pauses.entries()) {
    processes.at(-1)?.die();
    vi.advanceTimersByTime(Math.max(0, pause - 1));
    if (pause > 0) expect(processes).toHaveLength(index + 1);
    vi.advanceTimersByTime(1);
    expect(processes).toHaveLength(index + 2);
  }
  expect(stopped).toEqual([]);
  processes.at(-1)?.die();
  vi.advanceTimersByTime(60_000);
  expect(processes).toHaveLength(pauses.length + 1);
  expect(stopped[0]?.message).toContain('several times');
  station.start();
  expect(processes).toHaveLength(pauses.length + 2);
});

test('deaths long apart do not add up', () => {
  const { station, processes, stopped } = setUp();
  station.start();
  for (let round = 0; round < 20; round++) {
    processes.at(-1)?.emit('message', { type: 'ready' });
    vi.advanceTimersByTime(31_000);
    processes.at(-1)?.die();
    vi.advanceTimersByTime(0);
  }
  expect(processes).toHaveLength(21);
  expect(stopped).toEqual([]);
});

test('a station that no longer answers is ended and replaced; one that answers is left alone', () => {
  const { station, processes, killed } = setUp();
  station.start();
  processes[0]?.emit('message', { type: 'ready' });
  vi.advanceTimersByTime(120_000);
  expect(killed).toEqual([]);
  if (processes[0]) processes[0].well = false;
  vi.advanceTimersByTime(14_000);
  expect(killed).toEqual([1]);
  expect(processes).toHaveLength(2);
});

test('a folder that cannot be opened is not tried again, and the reason is passed on', () => {
  const { station, processes, stopped } = setUp();
  station.start();
  processes[0]?.emit('message', {
    type: 'refused',
    code: 'storage.held',
    message: 'In use.',
    hint: 'Close it.',
  });
  vi.advanceTimersByTime(60_000);
  expect(processes).toHaveLength(1);
  expect(stopped).toEqual([{ message: 'In use.', hint: 'Close it.' }]);
});

test('a station that never opens is given up after five minutes', () => {
  const { station, stopped, killed } = setUp();
  station.start();
  vi.advanceTimersByTime(300_000);
  expect(killed).toEqual([1]);
  expect(stopped[0]?.message).toContain('five minutes');
});

test('asks for the runs under way, and does not wait for a station that hangs', async () => {
  const { station, processes } = setUp();
  expect(await station.activeRuns()).toEqual([]);
  station.start();
  processes[0]?.emit('message', { type: 'ready' });
  const asked = station.activeRuns();
  const question = processes[0]?.received.at(-1)?.message;
  const runs = [{ title: 'Intake', caseNumber: 'B1-1' }];
  processes[0]?.emit('message', {
    type: 'active-runs',
    id: question?.type === 'active-runs' ? question.id : -1,
    runs,
  });
  expect(await asked).toEqual(runs);
  const unanswered = station.activeRuns();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await unanswered).toBeNull();
});

test('keys are wrapped by the keychain; without one the answer is that it cannot', () => {
  const keychain: Keychain = {
    wrap: (key, stationId) => `${stationId}:${key}`,
    unwrap: (wrapped, stationId) =>
      wrapped.startsWith(`${stationId}:`) ? wrapped.slice(stationId.length + 1) : null,
  };
  const { station, processes } = setUp(keychain);
  station.start();
  const [station1] = processes;
  station1?.emit('message', { type: 'wrap', id: 1, key: 'a2V5', stationId: 's' });
  expect(station1?.received.at(-1)?.message).toEqual({ type: 'key', id: 1, value: 's:a2V5' });
  station1?.emit('message', { type: 'unwrap', id: 2, wrapped: 's:a2V5', stationId: 's' });
  expect(station1?.received.at(-1)?.message).toEqual({ type: 'key', id: 2, value: 'a2V5' });
  station1?.emit('message', { type: 'unwrap', id: 3, wrapped: 's:a2V5', stationId: 'other' });
  expect(station1?.received.at(-1)?.message).toEqual({ type: 'key', id: 3, value: null });

  const without = setUp();
  without.station.start();
  without.processes[0]?.emit('message', { type: 'wrap', id: 1, key: 'a2V5', stationId: 's' });
  expect(without.processes[0]?.received.at(-1)?.message).toEqual({ type: 'key', id: 1, value: null });
});

test('stopping lets the station close, and ends one that does not', async () => {
  const willing = setUp();
  willing.station.start();
  await willing.station.stop();
  expect(willing.killed).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(willing.processes).toHaveLength(1);

  const stuck = setUp();
  stuck.station.start();
  if (stuck.processes[0]) stuck.processes[0].well = false;
  const stopping = stuck.station.stop();
  await vi.advanceTimersByTimeAsync(15_000);
  await stopping;
  expect(stuck.killed).toEqual([1]);
  expect(stuck.processes).toHaveLength(1);
});

test('messages that are none are logged and change nothing', () => {
  const { station, processes, log, readies } = setUp();
  station.start();
  for (const message of [null, 7, 'ready', {}, { type: 'unknown' }, { type: 'pong' }]) {
    processes[0]?.emit('message', message);
  }
  expect(readies()).toBe(0);
  expect(log).toHaveLength(6);
});
