import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from 'react';

/** Takes a scanned text; false when it does not fit here, so that the next one is asked. */
export type ScanTarget = (text: string) => boolean;

interface Registry {
  add(target: ScanTarget): () => void;
  /** Offers a scan to the open forms, the latest opened first. */
  offer(text: string): boolean;
}

const ScanContext = createContext<Registry | null>(null);

/** Where open forms say that they want scans; whoever reads the scanner offers them here first. */
export function ScanTargets({ children }: { children: ReactNode }) {
  const targets = useRef<ScanTarget[]>([]);
  const registry = useMemo<Registry>(
    () => ({
      add(target) {
        targets.current = [...targets.current, target];
        return () => {
          targets.current = targets.current.filter((other) => other !== target);
        };
      },
      offer: (text) => targets.current.toReversed().some((target) => target(text)),
    }),
    [],
  );
  return <ScanContext.Provider value={registry}>{children}</ScanContext.Provider>;
}

export function useScanTargets(): Registry {
  const registry = useContext(ScanContext);
  if (!registry) throw new Error('ScanTargets is missing above this component');
  return registry;
}

/** While mounted and active, scans made anywhere come here. */
export function useScanTarget(target: ScanTarget, active = true): void {
  const { add } = useScanTargets();
  const latest = useRef(target);
  useEffect(() => {
    latest.current = target;
  });
  useEffect(() => (active ? add((text) => latest.current(text)) : undefined), [add, active]);
}
