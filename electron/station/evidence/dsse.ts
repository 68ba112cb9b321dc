import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';

/**
 * Signed statements as DSSE envelopes, protocol v1.0.2 (github.com/secure-systems-lab/dsse), with Ed25519.
 * The signature covers the payload's exact bytes and its type; nothing is canonicalised.
 */

export interface Signer {
  readonly keyId: string;
  /** Ed25519 signature, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** The public key of an id; null when it is unknown. */
export type KeyLookup = (keyId: string) => KeyObject | null;

/** The first 16 bytes of the SHA-256 of the public key's SPKI form (DER), hexadecimal. */
export function keyIdOf(publicKey: KeyObject): string {
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 32);
}

export function ed25519Signer(privateKey: KeyObject): Signer {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('records are signed with Ed25519');
  const keyId = keyIdOf(createPublicKey(privateKey));
  return { keyId, sign: (bytes) => sign(null, bytes, privateKey) };
}

/** A lookup among a few public keys. */
export function keysById(...publicKeys: KeyObject[]): KeyLookup {
  const keys = new Map(publicKeys.map((key) => [keyIdOf(key), key]));
  return (keyId) => keys.get(keyId) ?? null;
}

/**
 * Pre-authentication encoding: what is really signed.
 * PAE(type, body) = “DSSEv1” SP LEN(type) SP type SP LEN(body) SP body, lengths of UTF-8 bytes in decimal.
 */
export function pae(type: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type, 'utf8')} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head, 'utf8'), payload]);
}

/** The envelope as text; keep it byte for byte. */
export function seal(type: string, payload: Uint8Array, signer: Signer): string {
  const signature = Buffer.from(signer.sign(pae(type, payload))).toString('base64');
  return JSON.stringify({
    payload: Buffer.from(payload).toString('base64'),
    payloadType: type,
    signatures: [{ keyid: signer.keyId, sig: signature }],
  });
}

/** Unknown fields are allowed by the specification and carry no meaning. */
const Envelope = z.object({
  payload: z.string(),
  payloadType: z.string(),
  signatures: z
    .array(z.object({ keyid: z.string().nullish(), sig: z.string() }))
    .min(1)
    .max(16),
});

export type OpenResult =
  | { readonly ok: true; readonly payload: Buffer; readonly keyId: string }
  | {
      readonly ok: false;
      /**
       * - `malformed`: no DSSE envelope
       * - `other-type`: an envelope of something else
       * - `unknown-key`: signed by no key that is known here
       * - `bad-signature`: a known key is named, but it did not sign these bytes
       */
      readonly reason: 'malformed' | 'other-type' | 'unknown-key' | 'bad-signature';
      readonly detail: string;
    };

/** Checks an envelope; its payload is given out only when a known key signed it under this type. */
export function unseal(envelope: string, type: string, keys: KeyLookup): OpenResult {
  const refuse = (reason: (OpenResult & { ok: false })['reason'], detail: string): OpenResult => ({
    ok: false,
    reason,
    detail,
  });
  const parsed = parse(envelope);
  const payload = parsed && base64(parsed.payload);
  if (!parsed || !payload) return refuse('malformed', 'it is no DSSE envelope');
  if (parsed.payloadType !== type) return refuse('other-type', `its type is “${parsed.payloadType}”`);
  const signed = pae(parsed.payloadType, payload);
  let known = false;
  for (const { keyid, sig } of parsed.signatures) {
    // The id is a hint and proves nothing: the key it leads to must have made the signature.
    const key = keyid ? keys(keyid) : null;
    if (!keyid || !key) continue;
    known = true;
    const signature = base64(sig);
    if (signature && verify(null, signed, key, signature)) return { ok: true, payload, keyId: keyid };
  }
  if (known) return refuse('bad-signature', 'its signature does not fit its content');
  const ids = parsed.signatures.map(({ keyid }) => keyid ?? 'none').join(', ');
  return refuse('unknown-key', `it is signed by an unknown key (${ids})`);
}

function parse(envelope: string): z.infer<typeof Envelope> | null {
  try {
    return Envelope.parse(JSON.parse(envelope));
  } catch {
    return null;
  }
}

/** Standard or URL-safe base64, as the specification demands of readers; null when it is neither. */
function base64(text: string): Buffer | null {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  const bytes = Buffer.from(standard, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === standard ? bytes : null;
}
