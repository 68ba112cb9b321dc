import { type RefObject, useEffect } from 'react';

const KEY = 'repairbench.slash';

/** Whether `/` alone jumps to the search; some people cannot use single-key shortcuts and turn it off. */
export const slashKey = {
  get: (): boolean => localStorage.getItem(KEY) !== 'off',
  set: (on: boolean): void => localStorage.setItem(KEY, on ? 'on' : 'off'),
};

/** A scanner types its next key sooner than this after a `/` within a code, in milliseconds; a hand later. */
const HAND_MS = 60;

/** A dialog keeps the keyboard: shortcuts of the page behind it wait until it is closed. */
export const isDialogOpen = (): boolean =>
  [...document.querySelectorAll('[aria-modal="true"]')].some((dialog) => dialog.checkVisibility());

/**
 * Focuses a field on Ctrl+K (`anywhere`) or on `/` (`page`: the page's own search wins over the scan field,
 * which takes `/` only where a page has none).
 */
export function useSearchKey(field: RefObject<HTMLInputElement | null>, scope: 'anywhere' | 'page'): void {
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const jump = () => {
      field.current?.focus();
      field.current?.select();
    };
    const onKeyDown = (event: KeyboardEvent) => {
      clearTimeout(waiting);
      const typing = event.target instanceof HTMLElement && event.target.closest('input, textarea');
      const slash =
        event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && slashKey.get() && !typing;
      const control =
        scope === 'anywhere' && event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey);
      if ((!slash && !control) || event.defaultPrevented || isDialogOpen()) return;
      event.preventDefault();
      if (control) jump();
      else waiting = setTimeout(jump, HAND_MS);
    };
    // The page's own field listens first.
    const where = scope === 'page' ? document : window;
    where.addEventListener('keydown', onKeyDown as EventListener);
    return () => {
      clearTimeout(waiting);
      where.removeEventListener('keydown', onKeyDown as EventListener);
    };
  }, [field, scope]);
}
