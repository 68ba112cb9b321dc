/** Longest pause between two keys of a scanner; people are slower than this even in their quickest runs. */
const MAX_GAP_MS = 50;
/** Some scanners wait a little before the Enter; a run of keys that fast was no hand anyway. */
const MAX_ENTER_GAP_MS = 200;
/** Shorter codes are not used on labels; a hand can hit three keys at once. */
const MIN_LENGTH = 4;
/** A label is never longer; anything beyond is a key held down. */
const MAX_LENGTH = 500;

export interface KeyPress {
  /** As `KeyboardEvent.key` names it. */
  readonly key: string;
  /** Milliseconds on any steady clock (`event.timeStamp`). */
  readonly at: number;
  /** Ctrl, Alt or Meta is down: a shortcut, no scanner. */
  readonly modified: boolean;
}

export type Detected =
  | { readonly kind: 'scan'; readonly text: string }
  /** Keys are coming too fast for a hand: most likely the start of a scan. */
  | { readonly kind: 'burst' }
  /** A key that may start a scan: nothing was typed right before it. */
  | { readonly kind: 'first' }
  | { readonly kind: 'none' };

/**
 * Tells a scanner that types like a keyboard from a person: at least four characters, never more than 50 ms
 * apart, ended by Enter. Feed it every key press in order.
 */
export function createScanDetector() {
  let text = '';
  let last = Number.NEGATIVE_INFINITY;

  return function feed({ key, at, modified }: KeyPress): Detected {
    // Shift for capitals comes between the characters of a scan.
    if (key === 'Shift' || key === 'CapsLock') return { kind: 'none' };
    const gap = at - last;
    last = at;
    if (key === 'Enter' && !modified) {
      const scanned = gap <= MAX_ENTER_GAP_MS && text.length >= MIN_LENGTH ? text.trim() : '';
      text = '';
      return scanned.length >= MIN_LENGTH ? { kind: 'scan', text: scanned } : { kind: 'none' };
    }
    if (modified || [...key].length !== 1) {
      text = '';
      return { kind: 'none' };
    }
    text = gap <= MAX_GAP_MS && text.length < MAX_LENGTH ? text + key : key;
    if (text.length === 1) return { kind: 'first' };
    return { kind: text.length >= 3 ? 'burst' : 'none' };
  };
}
