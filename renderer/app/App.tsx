import { MantineProvider } from '@mantine/core';
import { IconTool } from '@tabler/icons-react';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { PROTOCOL } from '../../shared/contract/station.ts';
import type { Connection } from '../data/connection.ts';
import { asFailure } from '../data/failures.ts';
import { useHello } from '../data/queries.ts';
import { StationProvider, useStation } from '../data/station.tsx';
import { useWedge } from '../features/scan/useWedge.ts';
import { FirstStart } from '../features/signin/FirstStart.tsx';
import { SignIn } from '../features/signin/SignIn.tsx';
import { Unlock } from '../features/signin/Unlock.tsx';
import { Announcer } from '../ui/announce.tsx';
import { Empty } from '../ui/Empty.tsx';
import { ErrorNotice } from '../ui/Notice.tsx';
import { ScanTargets } from '../ui/scanTargets.tsx';
import { theme } from '../ui/theme.ts';
import { Waiting } from '../ui/Waiting.tsx';
import classes from './App.module.css';
import { createAppRouter } from './router.tsx';

/** The whole page. */
export function App({ connection }: { connection: Connection }) {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <StationProvider connection={connection}>
        <Announcer>
          <ScanTargets>
            <Gate />
          </ScanTargets>
        </Announcer>
      </StationProvider>
    </MantineProvider>
  );
}

/** Which screen the station's state and the session lead to. */
function Gate() {
  const hello = useHello();
  const { status } = useStation();
  if (!hello.data) {
    return (
      <main className={classes.middle}>
        {hello.error ? (
          <ErrorNotice failure={asFailure(hello.error)} />
        ) : (
          <Empty
            icon={IconTool}
            title="Repairbench"
            action={<Waiting what={status === 'online' ? 'Opening' : 'Waiting for the station'} />}
          />
        )}
      </main>
    );
  }
  if (hello.data.protocol !== PROTOCOL) {
    return (
      <main className={classes.middle}>
        <ErrorNotice
          failure={{
            message: `This window speaks version ${PROTOCOL}, the station version ${hello.data.protocol}.`,
            hint: 'Close the window and open it again; if it stays, install the same version of both.',
          }}
        />
      </main>
    );
  }
  const { state, stationName, people, mode } = hello.data;
  const training = mode === 'training';
  if (state === 'new') return <Before screen={<FirstStart />} />;
  if (state === 'locked') return <Before screen={<Unlock stationName={stationName} training={training} />} />;
  return (
    <SignedIn
      signIn={
        <Before
          screen={<SignIn stationName={stationName ?? 'Repairbench'} people={people} training={training} />}
        />
      }
    />
  );
}

/** A screen before sign-in: a scan goes to its form, and nowhere else. */
function Before({ screen }: { screen: React.ReactNode }) {
  useWedge(() => {});
  return screen;
}

/**
 * The app itself. When a session runs out it stays where it is, hidden, so that the same person comes back to the
 * same place with everything they typed; for another person it starts anew.
 */
function SignedIn({ signIn }: { signIn: React.ReactNode }) {
  const { session } = useStation();
  const router = useMemo(createAppRouter, []);
  const away = session.session === null;
  useEffect(() => {
    // Signed out on purpose: the next person starts at the bench.
    if (session.last === null) void router.navigate({ to: '/', replace: true });
  }, [session.last, router]);
  return (
    <>
      {session.last ? (
        <div className={classes.app} hidden={away} key={session.last.id}>
          <RouterProvider router={router} />
        </div>
      ) : null}
      {away ? signIn : null}
    </>
  );
}
