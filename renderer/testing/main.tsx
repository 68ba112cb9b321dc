import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '@mantine/core/styles.css';
import '../ui/tokens.css';
import '../ui/base.css';
import { createRoot } from 'react-dom/client';
import { App } from '../app/App.tsx';
import { fakeClient } from './fake.ts';

const q = new URLSearchParams(location.search);
const client = fakeClient(q.get('state') ?? 'ready', q.get('empty') === '1');
if (q.get('in') !== '0' && (q.get('state') ?? 'ready') === 'ready') {
  sessionStorage.setItem(
    'repairbench.session',
    JSON.stringify({
      token: 't',
      person: {
        id: '0190a0a0-0000-7000-8000-000000000001',
        name: 'Tess Okafor',
        role: q.get('role') ?? 'administrator',
        active: true,
        createdAt: '2025-01-01T00:00:00.000Z',
        lastSignInAt: null,
      },
      expiresAt: '2030-01-01T00:00:00.000Z',
    }),
  );
}
createRoot(document.getElementById('root') as HTMLElement).render(
  <App
    connection={{
      client,
      onStatus: (l) => {
        l(q.get('offline') === '1' ? 'offline' : 'online');
        return () => {};
      },
      setToken: () => {},
    }}
  />,
);
