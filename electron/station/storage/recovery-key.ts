import { createHash } from 'node:crypto';

/** Crockford's base 32: no I, L, O, U, so that a printed key can be read aloud and typed. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SECRET_BYTES = 20;

/** 20 secret bytes and a check byte pair, as seven groups of five characters (35 × 5 = 175 bits). */
export function formatRecoveryKey(secret: Uint8Array): string {
  const bytes = [...secret, ...check(secret)];
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  // 22 bytes are 176 bits: the check keeps 15 of its 16, which the shift drops.
  bits >>= 1n;
  let text = '';
  for (let i = 0; i < 35; i++) {
    text = ALPHABET[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return text.match(/.{5}/g)?.join('-') ?? text;
}

/** The secret of a typed key, whatever its case and separators; null when it cannot be one. */
export function parseRecoveryKey(typed: string): Uint8Array | null {
  const text = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (text.length !== 35) return null;
  let bits = 0n;
  for (const char of text) {
    const digit = ALPHABET.indexOf(char);
    if (digit < 0) return null;
    bits = (bits << 5n) | BigInt(digit);
  }
  bits <<= 1n;
  const bytes = new Uint8Array(SECRET_BYTES + 2);
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(bits & 255n);
    bits >>= 8n;
  }
  const secret = bytes.slice(0, SECRET_BYTES);
  return formatRecoveryKey(secret).replace(/-/g, '') === text ? secret : null;
}

const check = (secret: Uint8Array): Buffer => createHash('sha256').update(secret).digest().subarray(0, 2);
