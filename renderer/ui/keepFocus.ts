import { useEffect } from 'react';

const SECTION = 'article, section';

/** The sections that a control is in, the innermost first; else the page's header, where it is there. */
function sectionsOf(control: Element): Element[] {
  const inner = control.closest(SECTION) ?? control.closest('header');
  const sections: Element[] = [];
  for (let each: Element | null = inner; each; each = each.parentElement?.closest(SECTION) ?? null) {
    sections.push(each);
  }
  return sections;
}

/**
 * Keeps the keyboard where the person works: when the focused control goes away (an answered question, a move that
 * is made), the heading of its section takes the focus instead of the page's body, or the page's own heading when the
 * section went with it (a settled conflict). What is in a dialog is the dialog's own.
 */
export function useKeepFocus(): void {
  useEffect(() => {
    let last: { control: Element; sections: readonly Element[] } | null = null;
    const remember = ({ target }: FocusEvent) => {
      if (!(target instanceof Element) || target.closest('[role="dialog"]')) return;
      last = { control: target, sections: sectionsOf(target) };
    };
    const restore = () => {
      if (!last || last.control.isConnected || document.activeElement !== document.body) return;
      const section = last.sections.find(({ isConnected }) => isConnected) ?? document;
      last = null;
      const heading = section.querySelector<HTMLElement>('h1, h2, h3');
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
