import { ask } from './api.js';
import { byId, h, show } from './dom.js';

/**
 * Somebody came by a one-time link: who is it?
 * @param {string} link its last part
 * @param {(token: string) => void} signIn
 */
export function claimScreen(link, signIn) {
  const name = h('input', { id: 'name', name: 'name', autocomplete: 'name', maxlength: 60, required: true });
  const trouble = h('p', { role: 'alert', id: 'claim-trouble' });
  const button = h('button', { type: 'submit', class: 'primary' }, 'Administer this hub');
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    button.disabled = true;
    ask('POST', '/v1/admin/claim', { token: link, name: name.value.trim() }).then(
      ({ token }) => signIn(token),
      (error) => {
        button.disabled = false;
        trouble.textContent = `${error.message} ${error.hint}`;
      },
    );
  };
  const form = h(
    'form',
    { class: 'panel narrow', 'aria-labelledby': 'claim-title', onsubmit: submit },
    h('h2', { id: 'claim-title' }, 'Become an administrator'),
    h('p', {}, 'This link works once. Your name is how the other administrators know you.'),
    h('label', {}, 'Your name', name),
    trouble,
    button,
    h('p', { class: 'dim small' }, 'You stay signed in until this window is closed.'),
  );
  show(byId('screen'), form);
  name.focus();
}

/** Nobody is signed in in this window. @param {{ message: string, hint: string }} [why] */
export function strangerScreen(why) {
  const screen = h(
    'section',
    { class: 'panel narrow', 'aria-labelledby': 'stranger-title' },
    h('h2', { id: 'stranger-title' }, why?.message ?? 'You are not signed in'),
    why ? h('p', {}, why.hint) : null,
    h(
      'p',
      {},
      'Open a one-time link of yours. Any administrator can make one, and so can the hub’s machine:',
    ),
    h('p', { class: 'secret' }, 'npm run hub -- admin-link'),
  );
  show(byId('screen'), screen);
}
