import { type RefObject, useEffect } from 'react';

const KEY = 'repairbench.slash';

/** Whether `/` alone jumps to the search; some people cannot use single-key shortcuts and turn it off. */
export const slashKey = {
  get: (): boolean => localStorage.getItem(KEY) !== 'off',
  set: (on: boolean): void => localStorage.setItem(KEY, on ? 'on' : 'off'),
};

/**
 * Focuses a field on Ctrl+K (`anywhere`) or on `/` (`page`: the page's own search wins over the scan field,
 * which takes `/` only where a page has none).
 */
export function useSearchKey(field: RefObject<HTMLInputElement | null>, scope: 'anywhere' | 'page'): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, [role="dialog"]');
      const slash =
        event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && slashKey.get() && !typing;
      const control =
        scope === 'anywhere' && event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey);
      if ((!slash && !control) || event.defaultPrevented) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    // The page's own field listens first.
    const where = scope === 'page' ? document : window;
    where.addEventListener('keydown', onKeyDown as EventListener);
    return () => where.removeEventListener('keydown', onKeyDown as EventListener);
  }, [field, scope]);
}
