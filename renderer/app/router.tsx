import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  type RouterHistory,
  redirect,
} from '@tanstack/react-router';
import { Bench } from '../features/bench/Bench.tsx';
import { Case } from '../features/case/Case.tsx';
import { CaseSearch } from '../features/case/search.ts';
import { Cases } from '../features/cases/Cases.tsx';
import { CasesSearch } from '../features/cases/search.ts';
import { Conflicts } from '../features/conflicts/Conflicts.tsx';
import { Settings } from '../features/settings/Settings.tsx';
import { SettingsSearch } from '../features/settings/search.ts';
import { Shell } from './Shell.tsx';

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: () => null,
});
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });
const bench = createRoute({ getParentRoute: () => shell, path: '/', component: Bench });
const cases = createRoute({
  getParentRoute: () => shell,
  path: '/cases',
  component: Cases,
  validateSearch: CasesSearch,
});
const conflicts = createRoute({
  getParentRoute: () => shell,
  path: '/cases/conflicts',
  component: Conflicts,
});
const oneCase = createRoute({
  getParentRoute: () => shell,
  path: '/cases/$caseId',
  component: Case,
  validateSearch: CaseSearch,
});
const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  component: Settings,
  validateSearch: SettingsSearch,
});
/** An address that leads nowhere leads to the bench. */
const elsewhere = createRoute({
  getParentRoute: () => root,
  path: '$',
  beforeLoad: () => {
    throw redirect({ to: '/' });
  },
});

const routeTree = root.addChildren([
  shell.addChildren([bench, cases, conflicts, oneCase, settings]),
  elsewhere,
]);

/** Places live behind the `#`: they work under the app's own scheme and on a loopback host alike. */
export const createAppHistory = createHashHistory;

export const createAppRouter = (history: RouterHistory) =>
  createRouter({ routeTree, history, scrollRestoration: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
