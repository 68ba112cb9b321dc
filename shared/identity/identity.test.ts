import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyIdentity, type Identity } from '../model/units.ts';
import {
  classifyIdentifier,
  compareIdentity,
  confirmDigits,
  formatImei,
  formatMeid,
  imeiKey,
  luhnDigit,
  meidCheckDigit,
  readImei,
  readMeid,
  serialKey,
  sharedKeys,
  strongKeys,
  strongMatch,
} from './index.ts';

// Examples of 3GPP TS 23.003 and of 3GPP2 S.R0048, and IMEIs made with a reserved test TAC (001017).
const IMEI_A = '490154203237518';
const IMEI_B = '356938035643809';
const NONE = { serial: null, imei1: null, imei2: null, meid: null };
const unit = (said: Partial<Identity>): Identity => ({ ...emptyIdentity(), ...said });

describe('IMEI', () => {
  it('is fifteen digits whose last is the Luhn digit of the others', () => {
    expect(readImei(IMEI_A)).toEqual({ ok: true, kind: 'imei', imei: IMEI_A, softwareVersion: null });
    expect(readImei('49-015420-323751-8')).toMatchObject({ ok: true, imei: IMEI_A });
    expect(readImei('49 015420 323751 8')).toMatchObject({ ok: true, imei: IMEI_A });
    expect(readImei('490154203237519')).toEqual({ ok: false, problem: 'check', expectedDigit: 8 });
    for (const text of ['', '49015420323751', '49015420323751x', '４90154203237518', '4901542032375180000']) {
      expect(readImei(text)).toMatchObject({ ok: false, problem: 'form' });
    }
  });

  it('finds every single wrong digit and every swap of neighbours but 0 and 9', () => {
    const imeis = fc.integer({ min: 1e13, max: 9e13 }).map((first) => `${first}${luhnDigit(String(first))}`);
    fc.assert(
      fc.property(imeis, fc.nat(14), fc.integer({ min: 1, max: 9 }), (imei, at, by) => {
        const wrong = imei.slice(0, at) + ((Number(imei[at]) + by) % 10) + imei.slice(at + 1);
        expect(readImei(wrong).ok).toBe(false);
        const [a, b] = [imei.charAt(at), imei.charAt((at + 1) % 15)];
        if (at < 14 && a !== b && a + b !== '09' && a + b !== '90') {
          expect(readImei(imei.slice(0, at) + b + a + imei.slice(at + 2)).ok).toBe(false);
        }
      }),
    );
  });

  it('knows the IMEI of an IMEISV, which has no check digit', () => {
    expect(readImei('49-015420-323751-78')).toEqual({
      ok: true,
      kind: 'imeisv',
      imei: IMEI_A,
      softwareVersion: '78',
    });
    expect(imeiKey('4901542032375178')).toBe(imeiKey(IMEI_A));
    expect(imeiKey('49015420323751')).toBe(imeiKey(IMEI_A));
  });

  it('takes no number that many units share', () => {
    for (const text of ['000000000000000', '004999010640000', '111111111111119', '123456789012347']) {
      expect(readImei(text)).toMatchObject({ ok: false, problem: 'placeholder' });
      expect(imeiKey(text)).toBeNull();
    }
  });

  it('is shown as labels print it', () => {
    expect(formatImei(IMEI_A)).toBe('49-015420-323751-8');
    expect(formatImei('4901542032375178')).toBe('49-015420-323751-78');
    expect(formatImei('not one')).toBe('not one');
  });
});

describe('MEID', () => {
  it('is one number in hexadecimal and in decimal, with and without its check digit', () => {
    expect(meidCheckDigit('AF0123450ABCDE')).toBe('C');
    for (const text of [
      'AF0123450ABCDE',
      'af 01 23 45 0a bc de',
      'AF0123450ABCDEC',
      '293608736500703710',
      '29360 87365 0070 3710 0',
    ]) {
      expect(readMeid(text)).toBe('AF0123450ABCDE');
    }
    expect(formatMeid('AF0123450ABCDE')).toBe('AF 012345 0ABCDE');
  });

  it('refuses wrong check digits, regions that are none, and numbers beyond its bits', () => {
    for (const text of [
      'AF0123450ABCDED',
      '29360 87365 0070 3710 1',
      '120123450ABCDE',
      '999999999999999999',
      'FFFFFFFFFFFFFF',
      'AF0123450ABCD',
      '',
    ]) {
      expect(readMeid(text)).toBeNull();
    }
  });
});

describe('serial numbers', () => {
  it('are compared trimmed and without regard to case, and nothing else', () => {
    expect(serialKey(' rf8n20abcde ')).toBe('RF8N20ABCDE');
    expect(serialKey('RF8N-20A')).not.toBe(serialKey('RF8N20A'));
    expect(serialKey('R0')).toBeNull();
  });

  it('that stand for “not set” name no unit', () => {
    for (const text of [
      '',
      '   ',
      '00000000',
      '0000-0000',
      'FFFFFFFF',
      '0123456789ABCDEF',
      'unknown',
      'N/A',
      'To be filled by O.E.M.',
      'Default string',
      'null',
    ]) {
      expect(serialKey(text)).toBeNull();
    }
  });
});

describe('classifyIdentifier', () => {
  it.each([
    ['b2-17', 'case-number', 'B2-17'],
    ['B2-0', 'serial', 'B2-0'],
    [IMEI_A, 'imei', IMEI_A],
    ['IMEI: 49-015420-323751-8', 'imei', IMEI_A],
    ['IMEI 1 490154203237518', 'imei', IMEI_A],
    ['49 015420 323751 78', 'imeisv', '4901542032375178'],
    ['MEID: AF0123450ABCDE', 'meid', 'AF0123450ABCDE'],
    ['293608736500703710', 'meid', 'AF0123450ABCDE'],
    ['S/N: rf8n20abcde', 'serial', 'RF8N20ABCDE'],
    ['SN: AB-12', 'serial', 'AB-12'],
    ['RF8N20ABCDE', 'serial', 'RF8N20ABCDE'],
    ['SN12345678', 'serial', 'SN12345678'],
    ['', 'serial', ''],
  ])('%s is a %s', (text, kind, value) => {
    expect(classifyIdentifier(text)).toMatchObject({ kind, value, doubt: null });
  });

  it('doubts fifteen digits that fail the check digit', () => {
    expect(classifyIdentifier('490154203237519')).toMatchObject({ kind: 'serial', doubt: 'imei-check' });
  });

  it('takes anything at all', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        expect(classifyIdentifier(text).kind).toMatch(/^(case-number|imei|imeisv|meid|serial)$/);
      }),
    );
  });
});

describe('strongMatch', () => {
  it('needs every strong identifier of the case, and at least one', () => {
    const phone = unit({ imei1: IMEI_A, imei2: IMEI_B, serial: 'RF8N20ABCDE' });
    expect(strongMatch(phone, { ...NONE, imei1: IMEI_A }).ok).toBe(true);
    expect(strongMatch(phone, { ...NONE, imei1: IMEI_A, serial: 'rf8n20abcde ' }).ok).toBe(true);
    expect(strongMatch(phone, { ...NONE, imei1: IMEI_A, serial: 'RF8N20ABCDF' }).ok).toBe(false);
    expect(strongMatch(phone, NONE)).toEqual({ ok: false, fields: [] });
    expect(strongMatch(phone, { ...NONE, serial: 'unknown' }).ok).toBe(false);
    expect(
      strongMatch(unit({ serial: 'RF8N20ABCDE' }), { ...NONE, imei1: IMEI_A, serial: 'RF8N20ABCDE' }),
    ).toEqual({
      ok: false,
      fields: [
        { field: 'imei1', expected: IMEI_A, said: null, agrees: false },
        { field: 'serial', expected: 'RF8N20ABCDE', said: 'RF8N20ABCDE', agrees: true },
      ],
    });
  });

  it('is not fooled by placeholders that are equal', () => {
    const blank = unit({ serial: '00000000', imei1: '000000000000000' });
    expect(strongMatch(blank, { ...NONE, serial: '00000000', imei1: '000000000000000' }).ok).toBe(false);
  });

  it('takes a modem that says its IMEISV', () => {
    expect(strongMatch(unit({ imei1: '4901542032375178' }), { ...NONE, imei1: IMEI_A }).ok).toBe(true);
  });
});

describe('sharedKeys', () => {
  const share = (a: Partial<Identity>, b: Partial<Identity>) =>
    sharedKeys(strongKeys(unit(a)), strongKeys(unit(b)));

  it('counts what two sides share, and nothing when they contradict each other', () => {
    expect(share({ imei1: IMEI_A, serial: 'ABCD1' }, { imei1: IMEI_A })).toBe(1);
    expect(share({ imei1: IMEI_A, serial: 'ABCD1' }, { imei1: IMEI_A, serial: 'abcd1' })).toBe(2);
    expect(share({ imei1: IMEI_A, serial: 'ABCD1' }, { imei1: IMEI_A, serial: 'ABCD2' })).toBe(0);
    expect(share({ imei1: IMEI_A, imei2: IMEI_B }, { imei1: IMEI_B })).toBe(1);
    expect(share({ imei1: IMEI_A, imei2: IMEI_B }, { imei1: IMEI_B, imei2: IMEI_A })).toBe(2);
    expect(share({ imei1: IMEI_A }, { serial: 'ABCD1' })).toBe(0);
    expect(share({ serial: '00000000' }, { serial: '00000000' })).toBe(0);
  });
});

describe('confirmDigits', () => {
  it('are the last four of the IMEI, else of the serial number', () => {
    expect(confirmDigits(unit({ imei1: IMEI_A, serial: 'RF8N20ABCDE' }))).toEqual({
      confirmWith: 'imei',
      digits: '7518',
    });
    expect(confirmDigits(unit({ serial: ' rf8n20abcde' }))).toEqual({
      confirmWith: 'serial',
      digits: 'BCDE',
    });
    expect(confirmDigits(unit({ imei1: '000000000000000', serial: 'SN-4711' }))).toEqual({
      confirmWith: 'serial',
      digits: '4711',
    });
    expect(confirmDigits(unit({ serial: 'unknown' }))).toBeNull();
  });
});

describe('compareIdentity', () => {
  const label = (said: Partial<Record<'serial' | 'imei1' | 'imei2', string>>) => ({
    ...NONE,
    model: null,
    ...said,
  });

  it('finds nothing where all agree or keep silent', () => {
    const said = unit({ imei1: IMEI_A, serial: 'RF8N20ABCDE' });
    expect(
      compareIdentity(said, label({ imei1: '49-015420-323751-8' }), { ...NONE, serial: 'rf8n20abcde' }),
    ).toEqual([]);
    expect(compareIdentity(null, null, NONE)).toEqual([]);
    expect(compareIdentity(unit({ serial: 'unknown' }), label({ serial: 'RF8N20ABCDE' }), NONE)).toEqual([]);
  });

  it('tells a unit that is not the case’s, with the ways out', () => {
    const [conflict, ...others] = compareIdentity(unit({ imei1: IMEI_B }), null, { ...NONE, imei1: IMEI_A });
    expect(others).toEqual([]);
    expect(conflict).toEqual({
      field: 'imei1',
      unitSays: IMEI_B,
      labelSays: null,
      caseSays: IMEI_A,
      message: 'IMEI 1: the unit says 35-693803-564380-9, the case says 49-015420-323751-8.',
      waysOut: ['re-read', 'identity-change', 'wrong-unit', 'escalate'],
    });
  });

  it('tells a label that was mistyped', () => {
    const [conflict] = compareIdentity(unit({ serial: 'ABCD1' }), label({ serial: 'ABCD7' }), {
      ...NONE,
      serial: 'ABCD1',
    });
    expect(conflict).toMatchObject({
      field: 'serial',
      waysOut: ['re-read', 'correct-label', 'wrong-unit', 'escalate'],
    });
  });

  it('tells the other slot of a dual-SIM phone, and accepts a label that lists both', () => {
    const phone = unit({ imei1: IMEI_A, imei2: IMEI_B });
    const [conflict, ...others] = compareIdentity(phone, label({ imei1: IMEI_B }), NONE);
    expect(others).toEqual([]);
    expect(conflict?.waysOut).toEqual(['re-read', 'other-imei', 'correct-label', 'wrong-unit', 'escalate']);
    expect(conflict?.message).toContain('IMEI 2');
    expect(compareIdentity(phone, label({ imei1: IMEI_B, imei2: IMEI_A }), NONE)).toEqual([]);
    expect(compareIdentity(phone, label({ imei2: IMEI_B }), NONE)).toEqual([]);
    expect(compareIdentity(phone, null, { ...NONE, imei1: IMEI_B, imei2: IMEI_A })).toEqual([]);
  });

  it('lets a label show what a recorded change replaced', () => {
    const side = { ...NONE, imei1: IMEI_B, former: [{ field: 'imei1' as const, value: IMEI_A }] };
    expect(compareIdentity(unit({ imei1: IMEI_B }), label({ imei1: IMEI_A }), side)).toEqual([]);
    expect(compareIdentity(unit({ imei1: IMEI_A }), label({ imei1: IMEI_A }), side)).toHaveLength(1);
  });

  it('compares identifiers that are no real ones as bare text', () => {
    const [conflict] = compareIdentity(unit({ imei1: '490154203237519' }), null, { ...NONE, imei1: IMEI_A });
    expect(conflict?.unitSays).toBe('490154203237519');
  });

  it('gives every conflict a sentence and a way out, whatever is said', () => {
    const said = fc.option(
      fc.oneof(
        fc.constantFrom(IMEI_A, IMEI_B, 'ABCD1', 'abcd1', 'unknown', '000000000000000', ''),
        fc.string(),
      ),
    );
    const side = fc.record({ serial: said, imei1: said, imei2: said, meid: said });
    fc.assert(
      fc.property(side, side, side, (a, b, c) => {
        for (const conflict of compareIdentity(unit(a), { ...b, model: null }, c)) {
          expect(conflict.message).not.toBe('');
          expect(conflict.waysOut).toContain('escalate');
          expect(new Set(conflict.waysOut).size).toBe(conflict.waysOut.length);
        }
        // Whatever a unit says of itself agrees with itself.
        expect(compareIdentity(unit(a), null, { ...NONE, serial: a.serial })).toEqual([]);
      }),
    );
  });
});
