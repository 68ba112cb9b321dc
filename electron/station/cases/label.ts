import { BenchError } from '../../../shared/errors/index.ts';
import { readImei, readMeid, type StrongField, serialKey } from '../../../shared/identity/index.ts';
import type { LabelIdentity } from '../../../shared/model/units.ts';

/**
 * An identifier that a person typed or scanned, in the form it is stored in. Throws what is wrong with it:
 * `identity.check-digit`, `identity.not-an-imei`, `identity.not-a-meid`, `identity.placeholder`.
 */
export function checkIdentifier(field: StrongField, text: string): string {
  if (field === 'serial') {
    const serial = text.trim();
    // Short ones are weak, but may be all a label has; they are kept and never count as proof.
    if (serial.length >= 4 && serialKey(serial) === null) {
      throw new BenchError('identity.placeholder', { text: serial });
    }
    return serial;
  }
  if (field === 'meid') {
    const meid = readMeid(text);
    if (meid === null) throw new BenchError('identity.not-a-meid', { text });
    return meid;
  }
  const reading = readImei(text);
  if (reading.ok) return reading.imei;
  if (reading.problem === 'check') {
    throw new BenchError('identity.check-digit', { text, expected: reading.expectedDigit ?? '' });
  }
  throw new BenchError(reading.problem === 'form' ? 'identity.not-an-imei' : 'identity.placeholder', {
    text,
  });
}

/** A label as stored: each identifier checked, empty ones left out. */
export function checkLabel(label: LabelIdentity): LabelIdentity {
  const check = (field: StrongField) => {
    const text = label[field];
    return text === null || text.trim() === '' ? null : checkIdentifier(field, text);
  };
  return {
    serial: check('serial'),
    imei1: check('imei1'),
    imei2: check('imei2'),
    meid: check('meid'),
    model: label.model?.trim() || null,
    ...(label.maker?.trim() ? { maker: label.maker.trim() } : {}),
  };
}
