import { describe, expect, it } from 'vitest';
import { BenchError } from '../../../shared/errors/index.ts';
import { GRACE_MS } from './runner.ts';
import { scriptedUnit, settle, testIdentity, untilStopped } from './testing.ts';
import { PERSON, runnerFor } from './testing-runner.ts';

const ACTIONS = `
setup:
  - { id: prepare, title: Prepare, action: identify }
main:
  - { id: battery, title: Battery, action: battery, timeout: 10 s }
  - { id: lock, title: Lock, action: lock, timeout: 10 s }
teardown:
  - { id: tidy, title: Tidy up, action: logs, timeout: 10 s }
`;
const good = {
  identify: async () => ({ serial: 'SER12345', imei1: null }),
  battery: async () => ({ level: 80, voltage: 4 }),
  lock: async () => ({ state: 'READY', deviceLock: 'NONE' }),
  logs: async () => ({ bytes: 10 }),
};
/** A reference as procedures write it. */
const ref = (name: string) => `$\{${name}}`;
const gone = async () => {
  throw new BenchError('port.gone', { address: 'PTY' });
};

describe('a run', () => {
  it('does its phases in order, journaled before and after each, and closes the unit', async () => {
    const unit = scriptedUnit(good);
    const test = runnerFor(ACTIONS, { unit });
    expect(await test.runner.run()).toEqual({ outcome: 'pass', message: null, error: null });
    expect(test.lines).toEqual(
      ['connect', 'prepare', 'battery', 'lock', 'tidy'].flatMap((id) => [`> ${id}`, `< ${id} pass`]),
    );
    expect([unit.opened, unit.closed]).toEqual([1, 1]);
  });

  it('keeps what was told, and nothing that was not declared', async () => {
    const unit = scriptedUnit({
      ...good,
      battery: async () => ({ level: Number.NaN, voltage: 'x'.repeat(5000), secret: 'no' }),
    });
    const test = runnerFor(ACTIONS, { unit });
    await test.runner.run();
    expect(test.ends.get('battery')?.values).toEqual({ level: null, voltage: 'x'.repeat(2000) });
    expect(test.ends.get('connect')).toMatchObject({ unitId: 'unit-1', identity: testIdentity() });
  });

  it('fills in inputs and earlier values, once', async () => {
    const asked: unknown[] = [];
    const unit = scriptedUnit({
      ...good,
      // A unit that tries to smuggle a reference in gets it back as text.
      identify: async () => ({ serial: ref('inputs.tail'), imei1: null }),
      at: async (args) => {
        asked.push(args);
        return { ok: true, text: '' };
      },
    });
    const yaml = `
inputs:
  tail: { title: Tail, default: X }
main:
  - { id: who, title: Who, action: identify }
  - id: ask
    title: Ask
    action: at
    args: { command: "AT${ref('inputs.tail')}=${ref('who.serial')}" }
`;
    const test = runnerFor(yaml, { unit, inputs: { tail: '+X' } });
    expect((await test.runner.run()).outcome).toBe('pass');
    expect(asked).toEqual([{ command: `AT+X=${ref('inputs.tail')}` }]);
  });

  it('without a port needs no unit', async () => {
    const yaml = `
main:
  - { id: seen, title: Seen, prompt: { kind: confirm, text: Seen? } }
`;
    const test = runnerFor(yaml, { answers: { seen: 'yes' } });
    expect((await test.runner.run()).outcome).toBe('pass');
    expect(test.lines).toEqual(['> seen', '< seen pass']);
  });

  it('that could test nothing does not pass', async () => {
    const yaml = `
main:
  - { id: battery, title: Battery, action: battery, optional: true }
`;
    const test = runnerFor(yaml, { unit: scriptedUnit() });
    expect(await test.runner.run()).toMatchObject({
      outcome: 'error',
      error: { code: 'procedure.nothing-tested' },
    });
    expect(test.lines.at(-1)).toBe('< battery skipped');
    expect(test.ends.get('battery')?.message).toContain('cannot do “battery”');
  });
});

describe('what is expected and measured', () => {
  const measured = `
main:
  - id: battery
    title: Battery
    action: battery
    onFail: ON_FAIL
    measure:
      - { id: level, title: Level, value: level, unit: '%', min: 50, source: Data sheet }
    expect:
      - { value: voltage, atLeast: 3, otherwise: The cell is empty. }
  - { id: lock, title: Lock, action: lock }
`;
  it('a value out of its limits is the unit’s fault and stops the run', async () => {
    const unit = scriptedUnit({ ...good, battery: async () => ({ level: 20, voltage: 4 }) });
    const test = runnerFor(measured.replace('ON_FAIL', 'stop'), { unit });
    expect(await test.runner.run()).toMatchObject({
      outcome: 'fail',
      message: 'Battery: Level is 20 %; at least 50 % is asked.',
      error: { code: 'procedure.out-of-limits' },
    });
    expect(test.lines.at(-1)).toBe('< battery fail');
    expect(test.ends.get('battery')?.measurements).toMatchObject([
      { value: 20, ok: false, source: 'Data sheet' },
    ]);
  });

  it('goes on where the procedure wants the rest, and still fails', async () => {
    const unit = scriptedUnit({ ...good, battery: async () => ({ level: 20, voltage: 1 }) });
    const test = runnerFor(measured.replace('ON_FAIL', 'continue'), { unit });
    expect(await test.runner.run()).toMatchObject({
      outcome: 'fail',
      message: 'Battery: The cell is empty. Level is 20 %; at least 50 % is asked.',
    });
    expect(test.lines.at(-1)).toBe('< lock pass');
  });

  it('a check compares what earlier phases told, and is left out with them when it is optional', async () => {
    const yaml = `
main:
  - { id: lock, title: Lock, action: lock, optional: true }
  - { id: battery, title: Battery, action: battery }
  - id: compare
    title: Compare
    optional: true
    check:
      - { value: lock.state, equals: READY, otherwise: The SIM is locked. }
  - id: same
    title: Same unit
    check:
      - { value: connect.serial, equals: "${ref('connect.serial')}", otherwise: Another unit. }
`;
    const { lock: _, ...without } = good;
    const test = runnerFor(yaml, { unit: scriptedUnit(without) });
    expect((await test.runner.run()).outcome).toBe('pass');
    expect(test.lines.filter((line) => line.startsWith('<'))).toEqual([
      '< connect pass',
      '< lock skipped',
      '< battery pass',
      '< compare skipped',
      '< same pass',
    ]);
    const locked = runnerFor(yaml, {
      unit: scriptedUnit({ ...good, lock: async () => ({ state: 'SIM PIN', deviceLock: null }) }),
    });
    expect(await locked.runner.run()).toMatchObject({
      outcome: 'fail',
      message: 'Compare: The SIM is locked.',
    });
  });

  it('a step whose value was never told says so', async () => {
    const yaml = `
main:
  - { id: who, title: Who, action: identify }
  - { id: ask, title: Ask, action: at, args: { command: "AT${ref('who.imei1')}" } }
`;
    const test = runnerFor(yaml, { unit: scriptedUnit(good) });
    expect(await test.runner.run()).toMatchObject({
      outcome: 'error',
      error: { code: 'procedure.value-missing', params: { value: 'who.imei1' } },
    });
  });
});

describe('trouble', () => {
  it.each<[string, BenchError, string, string]>([
    ['the unit says no', new BenchError('unit.refused', { command: 'X', detail: 'no' }), 'fail', 'fail'],
    [
      'the unit is silent',
      new BenchError('port.timeout', { address: 'P', seconds: 1, what: 'X' }),
      'error',
      'error',
    ],
    ['the unit goes away', new BenchError('port.gone', { address: 'P' }), 'interrupted', 'interrupted'],
    ['a rule says no', new BenchError('wipe.no-consent'), 'error', 'error'],
  ])('%s', async (_, error, outcome, phaseOutcome) => {
    const unit = scriptedUnit({
      ...good,
      battery: async () => {
        throw error;
      },
    });
    const test = runnerFor(ACTIONS, { unit });
    expect(await test.runner.run()).toMatchObject({ outcome, error: { code: error.code } });
    expect(test.ends.get('battery')?.outcome).toBe(phaseOutcome);
    // The rest of main is left out, the teardown is not.
    expect(test.ends.has('lock')).toBe(false);
    expect(test.ends.get('tidy')?.state).toBe(outcome === 'interrupted' ? 'skipped' : 'done');
  });

  it('an optional step that the unit refuses is left out, and says nothing of the unit', async () => {
    const refuses = async () => {
      throw new BenchError('unit.refused', { command: 'AT+CBC', detail: 'ERROR' });
    };
    const test = runnerFor(
      `main:
  - { id: battery, title: Battery, action: battery, optional: true }
  - { id: lock, title: Lock, action: lock }
`,
      { unit: scriptedUnit({ ...good, battery: refuses }) },
    );
    expect((await test.runner.run()).outcome).toBe('pass');
    expect(test.ends.get('battery')).toMatchObject({
      state: 'skipped',
      outcome: null,
      message: 'The unit refused “AT+CBC”: ERROR.',
    });
  });

  it('a setup that fails leaves out main, and the teardown runs', async () => {
    const unit = scriptedUnit({
      ...good,
      identify: async () => {
        throw new Error('a bug');
      },
    });
    const test = runnerFor(ACTIONS, { unit });
    expect(await test.runner.run()).toMatchObject({ outcome: 'error', error: { code: 'bench.internal' } });
    expect(test.lines).toEqual([
      '> connect',
      '< connect pass',
      '> prepare',
      '< prepare error',
      '> tidy',
      '< tidy pass',
    ]);
  });

  it('a port that does not open is an error of the bench', async () => {
    const test = runnerFor(ACTIONS, {
      unit: {
        ...scriptedUnit(good),
        open: async () => {
          throw new BenchError('port.no-permission', { address: 'P' });
        },
      },
    });
    expect(await test.runner.run()).toMatchObject({
      outcome: 'error',
      error: { code: 'port.no-permission' },
    });
    expect(test.lines).toEqual(['> connect', '< connect error', '> tidy', '< tidy skipped']);
  });

  it('another unit than the case’s is asked nothing, not even by the teardown', async () => {
    const unit = scriptedUnit(good);
    const test = runnerFor(ACTIONS, {
      unit,
      check: () => {
        throw new BenchError('run.identity-conflict', { caseNumber: 'B1-1', detail: 'No.' });
      },
    });
    expect(await test.runner.run()).toMatchObject({
      outcome: 'error',
      error: { code: 'run.identity-conflict' },
    });
    expect(unit.calls).toEqual([]);
    expect(unit.closed).toBe(1);
  });

  it('what is worse in the teardown counts, what is better does not', async () => {
    const failing = async () => {
      throw new BenchError('unit.refused', { command: 'X', detail: 'no' });
    };
    const fails = runnerFor(ACTIONS, { unit: scriptedUnit({ ...good, battery: failing }) });
    expect((await fails.runner.run()).outcome).toBe('fail');
    const goneLater = runnerFor(ACTIONS, { unit: scriptedUnit({ ...good, battery: failing, logs: gone }) });
    expect((await goneLater.runner.run()).outcome).toBe('interrupted');
  });

  it.each(['connect', 'prepare', 'battery', 'lock', 'tidy'])(
    'unplugged in %s ends as interrupted',
    async (phase) => {
      const names = {
        connect: 'connect',
        prepare: 'identify',
        battery: 'battery',
        lock: 'lock',
        tidy: 'logs',
      };
      const action = names[phase as keyof typeof names];
      const unit = scriptedUnit({ ...good, [action]: gone });
      if (phase === 'connect') unit.becomes(new BenchError('port.gone', { address: 'P' }));
      const test = runnerFor(ACTIONS, { unit });
      expect((await test.runner.run()).outcome).toBe('interrupted');
      expect(test.ends.get(phase)?.outcome).toBe('interrupted');
      expect(test.open()).toEqual([]);
    },
  );
});

describe('time', () => {
  it('a phase that takes too long is told to stop, and the run ends as a timeout', async () => {
    const unit = scriptedUnit({ ...good, battery: (_, { signal }) => untilStopped(signal) });
    const test = runnerFor(ACTIONS, { unit });
    const end = test.runner.run();
    await test.time.advance(9_999);
    expect(test.lines.at(-1)).toBe('> battery');
    await test.time.advance(1);
    expect(await end).toMatchObject({
      outcome: 'timeout',
      message: 'Battery: “Battery” took longer than the 10 s the procedure allows.',
    });
    expect(test.lines.at(-1)).toBe('< tidy pass');
    expect(test.ends.get('battery')?.durationMs).toBe(10_000);
  });

  it('a driver that answers its deadline with its own error does not change the news', async () => {
    const unit = scriptedUnit({
      ...good,
      battery: (_, { signal }) =>
        untilStopped(signal).catch(() => {
          throw new BenchError('port.timeout', { address: 'P', seconds: 10, what: 'AT+CBC' });
        }),
    });
    const test = runnerFor(ACTIONS, { unit });
    const end = test.runner.run();
    await test.time.advance(10_000);
    expect((await end).outcome).toBe('timeout');
  });

  it('a step that does not stop costs the connection, not the run', async () => {
    let late = () => {};
    const unit = scriptedUnit({
      ...good,
      battery: async (_, { openArtifact }) => {
        const sink = await openArtifact({ kind: 'log', name: 'x', mime: 'text/plain' });
        await new Promise<void>((resolve) => {
          late = resolve;
        });
        await sink.write(new Uint8Array(1));
        return {};
      },
    });
    const test = runnerFor(ACTIONS, { unit });
    const end = test.runner.run();
    await test.time.advance(10_000 + GRACE_MS);
    expect(await end).toMatchObject({ outcome: 'error', error: { code: 'procedure.unit-stuck' } });
    expect(test.ends.get('tidy')?.state).toBe('skipped');
    expect(unit.closed).toBe(1);
    expect(test.artifacts).toEqual([{ state: 'discarded', bytes: 0 }]);
    late();
    await settle();
    expect(test.artifacts).toEqual([{ state: 'discarded', bytes: 0 }]);
  });

  it('the whole run has an end too, questions included', async () => {
    const yaml = `
timeout: 1 min
main:
  - { id: seen, title: Seen, prompt: { kind: confirm, text: Seen? } }
teardown:
  - { id: tidy, title: Tidy up, action: logs }
`;
    const test = runnerFor(yaml, { unit: scriptedUnit(good) });
    const end = test.runner.run();
    await test.time.advance(60_000);
    expect(await end).toMatchObject({ outcome: 'timeout', error: { code: 'procedure.run-timeout' } });
    expect(test.lines.at(-1)).toBe('< tidy pass');
    expect(test.time.waiting).toBe(0);
  });

  it('the teardown has its own', async () => {
    const yaml = `
teardownTimeout: 5 s
main:
  - { id: battery, title: Battery, action: battery }
teardown:
  - { id: tidy, title: Tidy up, action: logs, timeout: 1 min }
  - { id: again, title: Again, action: lock, timeout: 1 min }
`;
    const unit = scriptedUnit({ ...good, logs: (_, { signal }) => untilStopped(signal) });
    const test = runnerFor(yaml, { unit });
    const end = test.runner.run();
    await test.time.advance(5_000);
    expect((await end).outcome).toBe('timeout');
    expect(test.ends.get('again')?.outcome).toBe('timeout');
    expect(unit.calls).toEqual(['battery', 'logs']);
  });
});

describe('stopping', () => {
  const stopped = () => new BenchError('run.aborted');

  it.each(['prepare', 'battery', 'lock'])('in %s leaves the rest out and tears down', async (phase) => {
    const actions = { prepare: 'identify', battery: 'battery', lock: 'lock' } as const;
    const unit = scriptedUnit({
      ...good,
      [actions[phase as keyof typeof actions]]: (_: unknown, { signal }: { signal: AbortSignal }) =>
        untilStopped(signal),
    });
    const test = runnerFor(ACTIONS, { unit });
    const end = test.runner.run();
    await settle();
    expect(test.lines.at(-1)).toBe(`> ${phase}`);
    test.runner.stop(stopped(), 'Stopped by Ana: wrong cable.');
    expect(await end).toMatchObject({
      outcome: 'aborted',
      message: expect.stringContaining('Stopped by Ana: wrong cable.'),
    });
    expect(test.ends.get(phase)?.outcome).toBe('aborted');
    expect(test.lines.at(-1)).toBe('< tidy pass');
    expect(unit.closed).toBe(1);
  });

  it('while the port is being opened', async () => {
    const unit = scriptedUnit(good);
    const test = runnerFor(ACTIONS, { unit: { ...unit, open: (signal) => untilStopped(signal) } });
    const end = test.runner.run();
    await settle();
    test.runner.stop(stopped());
    expect((await end).outcome).toBe('aborted');
    expect(test.ends.get('tidy')?.state).toBe('skipped');
  });

  it('a session that opens after the run gave up on it is closed at once', async () => {
    const unit = scriptedUnit(good);
    let openNow = () => {};
    const test = runnerFor(ACTIONS, {
      unit: {
        ...unit,
        open: async (_, use) => {
          await new Promise<void>((resolve) => {
            openNow = resolve;
          });
          await unit.open(new AbortController().signal, use);
        },
      },
    });
    const end = test.runner.run();
    await settle();
    test.runner.stop(stopped());
    // It ignores the stop, and then the limit for closing.
    await test.time.advance(GRACE_MS + 30_000);
    expect((await end).outcome).toBe('aborted');
    openNow();
    await settle();
    expect([unit.opened, unit.closed]).toEqual([1, 1]);
    expect(unit.calls).toEqual([]);
  });

  it('before it began asks nothing of the unit', async () => {
    const unit = scriptedUnit(good);
    const test = runnerFor(ACTIONS, { unit });
    test.runner.stop(stopped());
    expect((await test.runner.run()).outcome).toBe('aborted');
    expect(unit.opened).toBe(0);
  });

  it('in the teardown lets it end', async () => {
    let release = () => {};
    const unit = scriptedUnit({
      ...good,
      logs: async () => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return { bytes: 1 };
      },
    });
    const test = runnerFor(ACTIONS, { unit });
    const end = test.runner.run();
    await settle();
    test.runner.stop(stopped());
    release();
    expect((await end).outcome).toBe('aborted');
    expect(test.ends.get('tidy')?.outcome).toBe('pass');
  });

  it('keeps what a step had read, though the run is aborted', async () => {
    const unit = scriptedUnit({
      ...good,
      battery: async (_, { signal, openArtifact }) => {
        const sink = await openArtifact({ kind: 'log', name: 'x', mime: 'text/plain' });
        await sink.finish();
        return untilStopped(signal);
      },
    });
    const test = runnerFor(ACTIONS, { unit });
    const end = test.runner.run();
    await settle();
    test.runner.stop(stopped());
    await end;
    expect(test.ends.get('battery')?.artifactIds).toEqual(['artifact-0']);
  });

  it('a safety stop between two phases keeps the next from beginning', async () => {
    let blocked = false;
    const unit = scriptedUnit({
      ...good,
      battery: async () => {
        blocked = true;
        return { level: 80, voltage: 4 };
      },
    });
    const test = runnerFor(ACTIONS, {
      unit,
      mayGoOn: () => {
        if (blocked) throw new BenchError('safety.not-released', { reason: 'smoke' });
      },
    });
    expect(await test.runner.run()).toMatchObject({
      outcome: 'error',
      error: { code: 'safety.not-released' },
    });
    expect(test.ends.has('lock')).toBe(false);
  });
});

describe('a journal that cannot be written', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'at its entry %i stops the run, and never passes',
    async (entry) => {
      const unit = scriptedUnit(good);
      const test = runnerFor(ACTIONS, { unit, journalFailsAt: entry });
      expect(await test.runner.run()).toMatchObject({ outcome: 'error', error: { code: 'storage.full' } });
      // Nothing is begun that is not on record, except the teardown.
      expect(unit.calls.filter((call) => call !== 'logs').length).toBeLessThanOrEqual(Math.floor(entry / 2));
      expect(unit.closed).toBe(unit.opened);
    },
  );
});

describe('questions', () => {
  const ask = (rest: string) => `
main:
  - id: q
    title: Question
${rest}
  - { id: battery, title: Battery, action: battery }
`;
  const number = ask('    prompt: { kind: number, text: How much?, unit: mA }');

  it('waits for an answer that fits', async () => {
    const test = runnerFor(number, { unit: scriptedUnit(good) });
    const end = test.runner.run();
    await settle();
    expect(test.runner.prompt).toMatchObject({
      id: 'q',
      text: 'How much?',
      kind: 'number',
      choices: [],
      unit: 'mA',
    });
    expect(test.events.at(-1)?.prompt?.id).toBe('q');
    expect(() => test.runner.answer(PERSON, 'other', '1')).toThrow(
      expect.objectContaining({ code: 'procedure.not-asked' }),
    );
    expect(() => test.runner.answer(PERSON, 'q', 'lots')).toThrow(
      expect.objectContaining({ code: 'procedure.bad-answer' }),
    );
    test.runner.answer(PERSON, 'q', '12,5');
    expect((await end).outcome).toBe('pass');
    expect(test.ends.get('q')?.values).toEqual({ answer: 12.5 });
    expect(test.actors.get('q')).toEqual(PERSON);
    expect(test.runner.prompt).toBeNull();
  });

  it('does not ask what was answered beforehand', async () => {
    const test = runnerFor(number, { unit: scriptedUnit(good), answers: { q: '7' } });
    expect((await test.runner.run()).outcome).toBe('pass');
    expect(test.ends.get('q')?.values).toEqual({ answer: 7 });
  });

  it('with nobody there takes the default or leaves an optional one out', async () => {
    const byDefault = runnerFor(ask('    prompt: { kind: number, text: How much?, default: 3 }'), {
      unit: scriptedUnit(good),
    });
    await byDefault.runner.run();
    expect(byDefault.ends.get('q')?.values).toEqual({ answer: 3 });
    const left = runnerFor(ask('    optional: true\n    prompt: { kind: text, text: What? }'), {
      unit: scriptedUnit(good),
    });
    expect((await left.runner.run()).outcome).toBe('pass');
    expect(left.ends.get('q')).toMatchObject({ state: 'skipped', outcome: null });
  });

  it('with somebody there asks those too, and an empty answer leaves them out', async () => {
    const test = runnerFor(ask('    optional: true\n    prompt: { kind: text, text: What? }'), {
      unit: scriptedUnit(good),
      interactive: true,
    });
    const end = test.runner.run();
    await settle();
    test.runner.answer(PERSON, 'q', ' ');
    expect((await end).outcome).toBe('pass');
    expect(test.ends.get('q')).toMatchObject({
      state: 'skipped',
      message: 'Left out by the person who was asked.',
    });
  });

  it('has its own timeout, and can be stopped', async () => {
    const slow = runnerFor(ask('    timeout: 5 s\n    prompt: { kind: text, text: What? }'), {
      unit: scriptedUnit(good),
    });
    const end = slow.runner.run();
    await slow.time.advance(5_000);
    expect((await end).outcome).toBe('timeout');
    const stopped = runnerFor(number, { unit: scriptedUnit(good) });
    const stop = stopped.runner.run();
    await settle();
    stopped.runner.stop(new BenchError('run.aborted'));
    expect((await stop).outcome).toBe('aborted');
    expect(stopped.runner.prompt).toBeNull();
  });

  it('photos must be pictures of the case', async () => {
    const test = runnerFor(ask('    prompt: { kind: photo, text: Show it. }'), { unit: scriptedUnit(good) });
    const end = test.runner.run();
    await settle();
    const id = '01890000-0000-7000-8000-000000000001';
    expect(() => test.runner.answer(PERSON, 'q', 'photo.jpg')).toThrow(
      expect.objectContaining({ code: 'procedure.bad-answer' }),
    );
    expect(() => test.runner.answer(PERSON, 'q', id.replace('1890', '1891'))).toThrow(
      expect.objectContaining({ code: 'procedure.bad-answer' }),
    );
    test.runner.answer(PERSON, 'q', id);
    await end;
    expect(test.ends.get('q')).toMatchObject({ artifactIds: [id], values: { answer: id } });
  });
});

describe('progress', () => {
  it('tells rate and time left, at most ten times a second', async () => {
    let report: ((done: number) => void) | null = null;
    let finish = () => {};
    const unit = scriptedUnit({
      ...good,
      battery: async (_, { progress }) => {
        report = (done) => progress({ done, total: 10_000, unit: 'bytes' });
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return { level: 80, voltage: 4 };
      },
    });
    const test = runnerFor(ACTIONS, { unit });
    const end = test.runner.run();
    await settle();
    const before = test.events.length;
    for (let step = 1; step <= 200; step += 1) {
      report!(step * 10);
      await test.time.advance(10);
    }
    expect(test.events.length - before).toBeLessThanOrEqual(21);
    expect(test.runner.progress).toMatchObject({
      label: 'Battery',
      done: 2000,
      total: 10_000,
      unit: 'bytes',
    });
    expect(test.runner.progress?.rate).toBeCloseTo(1000, -2);
    expect(test.runner.progress?.secondsLeft).toBeCloseTo(8, 0);
    finish();
    await end;
    expect(test.events.at(-1)).toEqual({ progress: null, prompt: null });
  });
});
