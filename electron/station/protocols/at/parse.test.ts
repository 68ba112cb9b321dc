import { describe, expect, it } from 'vitest';
import {
  battery,
  isRegistrationAnswer,
  numberKind,
  operator,
  params,
  pinState,
  registration,
  serialNumbers,
  signal,
  textAnswer,
} from './parse.ts';
import { isReadOnly } from './readonly.ts';
import { describeResult, finalResult } from './results.ts';
import { deviceInfo } from './samsung.ts';
import { maskImsi } from './trace.ts';

describe('texts', () => {
  it.each([
    [['SAMSUNG'], 'SAMSUNG'],
    [['+CGMI: SAMSUNG'], 'SAMSUNG'],
    [['+CGMI: "Quectel, Ltd"'], 'Quectel, Ltd'],
    [['""', '+CGMI:SIMCOM'], 'SIMCOM'],
    [[], null],
    [['+CGMI:'], null],
  ])('%j → %j', (lines, text) => {
    expect(textAnswer(lines, '+CGMI')).toBe(text);
  });

  it('splits parameters at commas outside quotes', () => {
    expect(params('1,"a,b",, 3 ,"x"')).toEqual(['1', 'a,b', '', '3', 'x']);
    expect(params('"never closed,1')).toEqual(['"never closed,1']);
  });
});

describe('serial numbers', () => {
  it.each([
    [['356938035643809'], ['356938035643809']],
    [['+CGSN: 356938035643809'], ['356938035643809']],
    [['+CGSN: "356938035643809"'], ['356938035643809']],
    [['"356938035643809"'], ['356938035643809']],
    [['+GSN: 356938035643809'], ['356938035643809']],
    [['+CGSN: 356938035643809,356938035643817'], ['356938035643809', '356938035643817']],
    [
      ['356938035643809', '356938035643817'],
      ['356938035643809', '356938035643817'],
    ],
    [
      ['IMEI1: 356938035643809', 'IMEI2: 356938035643817'],
      ['356938035643809', '356938035643817'],
    ],
    [['+EGMR: "356938035643817"'], ['356938035643817']],
    [['356938035643809', '356938035643809'], ['356938035643809']],
    [['000000000000000'], []],
    [['+CGSN:'], []],
  ])('%j → %j', (lines, numbers) => {
    expect(serialNumbers(lines)).toEqual(numbers);
  });

  it('tells kinds of numbers apart', () => {
    expect(numberKind('356938035643809')).toBe('imei');
    expect(numberKind('3569380356438001')).toBe('imeisv');
    expect(numberKind('A10000009296F2')).toBe('meid');
    expect(numberKind('RZ8RB000001')).toBe('serial');
  });
});

describe('measurements', () => {
  it.each([
    ['+CBC: 0,85', { level: 85, charging: false, voltage: null }],
    ['+CBC: 1,100,4187', { level: 100, charging: true, voltage: 4.187 }],
    ['+CBC: 0,45,3.812V', { level: 45, charging: false, voltage: 3.812 }],
    ['+CBC: 4.012V', { level: null, charging: null, voltage: 4.012 }],
    ['+CBC: 1,101', { level: null, charging: true, voltage: null }],
    ['+CBC: ,,', null],
    ['+CSQ: 1,2', null],
    ['OK', null],
  ])('battery %s', (line, read) => {
    expect(battery(line)).toEqual(read);
  });

  it.each([
    ['+CSQ: 0,0', { rssi: -113, ber: 0 }],
    ['+CSQ: 21,99', { rssi: -71, ber: null }],
    ['+CSQ: 31,7', { rssi: -51, ber: 7 }],
    ['+CSQ: 99,99', { rssi: null, ber: null }],
    ['+CSQ: 100,99', { rssi: -116, ber: null }],
    ['+CSQ: 191,99', { rssi: -25, ber: null }],
    ['+CSQ: 199,99', { rssi: null, ber: null }],
    ['+CSQ:20,99', { rssi: -73, ber: null }],
    ['+CSQ: a,b', null],
  ])('signal %s', (line, read) => {
    expect(signal(line)).toEqual(read);
  });
});

describe('states', () => {
  it('reads locks', () => {
    expect(pinState('+CPIN: READY')).toBe('READY');
    expect(pinState('+CPIN: SIM PIN')).toBe('SIM PIN');
    expect(pinState('+CPIN:"PH-NET PIN"')).toBe('PH-NET PIN');
    expect(pinState('READY')).toBeNull();
  });

  it('reads registration, and knows the unsolicited form', () => {
    expect(registration('+CREG: 0,1')).toBe('registered, home network');
    expect(registration('+CREG: 2,5,"00C3","0A1B",7')).toBe('registered, roaming');
    expect(registration('+CREG: 0,77')).toBe('unknown');
    expect(isRegistrationAnswer('+CREG: 0,1')).toBe(true);
    expect(isRegistrationAnswer('+CREG: 1')).toBe(false);
    expect(isRegistrationAnswer('+CREG: 1,"00C3","0A1B",7')).toBe(false);
  });

  it('reads the operator', () => {
    expect(operator('+COPS: 0,0,"Telekom.de",7')).toBe('Telekom.de');
    expect(operator('+COPS: 0')).toBeNull();
  });
});

describe('results', () => {
  it.each([
    ['OK', 'OK'],
    ['ERROR', 'ERROR'],
    ['+CME ERROR: 10', '+CME ERROR: 10 (SIM not inserted)'],
    ['+CME ERROR: 4711', '+CME ERROR: 4711 (code 4711)'],
    ['+CME ERROR: SIM not inserted', '+CME ERROR: SIM not inserted'],
    ['+CME ERROR: PACM(AP),NOT_ALLOWED_CARRIER', '+CME ERROR: PACM(AP),NOT_ALLOWED_CARRIER'],
    ['+CMS ERROR: 515', '+CMS ERROR: 515 (code 515)'],
  ])('%s', (line, said) => {
    const result = finalResult(line);
    expect(result && describeResult(result)).toBe(said);
  });

  it.each(['', 'OKAY', '+CMEE: 1', 'NO CARRIER', 'ok then'])('%j is none', (line) => {
    expect(finalResult(line)).toBeNull();
  });
});

describe('DEVCONINFO', () => {
  const line =
    '+DEVCONINFO: MN(SM-S938B);BASE(UNKNOWN);VER(S938BXXU1/S938BOXM1/S938BXXU1/S938BXXU1);MNC(00,);PRD(EUX);' +
    'OMCCODE();SN(R5CY00000AB);IMEI(356938035643809,356938035643817);UN(C0);CON(AT,MTP);LOCK(NONE);' +
    'LIMIT(FALSE);HVID(Data:196609)';

  it('reads every field', () => {
    expect(deviceInfo(line)).toMatchObject({
      model: 'SM-S938B',
      firmware: 'S938BXXU1/S938BOXM1/S938BXXU1/S938BXXU1',
      serial: 'R5CY00000AB',
      imeis: ['356938035643809', '356938035643817'],
      lock: 'NONE',
      fields: { HVID: 'Data:196609', OMCCODE: '', LIMIT: 'FALSE' },
    });
  });

  it.each([
    ['IMEI(356938035643809/356938035643817)', ['356938035643809', '356938035643817']],
    ['IMEI(356938035643809);IMEI2(356938035643817)', ['356938035643809', '356938035643817']],
    ['IMEI(356938035643809,)', ['356938035643809']],
    ['IMEI(000000000000000)', []],
    ['IMEI()', []],
  ])('finds the IMEIs of %s', (fields, imeis) => {
    expect(deviceInfo(`+DEVCONINFO: MN(SM-A);${fields};SN(X)`)?.imeis).toEqual(imeis);
  });

  it('takes what is there of a line that is cut, odd or hostile', () => {
    for (let length = 12; length <= line.length; length += 1) deviceInfo(line.slice(0, length));
    expect(deviceInfo('+DEVCONINFO: MN(SM-A(1));SN(R1')).toMatchObject({ model: 'SM-A(1)', serial: 'R1' });
    expect(deviceInfo('+DEVCONINFO: __proto__(x);SN(UNKNOWN)')).toMatchObject({ serial: null });
    expect(deviceInfo(`+DEVCONINFO: ${'A(1);'.repeat(5000)}`)?.fields).toEqual({ A: '1' });
    expect(deviceInfo('MN(SM-A)')).toBeNull();
  });
});

describe('reading only', () => {
  it.each([
    'AT',
    'ATI',
    'at+csq',
    'AT+CREG?',
    'AT+COPS=?',
    'AT^SYSINFO?',
    'AT+CGSN=1',
    'AT+DEVCONINFO',
    'AT+CSQ;+CBC',
    'AT+EGMR=0,7',
    'AT+REACTIVE=1,0,0',
  ])('%s is let through', (command) => {
    expect(isReadOnly(command)).toBe(true);
  });

  it.each([
    '',
    'CSQ',
    'ATD112;',
    'ATZ',
    'AT&F',
    'AT+CFUN=1,1',
    'AT+FACTORST=0,0',
    'AT+CSQ;+FACTORST=0,0',
    'AT+EGMR=1,7,"356938035643809"',
    'AT+CPIN=1234',
    'AT+SUDDLMOD=0,0',
    'AT+CSQ\rAT+FACTORST=0,0',
    'AT+CSQ\n',
    'AT+CSQ\u0000',
    `AT+${'A'.repeat(300)}?`,
  ])('%j is refused', (command) => {
    expect(isReadOnly(command)).toBe(false);
  });
});

it('masks all of an IMSI but country and network', () => {
  expect(maskImsi('262011234567890')).toBe('26201••••••••••');
  expect(maskImsi('+CIMI: "262011234567890"')).toBe('+CIMI: "26201••••••••••"');
});
