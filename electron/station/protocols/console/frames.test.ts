import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, FrameParser, makeToken } from './frames.ts';

const TOKEN = makeToken(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));

/** Feeds bytes cut at the given places. */
function parse(bytes: Uint8Array, cuts: readonly number[], limit = 1 << 20): Frame[] {
  const parser = new FrameParser(TOKEN, limit);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).flatMap((end, at) => parser.push(bytes.slice(places[at], end)));
}

const body = fc.uint8Array({ maxLength: 300 });
const cuts = fc.array(fc.nat(), { maxLength: 40 });

describe('FrameParser', () => {
  it('makes tokens that no encoding of content contains', () => {
    expect(TOKEN).toMatch(/^:rb[a-z0-9]{12}:$/);
  });

  it('finds the same frames however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 6 }), cuts, (bodies, places) => {
        const wire = Buffer.concat(
          bodies.flatMap((bytes, at) => [Buffer.from(bytes), Buffer.from(`${TOKEN} K ${at} abc\r\n`)]),
        );
        const frames = parse(wire, places);
        expect(frames.map(({ fields }) => fields)).toEqual(bodies.map((_, at) => ['K', String(at), 'abc']));
        frames.forEach(({ body: found }, at) => {
          expect(found?.equals(Buffer.from(bodies[at] ?? []))).toBe(true);
        });
      }),
    );
  });

  it('survives anything, and keeps no more than its limits', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc
        .constantFrom(TOKEN, `${TOKEN} `, TOKEN.slice(0, 7), '\n', `${TOKEN} C 1 2\n`, 'x'.repeat(3000))
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), cuts, (pieces, places) => {
        for (const { body: found, fields } of parse(Buffer.concat(pieces), places, 1000)) {
          expect(found === null || found.length <= 1000).toBe(true);
          expect(fields.every((field) => /^[\w.+/=:()-]+$/.test(field))).toBe(true);
        }
      }),
    );
  });

  it('reports a line into which something else fell as empty', () => {
    const wire = Buffer.from(`body${TOKEN} K 1[   12.345678] usb 1-1: hello\r\n2 abc\n${TOKEN} Z 1\n`);
    expect(parse(wire, []).map(({ fields }) => fields)).toEqual([[], ['Z', '1']]);
  });

  it('finds the next token in a line that lost its end', () => {
    const wire = Buffer.from(`${TOKEN} K 1 2${TOKEN} Z 1\n`);
    expect(parse(wire, []).map(({ fields }) => fields)).toEqual([['Z', '1']]);
  });

  it('drops a body that is too long, and goes on', () => {
    const wire = Buffer.from(`${'x'.repeat(50)}${TOKEN} A\nshort${TOKEN} B\n`);
    expect(parse(wire, [], 10).map(({ body: found }) => found?.toString() ?? null)).toEqual([null, 'short']);
  });
});
