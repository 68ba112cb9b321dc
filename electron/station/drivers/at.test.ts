import { afterEach, describe, expect, it } from 'vitest';
import { AtPhone, type AtPhoneOptions } from '../../rack/at/phone.ts';
import { mountInProcess } from '../../rack/mount.ts';
import { ScriptedUnit } from '../protocols/at/scripted.ts';
import { createMemoryLine } from '../transports/memory.ts';
import { AT_ACTIONS, createAtDriver } from './at.ts';
import { createConsoleDriver } from './console.ts';
import type { ActionContext, Driver, UnitSession } from './driver.ts';
import { listenFirst } from './listen.ts';

const signal = new AbortController().signal;
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

/** A virtual phone on an in-process cable, and how to plug into it. */
function phone(options: AtPhoneOptions = {}) {
  const core = new AtPhone({ rebootMs: 1, ...options });
  const mount = mountInProcess(core);
  open.push(mount);
  const connect = async () => {
    const { transport, far } = createMemoryLine();
    mount.plug(far);
    return transport;
  };
  return { core, mount, connect };
}

async function session(
  { connect }: Pick<ReturnType<typeof phone>, 'connect'>,
  driver: Driver = createAtDriver(),
  reopen = false,
): Promise<UnitSession> {
  const made = await driver.open(await connect(), { signal, ...(reopen ? { reopen: connect } : {}) });
  open.push(made);
  return made;
}

function context(): ActionContext & { text: () => string; logged: string[] } {
  const parts: Uint8Array[] = [];
  const logged: string[] = [];
  return {
    signal,
    progress: () => {},
    tell: () => {},
    log: (line) => logged.push(line),
    openArtifact: async () => ({
      write: async (bytes) => {
        parts.push(bytes);
      },
      finish: async () => ({ id: 'A', size: 0, sha256: '' }),
      discard: async () => {},
    }),
    text: () => Buffer.concat(parts).toString('utf8'),
    logged,
  };
}

describe('identity', () => {
  it.each([true, false])('is read whole, echo %s', async (echo) => {
    const { core, connect } = phone({ echo, chatterInAnswers: true });
    const unit = await session({ connect });
    const { extra, ...said } = await unit.identify(signal);
    const { extra: _none, ...expected } = core.identity;
    expect(said).toEqual(expected);
    expect(extra).toMatchObject({ LOCK: 'NONE', PRD: 'EUX' });
  });

  it('is read anew each time', async () => {
    const { mount, connect, core } = phone();
    const unit = await session({ connect });
    await unit.identify(signal);
    mount.setFault('wrong-imei', true);
    const wrong = await unit.identify(signal);
    expect(wrong.imei1).not.toBe(core.identity.imei1);
    expect(wrong.imei2).toBe(core.identity.imei2);
    mount.setFault('wrong-imei', false);
    expect((await unit.identify(signal)).imei1).toBe(core.identity.imei1);
  });

  /** Answers each command of an identification from a table, ERROR to the rest. */
  async function identifyScripted(
    answers: Record<string, string[]>,
    next: (made: UnitSession) => Promise<unknown> = async () => {},
  ) {
    const unit = new ScriptedUnit();
    const opening = createAtDriver().open(unit.transport, { signal });
    await unit.greet();
    const made = await opening;
    open.push(made);
    const asked: string[] = [];
    const identified = made.identify(signal);
    let done = false;
    const all = identified.then(() => next(made));
    void all.then(() => {
      done = true;
    });
    const serve = async () => {
      while (!done) {
        const command = await Promise.race([unit.next(), all.then(() => null)]);
        if (command === null) return;
        asked.push(command);
        for (const line of answers[command] ?? ['ERROR']) await unit.send(`\r\n${line}\r\n`);
      }
    };
    await serve();
    return { identity: await identified, asked };
  }

  it('takes nothing that a modem says by itself for its serial number', async () => {
    const { identity } = await identifyScripted({
      'AT+CGMI': ['SIMCOM INCORPORATED', 'NORMAL POWER DOWN', 'OK'],
      'AT+CGSN': ['UNDER-VOLTAGE WARNING', '+CREG: 1,"00C3","0A1B"', 'SMS DONE', 'OK'],
      'AT+CGSN=1': ['OVER-VOLTAGE POWER DOWN', 'Some new word', '356938035643809', 'OK'],
    });
    expect(identity).toMatchObject({ maker: 'SIMCOM INCORPORATED', serial: null, imei1: '356938035643809' });
  });

  it('keeps of Samsung’s record what is about the phone, and not its owner’s number', async () => {
    const record =
      'MN(SM-G991B);BASE(SM-N900);VER(A/B/C);PRD(EUX);CC(DE);SN(RZ8N1);PN(+491701234567);UN(CE0123);LOCK(NONE)';
    const recorded = context();
    const answers = {
      'AT+CGMI': ['SAMSUNG', 'OK'],
      'AT+DEVCONINFO': [`+DEVCONINFO: ${record}`, '#OK#', 'OK'],
    };
    const { identity } = await identifyScripted(answers, (made) => made.run('logs', {}, recorded));
    expect(identity.extra).toEqual({ BASE: 'SM-N900', PRD: 'EUX', CC: 'DE', LOCK: 'NONE' });
    expect(identity.serial).toBe('RZ8N1');
    expect(recorded.text()).toContain('SN(RZ8N1);PN(•••);UN(CE0123)');
    expect(recorded.text()).not.toContain('1701234567');
  });

  it('takes what a modem with a serial number of its own says', async () => {
    const { identity, asked } = await identifyScripted({
      'AT+CGMI': ['+CGMI: "Quectel"', 'OK'],
      'AT+CGMM': ['EG25', 'OK'],
      'AT+CGSN': ['D1Q20GM050038341', 'OK'],
      'AT+CGSN=1': ['+CGSN: "356938035643809"', 'OK'],
    });
    expect(identity).toMatchObject({
      maker: 'Quectel',
      model: 'EG25',
      serial: 'D1Q20GM050038341',
      imei1: '356938035643809',
      imei2: null,
      firmware: null,
    });
    expect(asked).not.toContain('AT+DEVCONINFO');
  });

  it('finds both IMEIs of a phone that says one a line, or the second when asked', async () => {
    const both = await identifyScripted({
      'AT+CGMI': ['ACME', 'OK'],
      'AT+CGSN': ['+CGSN: 356938035643809', '+CGSN: 356938035643817', 'OK'],
    });
    expect(both.identity).toMatchObject({ imei1: '356938035643809', imei2: '356938035643817' });
    const second = await identifyScripted({
      'AT+CGMI': ['ACME', 'OK'],
      'AT+CGSN': ['356938035643809', 'OK'],
      'AT+EGMR=0,10': ['+EGMR: "356938035643817"', 'OK'],
    });
    expect(second.identity).toMatchObject({ imei1: '356938035643809', imei2: '356938035643817' });
  });

  it('keeps both where the modem and the phone’s own record differ', async () => {
    const { identity } = await identifyScripted({
      'AT+CGMI': ['SAMSUNG', 'OK'],
      'AT+CGSN': ['356938035643809', 'OK'],
      'AT+DEVCONINFO': ['+DEVCONINFO: MN(SM-A);IMEI(352099001761481);SN(R1)', '#OK#', 'OK'],
    });
    expect(identity.imei1).toBe('356938035643809');
    expect(identity.extra['imei-conflict']).toContain('352099001761481');
  });

  it('has an IMEISV’s IMEI, and a MEID for what it is', async () => {
    const { identity } = await identifyScripted({
      'AT+CGMI': ['ACME', 'OK'],
      'AT+CGSN': ['3569380356438001,A10000009296F2', 'OK'],
    });
    expect(identity).toMatchObject({ imei1: '356938035643809', meid: 'A10000009296F2', serial: null });
  });
});

describe('actions', () => {
  it('give the values they name', async () => {
    const unit = await session(phone({ chatterInAnswers: true }));
    const values: Record<string, unknown> = {};
    for (const name of ['battery', 'signal', 'lock', 'network'] as const) {
      const result = await unit.run(name, {}, context());
      expect(Object.keys(result.values)).toEqual([...AT_ACTIONS[name].values]);
      Object.assign(values, result.values);
    }
    expect(values).toEqual({
      level: 76,
      charging: true,
      voltage: 4.012,
      rssi: -71,
      ber: null,
      state: 'READY',
      deviceLock: 'NONE',
      registration: 'registered, home network',
      operator: 'Test Network, 001-01',
    });
    await expect(unit.run('fly', {}, context())).rejects.toMatchObject({ code: 'unit.unsupported' });
  });

  it('say what a unit refused, and what it said instead', async () => {
    const unit = new ScriptedUnit();
    const opening = createAtDriver().open(unit.transport, { signal });
    await unit.greet();
    const made = await opening;
    open.push(made);
    const refused = expect(made.run('battery', {}, context())).rejects.toMatchObject({
      code: 'unit.refused',
      params: { command: 'AT+CBC', detail: '+CME ERROR: 4 (operation not supported)' },
    });
    await unit.expect('AT+CBC', '+CME ERROR: 4');
    await refused;
    const odd = expect(made.run('signal', {}, context())).rejects.toMatchObject({ code: 'unit.protocol' });
    await unit.expect('AT+CSQ', '+CSQ: loud', 'OK');
    await odd;
  });

  it.each([
    ['without a SIM', '+CME ERROR: 10', 'not inserted'],
    ['that will not say what its SIM is', 'ERROR', null],
  ])('read a phone %s', async (_, answer, state) => {
    const unit = new ScriptedUnit();
    const opening = createAtDriver().open(unit.transport, { signal });
    await unit.greet();
    const made = await opening;
    open.push(made);
    const read = made.run('lock', {}, context());
    await unit.expect('AT+CPIN?', answer);
    await unit.expect('AT+CGMI', 'ACME', 'OK');
    for (const command of ['AT+CGMM', 'AT+CGMR', 'AT+CGSN', 'AT+CGSN=1']) await unit.expect(command, 'ERROR');
    expect((await read).values).toEqual({ state, deviceLock: null });
  });

  it('ask one question that only reads, and none that does more', async () => {
    const { connect, core } = phone();
    const unit = await session({ connect });
    expect((await unit.run('at', { command: 'AT+CSQ' }, context())).values).toEqual({
      ok: true,
      text: '+CSQ: 21,99',
    });
    expect((await unit.run('at', { command: 'AT+CIMI' }, context())).values.text).toBe('00101••••••••••');
    expect((await unit.run('at', { command: 'AT+NEVER?' }, context())).values).toEqual({
      ok: false,
      text: '+CME ERROR: 4 (operation not supported)',
    });
    for (const command of ['AT+FACTORST=0,0', 'AT+CSQ\rAT+FACTORST=0,0', 'ATZ', 5, null]) {
      expect(AT_ACTIONS.at.args.safeParse({ command }).success).toBe(false);
      await expect(unit.run('at', { command }, context())).rejects.toMatchObject({ code: 'input.invalid' });
    }
    expect(core.resets).toBe(0);
  });

  it('keep the whole conversation as evidence, without the subscriber’s number', async () => {
    const { connect, core } = phone();
    const unit = await session({ connect });
    core.say('RING');
    const kept = context();
    const { values } = await unit.run('logs', {}, kept);
    const text = kept.text();
    expect(values).toEqual({ bytes: Buffer.byteLength(text), lines: text.split('\n').length - 1 });
    expect(text).toContain('> AT+DEVCONINFO');
    expect(text).toContain('* RING');
    expect(text).toContain('< 00101••••••••••');
    expect(text).not.toMatch(/001010000000001/);
  });
});

describe('the maker’s reset', () => {
  it('is one wipe target', async () => {
    const unit = await session(phone());
    await unit.identify(signal);
    expect(await unit.wipeTargets(signal)).toMatchObject([
      { id: 'phone', kind: 'phone', allowed: true, serial: 'RZ8RB000001', bytes: null },
    ]);
    expect(AT_ACTIONS['factory-reset'].destructive).toBe(true);
  });

  it('is directed and recorded, and proves nothing by itself', async () => {
    const { connect, core } = phone();
    const unit = await session({ connect }, createAtDriver(), true);
    await unit.identify(signal);
    const used = context();
    const { values } = await unit.run('factory-reset', {}, used);
    expect(values).toEqual({ directed: true, answer: 'OK' });
    expect(used.logged).toEqual(['AT+FACTORST=0,0: OK']);
    const proof = await unit.run('reset-proof', {}, context());
    expect(proof.values.proven).toBe(false);
    expect(proof.values.evidence).toContain('came back');
    expect(core.resets).toBe(1);
    expect((await unit.identify(signal)).serial).toBe('RZ8RB000001');
  });

  it('is proven by something that the phone reports afterwards and did not before', async () => {
    const unit = await session(phone({ provesReset: true }), createAtDriver(), true);
    await unit.run('factory-reset', {}, context());
    const { values } = await unit.run('reset-proof', {}, context());
    expect(values).toEqual({
      proven: true,
      evidence: 'AT+DEVCONINFO reports SETUP(PENDING), which it did not before.',
    });
  });

  it('is proven in a later conversation as well, and not of another phone', async () => {
    const driver = createAtDriver();
    const reset = phone({ provesReset: true });
    const first = await session(reset, driver, true);
    await first.run('factory-reset', {}, context());
    await first.run('reset-proof', {}, context());
    await first.close();
    const later = await session(reset, driver);
    expect((await later.run('reset-proof', {}, context())).values.proven).toBe(true);
    const other = await session(phone({ number: 2 }), driver);
    expect((await other.run('reset-proof', {}, context())).values).toEqual({
      proven: false,
      evidence: 'This bench directed no reset of this phone.',
    });
  });

  it('is not believed of another phone on the same cable', async () => {
    const { connect, mount } = phone({ provesReset: true });
    const unit = await session({ connect }, createAtDriver(), true);
    await unit.run('factory-reset', {}, context());
    mount.setFault('wrong-imei', true);
    const { values } = await unit.run('reset-proof', {}, context());
    expect(values).toMatchObject({ proven: false, evidence: expect.stringContaining('other numbers') });
  });

  it('stays unproven when the port is not opened again, or the phone stays away', async () => {
    const unit = await session(phone());
    await unit.run('factory-reset', {}, context());
    const { values } = await unit.run('reset-proof', {}, context());
    expect(values).toMatchObject({ proven: false, evidence: expect.stringContaining('did not come back') });
  });

  it('records a phone that leaves without an answer, and a refusal', async () => {
    const unit = new ScriptedUnit();
    const opening = createAtDriver().open(unit.transport, { signal });
    await unit.greet();
    const made = await opening;
    open.push(made);
    const refused = made.run('factory-reset', {}, context());
    await unit.expect('AT+CGMI', 'ACME', 'OK');
    for (const command of ['AT+CGMM', 'AT+CGMR', 'AT+CGSN', 'AT+CGSN=1']) await unit.expect(command, 'ERROR');
    await unit.expect('AT+FACTORST=0,0', '+CME ERROR: PACM(AP),NOT_ALLOWED_CARRIER');
    expect((await refused).values).toEqual({
      directed: false,
      answer: '+CME ERROR: PACM(AP),NOT_ALLOWED_CARRIER',
    });
    const gone = made.run('factory-reset', {}, context());
    await unit.next();
    unit.far.hangUp();
    expect((await gone).values).toEqual({ directed: true, answer: 'no answer: the phone left the port' });
  });
});

describe('looking', () => {
  it('knows a modem by one AT', async () => {
    const { connect } = phone();
    expect(await createAtDriver().probe(await connect(), '', signal)).toBe(true);
  });

  it('knows a modem that takes the first AT for its speed, and Samsung’s own mark', async () => {
    const unit = new ScriptedUnit();
    const probed = createAtDriver().probe(unit.transport, '', signal);
    await unit.next();
    await unit.expect('AT', '#OK#', 'OK');
    expect(await probed).toBe(true);
    await unit.transport.close();
  });

  it('hears a countdown that it joined between two counts, and sends nothing', async () => {
    const unit = new ScriptedUnit();
    const listening = listenFirst(unit.transport, signal);
    await unit.send('\b\b\b 4 ');
    const heard = await listening;
    expect(heard).toBe('\b\b\b 4 ');
    for (const driver of [createConsoleDriver(), createAtDriver()]) {
      expect(await driver.probe(unit.transport, heard, signal)).toBe(driver.family === 'console');
    }
    const sent = await Promise.race([unit.next(), new Promise((resolve) => setImmediate(resolve, null))]);
    expect(sent).toBeNull();
    await unit.transport.close();
  });

  it.each([
    '\r\nopenwrt login: ',
    'root@gateway:~# ',
    '/ # ',
    '$ ',
    'U-Boot 2023.04\r\nHit any key to stop autoboot:  3 ',
    'Benutzername: ',
    '=> ',
    '[    0.000000] Linux version 6.1.0\r\n',
  ])('sends nothing to what says %j', async (said) => {
    const unit = new ScriptedUnit();
    expect(await createAtDriver().probe(unit.transport, said, signal)).toBe(false);
    const sent = await Promise.race([unit.next(), new Promise((resolve) => setImmediate(resolve, null))]);
    expect(sent).toBeNull();
    await unit.transport.close();
  });

  it('says no to a shell that only echoes', async () => {
    const unit = new ScriptedUnit();
    const probed = createAtDriver().probe(unit.transport, '', signal);
    await unit.next();
    await unit.send('AT\r\n-sh: AT: not found\r\nroot@gateway:~# ');
    expect(await probed).toBe(false);
    await unit.transport.close();
  });

  it('fails when the unit goes', async () => {
    const unit = new ScriptedUnit();
    const probed = createAtDriver().probe(unit.transport, '', signal);
    unit.far.hangUp();
    await expect(probed).rejects.toMatchObject({ code: 'port.gone' });
  });
});
