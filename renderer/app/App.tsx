import { MantineProvider } from '@mantine/core';
import { IconTool } from '@tabler/icons-react';
import { RouterProvider } from '@tanstack/react-router';
import { Activity, type ReactNode, useLayoutEffect, useState } from 'react';
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
import { createAppHistory, createAppRouter } from './router.tsx';

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
  useWedge();
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
  const { state, keyElsewhere, stationName, people, mode } = hello.data;
  const training = mode === 'training';
  if (state === 'new') return <FirstStart />;
  if (state === 'locked') {
    return <Unlock stationName={stationName} training={training} keyElsewhere={keyElsewhere} />;
  }
  return (
    <SignedIn
      signIn={<SignIn stationName={stationName ?? 'Repairbench'} people={people} training={training} />}
    />
  );
}

/**
 * The app itself. When a session runs out it stays as it is, dialogs and all, out of sight and out of reach, so that
 * the same person comes back to the same place with everything they typed; for another person it starts anew.
 */
function SignedIn({ signIn }: { signIn: ReactNode }) {
  const { session } = useStation();
  const person = session.last?.id ?? null;
  const [history] = useState(createAppHistory);
  const [place, setPlace] = useState(() => ({ person, router: createAppRouter(history) }));
  useLayoutEffect(() => {
    if (place.person === person) return;
    // The address is the last person's, and may open what only they meant to.
    history.replace('/');
    setPlace({ person, router: createAppRouter(history) });
  }, [place, person, history]);
  const away = session.session === null;
  return (
    <>
      {person !== null && place.person === person ? (
        <Activity mode={away ? 'hidden' : 'visible'} key={person}>
          <div className={classes.app}>
            <RouterProvider router={place.router} />
          </div>
        </Activity>
      ) : null}
      {away ? signIn : null}
    </>
  );
}
