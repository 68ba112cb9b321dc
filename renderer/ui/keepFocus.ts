import { useEffect } from 'react';

/**
 * Keeps the keyboard where the person works: when the focused control goes away (an answered question, a move that
 * is made), the heading of its section takes the focus instead of the page's body. What is in a dialog is the
 * dialog's own.
 */
export function useKeepFocus(): void {
  useEffect(() => {
    let last: { control: Element; section: Element | null } | null = null;
    const remember = ({ target }: FocusEvent) => {
      if (!(target instanceof Element) || target.closest('[role="dialog"]')) return;
      last = { control: target, section: target.closest('article, section') ?? target.closest('header') };
    };
    const restore = () => {
      if (!last || last.control.isConnected || document.activeElement !== document.body) return;
      const heading = last.section?.isConnected
        ? last.section.querySelector<HTMLElement>('h1, h2, h3')
        : null;
      last = null;
      if (!heading) return;
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    };
    // A dialog that closes gives the focus back to a control that may be gone by then.
    const watch = new MutationObserver(restore);
    watch.observe(document.body, { childList: true, subtree: true });
    document.addEventListener('focusin', remember);
    return () => {
      watch.disconnect();
      document.removeEventListener('focusin', remember);
    };
  }, []);
}
