import { useEffect, useRef } from 'react';
import { useScanTargets } from '../../ui/scanTargets.tsx';
import { createScanDetector } from './detect.ts';

type Field = HTMLInputElement | HTMLTextAreaElement;

const isField = (target: EventTarget | null): target is Field =>
  target instanceof HTMLTextAreaElement ||
  (target instanceof HTMLInputElement &&
    !['checkbox', 'radio', 'button', 'submit', 'file', 'range'].includes(target.type));

/** After a scan has filled a field, the hand is on the scanner: the next field of the form waits for the next scan. */
function focusNextField(field: Field): void {
  const form = field.closest('form, [role="dialog"]');
  if (!form) return;
  const fields = [...form.querySelectorAll('input, textarea')].filter(
    (other): other is Field => isField(other) && !other.disabled && other.offsetParent !== null,
  );
  const next = fields[fields.indexOf(field) + 1] ?? form.querySelector<HTMLElement>('[type="submit"]');
  next?.focus();
}

/**
 * Reads a keyboard-wedge scanner on the whole page.
 * - in a field, the scan fills it; the Enter at its end does not send the form, unless the field wants it
 *   (`data-scan="submit"`); in a field made for scans (`data-scan="fill"`) no Enter does, however slow
 * - elsewhere it goes to the form that is open, and else to `onScan`; no button under the focus is pressed by it
 */
export function useWedge(onScan: (text: string) => void): void {
  const { offer } = useScanTargets();
  const latest = useRef(onScan);
  useEffect(() => {
    latest.current = onScan;
  });
  useEffect(() => {
    const feed = createScanDetector();
    const onKeyDown = (event: KeyboardEvent) => {
      const field = isField(event.target) ? event.target : null;
      const detected = feed({
        key: event.key,
        at: event.timeStamp,
        modified: event.ctrlKey || event.altKey || event.metaKey,
      });
      if (field?.dataset.scan === 'fill' && event.key === 'Enter') {
        event.preventDefault();
        event.stopPropagation();
        focusNextField(field);
        return;
      }
      if (detected.kind === 'none') return;
      if (detected.kind === 'burst') {
        // A space within a code would press the focused button or scroll the page.
        if (!field && event.key === ' ') event.preventDefault();
        return;
      }
      if (field?.dataset.scan === 'submit') return;
      event.preventDefault();
      event.stopPropagation();
      if (field) focusNextField(field);
      else if (!offer(detected.text)) latest.current(detected.text);
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [offer]);
}
