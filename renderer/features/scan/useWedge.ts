import { useEffect } from 'react';
import { useScanTargets } from '../../ui/scanTargets.tsx';
import { createScanDetector } from './detect.ts';

type Field = HTMLInputElement | HTMLTextAreaElement;

/** Kinds of input that take any text; into the others no scan can be typed. */
const TEXT_TYPES: ReadonlySet<string> = new Set([
  'text',
  'search',
  'password',
  'email',
  'tel',
  'url',
  'number',
]);

/**
 * The field that takes what is typed. A select's read-only input, a date or a tick box is none, and neither is a
 * field that sends scans elsewhere (`data-scan="elsewhere"`).
 */
function fieldOf(target: EventTarget | null): Field | null {
  const isText =
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && TEXT_TYPES.has(target.type));
  return isText && !target.readOnly && !target.disabled ? target : null;
}

/** Puts a text into a field as if it had been typed, so that the form behind it knows. */
function fill(field: Field, text: string): void {
  if (field.value === text) return;
  const owner = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
  Object.getOwnPropertyDescriptor(owner.prototype, 'value')?.set?.call(field, text);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** After a scan has filled a field, the hand is on the scanner: the next field of the form waits for the next scan. */
function focusNextField(field: Field): void {
  const form = field.closest('form, [role="dialog"]');
  if (!form) return;
  const fields = [...form.querySelectorAll('input, textarea')]
    .map(fieldOf)
    .filter((other) => other !== null && other.offsetParent !== null);
  const next = fields[fields.indexOf(field) + 1] ?? form.querySelector<HTMLElement>('[type="submit"]');
  next?.focus();
}

/**
 * Reads a keyboard-wedge scanner on the whole page. Its keys land wherever the focus is, so what they typed is
 * taken back when the scan belongs somewhere else.
 * - with the focus in a field, the forms in sight are asked first; when none wants the scan, a field made for scans
 *   (`data-scan="fill"`) holds it in place of what was there, and any other field keeps what was typed
 * - elsewhere the dialog and the page are asked as well
 * - the Enter at its end sends no form and presses no button, unless the field wants that (`data-scan="submit"`); in a
 *   field made for scans no Enter does, however slow
 */
export function useWedge(): void {
  const { offer } = useScanTargets();
  useEffect(() => {
    const feed = createScanDetector();
    /** Where the keys of the run under way go, and what stood there before. */
    let start: { field: Field; value: string } | null = null;

    /** Brings a scan where it belongs; false when it is what the field was for, Enter and all. */
    const take = (text: string): boolean => {
      const landed = start;
      if (!landed || landed.field.dataset.scan === 'elsewhere') {
        if (landed) fill(landed.field, landed.value);
        offer(text, 'page');
        return true;
      }
      const { field, value } = landed;
      const typed = field.value;
      fill(field, value);
      if (offer(text, 'form')) {
        // The forms draw themselves first; then it shows whether it was this field's scan.
        requestAnimationFrame(() => {
          if (document.activeElement === field && field.value !== value) focusNextField(field);
        });
        return true;
      }
      fill(field, field.dataset.scan === 'fill' ? text : typed);
      if (field.dataset.scan === 'submit') return false;
      focusNextField(field);
      return true;
    };

    const onKeyDown = (event: KeyboardEvent) => {
      const field = fieldOf(event.target);
      const detected = feed({
        key: event.key,
        at: event.timeStamp,
        modified: event.ctrlKey || event.altKey || event.metaKey,
      });
      if (detected.kind === 'first') start = field && { field, value: field.value };
      // A space within a code would press the focused button or scroll the page.
      if (detected.kind === 'burst' && !field && event.key === ' ') event.preventDefault();
      const slow = detected.kind === 'none' && event.key === 'Enter' && field?.dataset.scan === 'fill';
      if (detected.kind === 'scan' ? !take(detected.text) : !slow) return;
      event.preventDefault();
      event.stopPropagation();
      if (slow && field) focusNextField(field);
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [offer]);
}
