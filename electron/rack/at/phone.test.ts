import { afterEach, describe, expect, it } from 'vitest';
import { readImei } from '../../../shared/identity/index.ts';
import { createMemoryLine } from '../../station/transports/memory.ts';
import type { Transport } from '../../station/transports/transport.ts';
import { mountInProcess } from '../mount.ts';
import { phoneIdentity, strangeImei } from './identity.ts';
import { AtPhone, type AtPhoneOptions } from './phone.ts';

const SOON = { timeoutMs: 10_000 };
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});

function plugIn(options: AtPhoneOptions = {}) {
  const core = new AtPhone(options);
  const mount = mountInProcess(core);
  const { transport, far } = createMemoryLine();
  open.push(mount, transport);
  mount.plug(far);
  return { core, mount, transport };
}

/** Sends a line and reads up to the end of its answer. */
async function say(
  transport: Transport,
  command: string,
  end = /\r\n(OK|ERROR|\+CME ERROR: .*)\r\n$/,
): Promise<string> {
  await transport.write(Buffer.from(`${command}\r`), SOON);
  let text = '';
  while (!end.test(text)) text += Buffer.from(await transport.read(SOON)).toString('latin1');
  return text;
}

it('has two valid IMEIs of the test range, and is the same phone each time', () => {
  for (const number of [1, 2, 99]) {
    const { imei1, imei2 } = phoneIdentity(number);
    expect(readImei(imei1)).toMatchObject({ ok: true, kind: 'imei' });
    expect(readImei(imei2)).toMatchObject({ ok: true, kind: 'imei' });
    expect(imei1).not.toBe(imei2);
    expect(phoneIdentity(number)).toEqual(phoneIdentity(number));
  }
  expect(readImei(strangeImei()).ok).toBe(true);
  expect(phoneIdentity(1).imei1).not.toBe(phoneIdentity(2).imei1);
});

describe('the modem port', () => {
  it('echoes until told otherwise', async () => {
    const { transport } = plugIn();
    expect(await say(transport, 'AT+CGMM')).toBe('AT+CGMM\r\r\nSM-G991B\r\n\r\nOK\r\n');
    await say(transport, 'ATE0');
    expect(await say(transport, 'AT+CGMM')).toBe('\r\nSM-G991B\r\n\r\nOK\r\n');
  });

  it('words errors as told', async () => {
    const { transport } = plugIn({ echo: false });
    expect(await say(transport, 'AT+NEVER')).toBe('\r\nERROR\r\n');
    await say(transport, 'AT+CMEE=1');
    expect(await say(transport, 'AT+NEVER')).toBe('\r\n+CME ERROR: 4\r\n');
    await say(transport, 'AT+CMEE=2');
    expect(await say(transport, 'AT+NEVER')).toBe('\r\n+CME ERROR: operation not supported\r\n');
    expect(await say(transport, 'AT+CMEE=7')).toBe('\r\n+CME ERROR: Incorrect parameters\r\n');
    expect(await say(transport, 'hello')).toBe('\r\nERROR\r\n');
    expect(await say(transport, `AT+${'A'.repeat(5000)}`)).toBe('\r\nERROR\r\n');
  });

  it('answers shortly when told', async () => {
    const { transport } = plugIn({ echo: false });
    expect(await say(transport, 'ATV0', /0\r$/)).toBe('0\r');
    expect(await say(transport, 'AT+NEVER', /4\r$/)).toBe('4\r');
    expect(await say(transport, 'ATV1')).toBe('\r\nOK\r\n');
  });

  it('answers commands in order, however slow', async () => {
    const { transport } = plugIn({ echo: false, delayMs: (command) => (command === 'AT+CGMM' ? 20 : 0) });
    await transport.write(Buffer.from('AT+CGMM\rAT+CGMI\r'), SOON);
    let text = '';
    while (!text.includes('SAMSUNG')) text += Buffer.from(await transport.read(SOON)).toString('latin1');
    expect(text.indexOf('SM-G991B')).toBeLessThan(text.indexOf('SAMSUNG'));
  });

  it('says something unasked, but never piles it up', async () => {
    const { core, transport } = plugIn();
    core.say('RING');
    expect(Buffer.from(await transport.read(SOON)).toString()).toBe('\r\nRING\r\n');
    await transport.close();
    for (let times = 0; times < 1000; times += 1) core.say();
  });

  it('says its own strange IMEI while that fault is on', async () => {
    const { mount, transport, core } = plugIn({ echo: false });
    mount.setFault('wrong-imei', true);
    expect(await say(transport, 'AT+CGSN')).toContain(strangeImei());
    expect(await say(transport, 'AT+DEVCONINFO')).toContain(`IMEI(${strangeImei()},${core.identity.imei2})`);
    mount.setFault('wrong-imei', false);
    expect(await say(transport, 'AT+CGSN')).toContain(core.identity.imei1);
  });

  it('reboots on a factory reset', async () => {
    const { core, transport } = plugIn({ rebootMs: 1 });
    expect(await say(transport, 'AT+FACTORST=1,1')).toContain('ERROR');
    expect(core.resets).toBe(0);
    await say(transport, 'AT+FACTORST=0,0');
    expect((await transport.closed).kind).toBe('gone');
    expect(core.resets).toBe(1);
  });
});
