import { Menu } from '@mantine/core';
import {
  IconClipboardList,
  IconLayoutGrid,
  IconLogout,
  IconPlugConnected,
  IconPlugConnectedX,
  IconSettings,
} from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { BlobsView, SyncView } from '../../shared/model/sync.ts';
import { useAction, useHello, useHub, useHubFiles, usePorts } from '../data/queries.ts';
import { useMe, useStation } from '../data/station.tsx';
import { hubLook, openWords } from '../ui/hub.ts';
import { isDialogOpen } from '../ui/searchKey.ts';
import { useZone } from '../ui/time.tsx';
import { ROLE_WORDS } from '../ui/words.ts';
import classes from './Rail.module.css';

const PLACES = [
  { to: '/', title: 'Bench', icon: IconLayoutGrid, exact: true },
  { to: '/cases', title: 'Cases', icon: IconClipboardList, exact: false },
  { to: '/settings', title: 'Settings', icon: IconSettings, exact: false },
] as const;

/** The places of the app, how the station is, and who is here. */
export function Rail() {
  const waiting = usePorts().data?.filter(({ state }) => state === 'needs-you').length ?? 0;
  usePlaceKeys();
  return (
    <nav className={classes.rail} aria-label="Places">
      {PLACES.map(({ to, title, icon: Icon, exact }, index) => (
        <Link
          key={to}
          to={to}
          className={classes.place}
          activeOptions={{ exact, includeSearch: false }}
          aria-keyshortcuts={`Alt+${index + 1}`}
        >
          <span className={classes.icon}>
            <Icon size={28} stroke={1.8} aria-hidden />
            {to === '/' && waiting > 0 ? <span className={classes.badge}>{waiting}</span> : null}
          </span>
          {title}
          {to === '/' && waiting > 0 ? <span className="rb-sr"> needs you at {waiting} ports</span> : null}
        </Link>
      ))}
      <div className={classes.foot}>
        <Status />
        <Hub />
        <Person />
      </div>
    </nav>
  );
}

function Status() {
  const { status } = useStation();
  const name = useHello().data?.stationName ?? 'Station';
  const online = status === 'online';
  return (
    <div className={classes.status} data-tone={online ? 'passed' : 'needs'}>
      {online ? <IconPlugConnected size={24} aria-hidden /> : <IconPlugConnectedX size={24} aria-hidden />}
      <span className={classes.name}>{name}</span>
      <span className={classes.word}>{online ? 'Connected' : 'Not connected'}</span>
    </div>
  );
}

/** What is sent or read at once is no news: only what still waits after this is shown as waiting. */
const PASSING_MS = 1_200;

/** How bench and hub stand, where the bench belongs to one; leads to where more is said. */
function Hub() {
  const state = useHub().data;
  const files = useHubFiles().data ?? null;
  return state ? <HubState state={state} files={files} /> : null;
}

/** A conflict is settled among the others, everything else is seen to in the settings. */
const CONFLICTS = { to: '/cases/conflicts' } as const;
const SETTINGS = { to: '/settings', search: { tab: 'station' } } as const;

function HubState({ state, files }: { state: SyncView; files: BlobsView | null }) {
  const zone = useZone();
  const waits = state.pending > 0 || state.unread > 0 || (files?.pending ?? 0) > 0;
  const [lasts, setLasts] = useState(waits);
  useEffect(() => {
    const timer = setTimeout(() => setLasts(waits), waits ? PASSING_MS : 0);
    return () => clearTimeout(timer);
  }, [waits]);
  const {
    tone,
    word,
    count,
    icon: Icon,
    sentence,
  } = state.trouble || lasts
    ? hubLook(state, files, zone)
    : hubLook({ ...state, pending: 0, unread: 0 }, files && { ...files, pending: 0 }, zone);
  const where = !state.trouble && openWords(state) ? CONFLICTS : SETTINGS;
  return (
    <Link
      {...where}
      className={classes.hub}
      data-tone={tone}
      title={sentence}
      aria-label={`${[word, count].filter(Boolean).join(' ')}: ${sentence}`}
      activeOptions={{ exact: true, includeSearch: true }}
    >
      <Icon size={22} aria-hidden />
      <span className={classes.word}>
        {word} {count ? <span className={classes.count}>{count}</span> : null}
      </span>
    </Link>
  );
}

function Person() {
  const me = useMe();
  const { sessions } = useStation();
  const navigate = useNavigate();
  const signOut = useAction((client, _input: null) => client.session.signOut(), {
    onDone: () => sessions.end(),
  });
  return (
    <Menu position="right-end" withinPortal>
      <Menu.Target>
        <button type="button" className={classes.person}>
          <span className={classes.avatar} aria-hidden>
            {[...me.name][0]?.toUpperCase()}
          </span>
          <span className={classes.name}>{me.name}</span>
          <span className="rb-sr">: account</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name} · {ROLE_WORDS[me.role]}
        </Menu.Label>
        <Menu.Item onClick={() => void navigate({ to: '/settings', search: { tab: 'pin' } })}>
          Change my PIN
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={18} aria-hidden />}
          onClick={() => signOut.run(null, { onError: () => sessions.end() })}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Alt+1, Alt+2, Alt+3 lead to the places. */
function usePlaceKeys(): void {
  const navigate = useNavigate();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const place = event.altKey && !event.ctrlKey ? PLACES[Number(event.key) - 1] : undefined;
      if (!place) return;
      event.preventDefault();
      if (isDialogOpen()) return;
      void navigate({ to: place.to });
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [navigate]);
}
