import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumOf } from './checks.ts';
import { accept, CODECS, type Codec, RAW } from './codecs.ts';

const codec = (id: string): Codec => {
  const found = [...CODECS, RAW].find((one) => one.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};

/** What the unit's tool prints for these bytes. */
const PRINTS: Readonly<Record<string, (bytes: Buffer) => string>> = {
  base64: (bytes) => bytes.toString('base64').replace(/.{76}/g, '$&\n').replace(/\n?$/, '\n'),
  openssl: (bytes) => bytes.toString('base64').replace(/.{64}/g, '$&\n').replace(/\n?$/, '\n'),
  uuencode: (bytes) => `begin-base64 644 x\n${bytes.toString('base64').replace(/.{60}/g, '$&\n')}\n====\n`,
  xxd: (bytes) => bytes.toString('hex').replace(/.{60}/g, '$&\n').replace(/\n?$/, '\n'),
  hexdump: (bytes) => bytes.toString('hex'),
  od: (bytes) => bytes.toString('hex').replace(/../g, ' $&').replace(/.{48}/g, '$&\n'),
  'od-octal': (bytes) => {
    let text = '';
    for (let at = 0; at < bytes.length; at += 16) {
      const values = [...bytes.subarray(at, at + 16)].map((byte) => byte.toString(8).padStart(3, '0'));
      text += `${at.toString(8).padStart(7, '0')} ${values.join(' ')}\n`;
    }
    return `${text}${bytes.length.toString(8).padStart(7, '0')}\n`;
  },
  raw: (bytes) => bytes.toString('latin1'),
};

const content = fc.uint8Array({ minLength: 1, maxLength: 600 }).map((bytes) => Buffer.from(bytes));
const KERNEL = '[  123.456789] usb 1-1: device descriptor read/64, error -71\r\n';

describe.each(Object.keys(PRINTS))('the encoding %s', (id) => {
  const print = PRINTS[id] ?? String;
  const base = { codec: codec(id), gzip: false, limit: 1000, strict: false };
  const proves = (wanted: Buffer) => (found: Buffer) => sumOf('md5', found) === sumOf('md5', wanted);

  it('brings any bytes back, with LF and with CR LF', () => {
    fc.assert(
      fc.property(content, fc.boolean(), (bytes, crlf) => {
        const text = crlf ? print(bytes).replaceAll('\n', '\r\n') : print(bytes);
        const found = accept(Buffer.from(text, 'latin1'), { ...base, proves: proves(bytes) });
        // Without an encoding, CR LF cannot always be told from LF: refused then, never wrong.
        if (id === 'raw' && crlf && bytes.includes('\r\n')) return found === null || found.equals(bytes);
        return found?.equals(bytes) === true;
      }),
    );
  });

  it('brings them back with a kernel message in the middle, or not at all', () => {
    fc.assert(
      fc.property(content, fc.nat(), (bytes, place) => {
        const text = print(bytes);
        const at = place % (text.length + 1);
        const damaged = text.slice(0, at) + KERNEL + text.slice(at);
        const found = accept(Buffer.from(damaged, 'latin1'), { ...base, proves: proves(bytes) });
        return found === null ? id === 'raw' : found.equals(bytes);
      }),
    );
  });

  it('never accepts other bytes, whatever happened to the text', () => {
    const damage = fc.array(
      fc.tuple(fc.nat(), fc.nat(3), fc.string({ unit: 'binary-ascii', maxLength: 5 })),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(content, damage, (bytes, changes) => {
        let text = print(bytes);
        for (const [place, cut, insert] of changes) {
          const at = place % (text.length + 1);
          text = text.slice(0, at) + insert + text.slice(at + cut);
        }
        const found = accept(Buffer.from(text, 'latin1'), { ...base, proves: proves(bytes) });
        return found === null || found.equals(bytes);
      }),
    );
  });
});

describe('accept', () => {
  it('unpacks gzip within the limit only', () => {
    const bytes = Buffer.alloc(5000, 'a');
    const text = Buffer.from(gzipSync(bytes).toString('base64'));
    const expected = { codec: codec('base64'), gzip: true, proves: () => true, strict: true };
    expect(accept(text, { ...expected, limit: 5000 })?.equals(bytes)).toBe(true);
    expect(accept(text, { ...expected, limit: 4999 })).toBeNull();
    expect(accept(Buffer.from('H4sIAAAA'), { ...expected, limit: 5000 })).toBeNull();
  });

  it('demands the exact form where nothing else can tell damage', () => {
    const strict = { codec: codec('base64'), gzip: false, limit: 1000, proves: () => true, strict: true };
    const text = Buffer.from(`${'b'.repeat(76)}\n${'b'.repeat(76)}\nYg==\n`);
    expect(accept(text, strict)?.length).toBe(57 * 2 + 1);
    for (const damaged of [
      `${'b'.repeat(76)}\n${'b'.repeat(72)}\nYg==\n`,
      'b*bb\n',
      'Yg==\nYg==\n',
      'bbb\n',
    ]) {
      expect(accept(Buffer.from(damaged), strict), damaged).toBeNull();
    }
  });
});
