import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useHello, usePorts, useSettings } from '../data/queries.ts';
import { ScanBar } from '../features/scan/ScanBar.tsx';
import { useAnnounce } from '../ui/announce.tsx';
import { HeaderSlotsProvider } from '../ui/Page.tsx';
import { TrainingStripe } from '../ui/TrainingStripe.tsx';
import { ZoneProvider } from '../ui/time.tsx';
import { announcements } from './announcements.ts';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { Rail } from './Rail.tsx';
import classes from './Shell.module.css';

/** The frame of every screen: rail, scan field, what is lost or training, and the screen itself. */
export function Shell() {
  const hello = useHello().data;
  const zone = useSettings().data?.timeZone;
  const main = useRef<HTMLElement>(null);
  const [title, setTitle] = useState<HTMLElement | null>(null);
  const [actions, setActions] = useState<HTMLElement | null>(null);
  const slots = useMemo(() => ({ title, actions }), [title, actions]);
  const path = useRouterState({ select: (state) => state.location.pathname });
  usePortAnnouncements();

  // biome-ignore lint/correctness/useExhaustiveDependencies: every screen starts at its top
  useEffect(() => {
    main.current?.scrollTo(0, 0);
  }, [path]);

  return (
    <ZoneProvider zone={zone}>
      <button type="button" className={classes.skip} onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <div className={classes.shell}>
        <Rail />
        <div className={classes.side}>
          {hello?.mode === 'training' ? <TrainingStripe /> : null}
          <ConnectionBanner />
          <header className={classes.top}>
            <div ref={setTitle} />
            <ScanBar />
            <div ref={setActions} />
          </header>
          <main ref={main} id="main" tabIndex={-1} className={classes.main}>
            <HeaderSlotsProvider value={slots}>
              <Outlet />
            </HeaderSlotsProvider>
          </main>
        </div>
      </div>
    </ZoneProvider>
  );
}

/** Says aloud which port changed to a state that wants somebody, whatever the screen. */
function usePortAnnouncements(): void {
  const ports = usePorts().data;
  const before = useRef<typeof ports>(undefined);
  const announce = useAnnounce();
  useEffect(() => {
    if (ports && before.current) {
      const said = announcements(before.current, ports);
      if (said) announce(said);
    }
    before.current = ports;
  }, [ports, announce]);
}
