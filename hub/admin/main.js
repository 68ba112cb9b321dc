import { session } from './api.js';
import { claimScreen, strangerScreen } from './claim.js';
import { byId, h, show } from './dom.js';
import { overview } from './overview.js';

/* Which screen: a link to claim, the overview, or how to get in. */

/** @type {{ close(): void } | null} */
let open = null;

function route() {
  open?.close();
  open = null;
  show(byId('actions'));
  const link = location.hash.slice(1);
  if (link) return claimScreen(link, signIn);
  if (!session.token()) return strangerScreen();
  const leave = h('button', { type: 'button', id: 'sign-out', onclick: () => signOut() }, 'Sign out');
  show(byId('actions'), leave);
  open = overview(signOut);
}

/** @param {string} token */
function signIn(token) {
  session.begin(token);
  // The link is used up; the address is what stays.
  history.replaceState(null, '', location.pathname);
  route();
}

/** @param {{ message: string, hint: string }} [why] */
function signOut(why) {
  session.end();
  route();
  if (why) strangerScreen(why);
}

addEventListener('hashchange', route);
route();
