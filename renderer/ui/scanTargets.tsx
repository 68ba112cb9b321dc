import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from 'react';

/** Takes a scanned text; false when it does not fit here, so that the next one is asked. */
export type ScanTarget = (text: string) => boolean;

/**
 * Who is asked first: a form that knows its fields, then the dialog around it (which guards what was typed),
 * then the page's own search.
 */
const RANKS = ['form', 'dialog', 'page'] as const;
type Rank = (typeof RANKS)[number];

interface Registry {
  add(target: ScanTarget, rank: Rank): () => void;
  /** Offers a scan by rank, the latest opened first, down to the rank `last`; whether anybody took it. */
  offer(text: string, last: Rank): boolean;
}

const ScanContext = createContext<Registry | null>(null);

/** Where those who want scans say so; whoever reads the scanner offers them here. */
export function ScanTargets({ children }: { children: ReactNode }) {
  const registry = useMemo(createScanRegistry, []);
  return <ScanContext.Provider value={registry}>{children}</ScanContext.Provider>;
}

export function createScanRegistry(): Registry {
  let targets: { target: ScanTarget; rank: Rank }[] = [];
  return {
    add(target, rank) {
      const entry = { target, rank };
      targets = [entry, ...targets];
      return () => {
        targets = targets.filter((other) => other !== entry);
      };
    },
    offer: (text, last) =>
      RANKS.slice(0, RANKS.indexOf(last) + 1).some((rank) =>
        targets.filter((entry) => entry.rank === rank).some(({ target }) => target(text)),
      ),
  };
}

export function useScanTargets(): Registry {
  const registry = useContext(ScanContext);
  if (!registry) throw new Error('ScanTargets is missing above this component');
  return registry;
}

/** While mounted, scans made anywhere come here; nobody is asked who is not in sight. */
export function useScanTarget(target: ScanTarget, rank: Rank = 'form'): void {
  const { add } = useScanTargets();
  const latest = useRef(target);
  useEffect(() => {
    latest.current = target;
  });
  useEffect(() => add((text) => latest.current(text), rank), [add, rank]);
}
