import { useEffect, useState } from 'react';

/** As long as a bounced tap of a gloved hand may follow the first one. */
const BOUNCE_MS = 700;

/**
 * Whether something has stood on the screen long enough to be meant: a button that takes another's place must
 * not catch the second half of a double tap. False for a moment whenever `what` becomes something else.
 * Give it to `aria-disabled`, which keeps the focus where it is, and ignore presses until it is true.
 */
export function useSettled(what: string): boolean {
  const [settled, setSettled] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(what), BOUNCE_MS);
    return () => clearTimeout(timer);
  }, [what]);
  return settled === what;
}
