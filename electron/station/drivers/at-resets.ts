import type { Identity } from '../../../shared/model/units.ts';
import { DEVCONINFO } from '../protocols/at/samsung.ts';
import type { AtIdentification } from './at-identity.ts';

const MAX_REMEMBERED = 500;

/**
 * Fields of Samsung's record that show an undone set-up. Phones in the field are not known to report one, so
 * a reset by AT usually stays unproven; a phone that does is believed only if it did not report it before.
 */
const SETUP_FIELDS: Readonly<Record<string, RegExp>> = { SETUP: /^PENDING$/i };

export interface ResetProof {
  readonly proven: boolean;
  /** In a sentence: what was read, or why nothing could be. */
  readonly evidence: string;
}

export const unproven = (evidence: string): ResetProof => ({ proven: false, evidence });

const keysOf = (identity: Identity): string[] =>
  [identity.imei1, identity.imei2, identity.meid, identity.serial].filter((key) => key !== null);

/** Whether two readings name the same phone: all of its numbers are the same. */
export const sameNumbers = (a: Identity, b: Identity): boolean =>
  (['imei1', 'imei2', 'meid', 'serial'] as const).every((field) => a[field] === b[field]);

/**
 * What phones reported before a reset that this bench directed, by their own numbers: the proof is often
 * read in a later conversation, over another opening of the port.
 */
export class DirectedResets {
  readonly #before = new Map<string, Readonly<Record<string, string>>>();

  remember({ identity, device }: AtIdentification): void {
    for (const key of keysOf(identity)) {
      this.#before.delete(key);
      this.#before.set(key, device?.fields ?? {});
    }
    for (const key of this.#before.keys()) {
      if (this.#before.size <= MAX_REMEMBERED) break;
      this.#before.delete(key);
    }
  }

  /** Whether what the phone reports now shows that the reset took place. */
  proofOf({ identity, device }: AtIdentification): ResetProof {
    const earlier = keysOf(identity)
      .map((key) => this.#before.get(key))
      .find((fields) => fields !== undefined);
    if (earlier === undefined) return unproven('This bench directed no reset of this phone.');
    for (const [field, pattern] of Object.entries(SETUP_FIELDS)) {
      const value = device?.fields[field] ?? '';
      if (pattern.test(value) && !pattern.test(earlier[field] ?? '')) {
        const evidence = `${DEVCONINFO} reports ${field}(${value}), which it did not before.`;
        return { proven: true, evidence };
      }
    }
    return unproven('The phone came back, and nothing that it reports shows whether it was reset.');
  }
}
