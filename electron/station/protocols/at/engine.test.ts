import { describe, expect, it } from 'vitest';
import { AtEngine } from './engine.ts';
import { MAX_LINE_BYTES } from './lines.ts';
import { ScriptedUnit } from './scripted.ts';

const never = new AbortController().signal;
const SOON = { timeoutMs: 10_000 };
const AT_ONCE = { timeoutMs: 1 };

async function opened(): Promise<{ unit: ScriptedUnit; engine: AtEngine }> {
  const unit = new ScriptedUnit();
  const [engine] = await Promise.all([AtEngine.open(unit.transport, { signal: never }), unit.greet()]);
  return { unit, engine };
}

describe('opening', () => {
  it('switches error codes on and back off, as they were found', async () => {
    const unit = new ScriptedUnit();
    const opening = AtEngine.open(unit.transport, { signal: never });
    await unit.expect('AT', 'OK');
    await unit.expect('AT+CMEE?', '+CMEE: 0', 'OK');
    await unit.expect('AT+CMEE=1', 'OK');
    const engine = await opening;
    const closing = engine.close();
    await unit.expect('AT+CMEE=0', 'OK');
    await closing;
    expect(await unit.transport.closed).toEqual({ kind: 'closed' });
  });

  it('gets along with a unit that knows no error codes', async () => {
    const unit = new ScriptedUnit();
    const opening = AtEngine.open(unit.transport, { signal: never });
    await unit.expect('AT', 'OK');
    await unit.expect('AT+CMEE?', 'ERROR');
    await unit.expect('AT+CMEE=1', 'ERROR');
    const engine = await opening;
    const [answer] = await Promise.all([
      engine.ask('AT+CSQ', SOON),
      unit.expect('AT+CSQ', '+CSQ: 9,9', 'OK'),
    ]);
    expect(answer).toMatchObject({ ok: true, lines: ['+CSQ: 9,9'] });
    await engine.close();
  });

  it('is not put out of step by what an earlier program left behind', async () => {
    const unit = new ScriptedUnit();
    const opening = AtEngine.open(unit.transport, { signal: never });
    // Two results for one knock: the first belongs to somebody else's command.
    await unit.expect('AT', '+CSQ: 1,1', 'OK', 'OK');
    await unit.expect('AT+CMEE?', '+CMEE: 1', 'OK');
    const engine = await opening;
    const [answer] = await Promise.all([engine.ask('AT+CGMI', SOON), unit.expect('AT+CGMI', 'ACME', 'OK')]);
    expect(answer.lines).toEqual(['ACME']);
    await engine.close();
  });

  it('makes a unit with short results speak in words, and puts it back', async () => {
    const unit = new ScriptedUnit();
    const opening = AtEngine.open(unit.transport, { signal: never });
    await unit.expect('AT');
    await unit.send('0\r');
    await unit.expect('ATV1', 'OK');
    await unit.expect('AT+CMEE?', '+CMEE: 1', 'OK');
    const engine = await opening;
    const closing = engine.close();
    await unit.expect('ATV0');
    await unit.send('0\r');
    await closing;
  });

  it('says when nothing answers, after a few tries', async () => {
    const unit = new ScriptedUnit();
    const patience = { syncMs: 5, quietMs: 5 };
    await expect(AtEngine.open(unit.transport, { signal: never, patience })).rejects.toMatchObject({
      code: 'port.timeout',
    });
    for (let tries = 0; tries < 3; tries += 1) expect(await unit.next()).toBe('AT');
    await unit.transport.close();
  });

  it('stops on the signal', async () => {
    const unit = new ScriptedUnit();
    const controller = new AbortController();
    const opening = AtEngine.open(unit.transport, { signal: controller.signal });
    await unit.next();
    controller.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
    await unit.transport.close();
  });
});

describe('answers', () => {
  it('leaves echo out, on or off', async () => {
    const { unit, engine } = await opened();
    for (const echo of ['AT+CGMI\r', '']) {
      const asked = engine.ask('AT+CGMI', SOON);
      await unit.next();
      await unit.send(`${echo}\r\nACME\r\n\r\nOK\r\n`);
      expect((await asked).lines).toEqual(['ACME']);
    }
    await engine.close();
  });

  it('is the same however the bytes are split', async () => {
    const { unit, engine } = await opened();
    unit.far.faults({ split: 1 });
    const asked = engine.ask('AT+CSQ', SOON);
    await unit.next();
    await unit.send('AT+CSQ\r\r\n+CSQ: 21,99\r\n\r\nOK\r\n');
    expect(await asked).toMatchObject({ ok: true, lines: ['+CSQ: 21,99'] });
    await engine.close();
  });

  it('keeps unsolicited lines apart, before, inside and after', async () => {
    const { unit, engine } = await opened();
    await unit.send('\r\nRING\r\n');
    const asked = engine.ask('AT+CGMI', SOON);
    await unit.next();
    await unit.send(
      '\r\n+CREG: 1,"00C3","0A1B",7\r\n\r\nACME\r\n\r\n+CMTI: "SM",3\r\n\r\nOK\r\n\r\n^MODE: 5\r\n',
    );
    expect((await asked).lines).toEqual(['ACME']);
    const [answer] = await Promise.all([
      engine.ask('AT+CSQ', SOON),
      unit.expect('AT+CSQ', '+CSQ: 9,9', 'OK'),
    ]);
    expect(answer.lines).toEqual(['+CSQ: 9,9']);
    const all = ['RING', '+CREG: 1,"00C3","0A1B",7', '+CMTI: "SM",3', '^MODE: 5'];
    const marked = engine.trace.text().matchAll(/^ *\S+ \* (.*)$/gm);
    expect([...marked].map(([, line]) => line)).toEqual(all);
    await engine.close();
  });

  it('gives errors as answers', async () => {
    const { unit, engine } = await opened();
    const [answer] = await Promise.all([
      engine.ask('AT+CPIN?', SOON),
      unit.expect('AT+CPIN?', '+CME ERROR: 10'),
    ]);
    expect(answer).toMatchObject({ ok: false, result: { kind: 'cme', code: 10, text: 'SIM not inserted' } });
    await engine.close();
  });

  it('takes noise for noise', async () => {
    const { unit, engine } = await opened();
    const asked = engine.ask('AT+CGMI', SOON);
    await unit.next();
    await unit.send('\x00\xff\xfe\x01AT+CGMI\r\x00\r\n\xc3\x28\x80\r\n\r\nACME\r\n\x00\x00\r\nOK\r\n');
    expect((await asked).lines).toEqual(['ACME']);
    expect(engine.trace.text().match(/^ *\S+ \? /gm)).toHaveLength(2);
    await engine.close();
  });

  it('bounds a line that never ends, and goes on after it', async () => {
    const { unit, engine } = await opened();
    const asked = engine.ask('AT+CGMI', SOON);
    await unit.next();
    await unit.send('x'.repeat(20 * MAX_LINE_BYTES));
    await unit.send('\r\n\r\nACME\r\n\r\nOK\r\n');
    expect((await asked).lines).toEqual(['ACME']);
    await engine.close();
  });

  it('gives an answer up that does not end', async () => {
    const { unit, engine } = await opened();
    const asked = engine.ask('AT+CGMI', SOON);
    await unit.next();
    const flood = unit.send('more\r\n'.repeat(3000));
    await expect(asked).rejects.toMatchObject({ code: 'unit.protocol' });
    await flood;
    await engine.close();
  });

  it('never has two commands in flight', async () => {
    const { unit, engine } = await opened();
    const first = engine.ask('AT+CSQ', SOON);
    await expect(engine.ask('AT+CBC', SOON)).rejects.toThrow('in flight');
    await unit.expect('AT+CSQ', '+CSQ: 9,9', 'OK');
    expect((await first).ok).toBe(true);
    await engine.close();
  });
});

describe('late answers', () => {
  it('are not taken for the next command’s', async () => {
    const { unit, engine } = await opened();
    await expect(engine.ask('AT+CGMM', AT_ONCE)).rejects.toMatchObject({
      code: 'port.timeout',
      params: { what: 'AT+CGMM' },
    });
    await unit.next();
    const asked = engine.ask('AT+CGMI', SOON);
    expect(await unit.next()).toBe('AT+CMEE?');
    // The model comes now, then what puts both in step, then the maker.
    await unit.send('\r\nMODEL\r\n\r\nOK\r\n');
    await unit.send('\r\n+CMEE: 1\r\n\r\nOK\r\n');
    await unit.expect('AT+CGMI', 'ACME', 'OK');
    expect((await asked).lines).toEqual(['ACME']);
    await engine.close();
  });

  it('are not taken for it when they come while nobody asks, or as an error', async () => {
    const { unit, engine } = await opened();
    await expect(engine.ask('AT+CGMM', AT_ONCE)).rejects.toMatchObject({ code: 'port.timeout' });
    await unit.next();
    await unit.send('\r\nMOD');
    const asked = engine.ask('AT+CGMI', SOON);
    await unit.next();
    await unit.send('EL\r\n\r\nERROR\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n');
    await unit.expect('AT+CGMI', 'ACME', 'OK');
    expect((await asked).lines).toEqual(['ACME']);
    await engine.close();
  });

  it('do not confuse one try to come into step with another', async () => {
    const { unit, engine } = await opened();
    await expect(engine.ask('AT+CGMM', AT_ONCE)).rejects.toMatchObject({ code: 'port.timeout' });
    await unit.next();
    const asked = engine.ask('AT+CGMI', SOON);
    expect(await unit.next()).toBe('AT+CMEE?');
    // Silence until the bench asks in the other form; then everything at once.
    expect(await unit.next()).toBe('AT+CMEE=?');
    await unit.send('\r\nMODEL\r\n\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n\r\n+CMEE: (0,1,2)\r\n\r\nOK\r\n');
    await unit.expect('AT+CGMI', 'ACME', 'OK');
    expect((await asked).lines).toEqual(['ACME']);
    await engine.close();
  });

  it('are not mixed up after a command was aborted', async () => {
    const { unit, engine } = await opened();
    const controller = new AbortController();
    const given = engine.ask('AT+COPS=?', { ...SOON, signal: controller.signal });
    await unit.next();
    controller.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    const asked = engine.ask('AT+COPS?', SOON);
    await unit.next();
    await unit.send('\r\n+COPS: (2,"A","A","1")\r\n\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n');
    await unit.expect('AT+COPS?', '+COPS: 0,0,"B"', 'OK');
    expect((await asked).lines).toEqual(['+COPS: 0,0,"B"']);
    await engine.close();
  });
});

describe('the end', () => {
  it('of a unit in mid-answer ends the command at once', async () => {
    const { unit, engine } = await opened();
    const asked = engine.ask('AT+CGMI', SOON);
    await unit.next();
    unit.far.faults({ goneAfter: 5 });
    void unit.send('\r\nACME\r\n\r\nOK\r\n');
    await expect(asked).rejects.toMatchObject({ code: 'port.gone' });
    await engine.ended;
    expect(engine.isOpen).toBe(false);
    await expect(engine.ask('AT', SOON)).rejects.toMatchObject({ code: 'port.gone' });
    await engine.close();
  });

  it('by closing ends a command under way', async () => {
    const { unit, engine } = await opened();
    const asked = engine.ask('AT+CGMI', SOON);
    await unit.next();
    const ended = expect(asked).rejects.toMatchObject({ code: 'port.gone' });
    await engine.close();
    await ended;
  });
});

describe('the trace', () => {
  it('holds everything said, with offsets, and no IMSI', async () => {
    const unit = new ScriptedUnit();
    let time = 5_000;
    const monotonic = () => {
      time += 10;
      return time;
    };
    const opening = AtEngine.open(unit.transport, { signal: never, monotonic });
    await unit.greet();
    const engine = await opening;
    const asked = engine.ask('AT+CIMI', SOON);
    await unit.expect('AT+CIMI', '262011234567890', 'OK');
    expect((await asked).lines).toEqual(['262011234567890']);
    await expect(engine.ask('AT+CIMI', AT_ONCE)).rejects.toMatchObject({ code: 'port.timeout' });
    await unit.next();
    const next = engine.ask('AT+CSQ', SOON);
    await unit.next();
    await unit.send('\r\n262011234567890\r\n\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n');
    await unit.expect('AT+CSQ', '+CSQ: 9,9', 'OK');
    await next;
    const trace = engine.trace.text();
    expect(trace).not.toContain('1234567890');
    expect(trace.split('\n').slice(0, 2)).toEqual(['     0.010 > AT', '     0.020 < OK']);
    expect(trace).toContain('< 26201••••••••••');
    expect(trace).toContain('~ 26201••••••••••');
    await engine.close();
  });
});
