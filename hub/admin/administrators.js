import { ask } from './api.js';
import { confirmThat, h, pill, showOnce, tell } from './dom.js';
import { ago, exactly } from './words.js';

/** @typedef {import('../http/admin-answers.ts').Overview} Overview */
/** @typedef {import('../http/admin-answers.ts').AdministratorView} Administrator */

/**
 * Who administers the hub.
 * @param {Overview} all
 * @param {() => Promise<void>} reload
 * @param {(why?: { message: string, hint: string }) => void} signOut
 */
export function administrators({ administrators: all, me }, reload, signOut) {
  const head = h(
    'div',
    { class: 'head' },
    h('h2', { id: 'administrators-title' }, 'Administrators'),
    h('button', { type: 'button', id: 'make-link', onclick: () => makeLink(reload) }, 'Make a link'),
  );
  return [
    head,
    h(
      'ul',
      { class: 'list' },
      all.map((one) => item(one, one.id === me, reload, signOut)),
    ),
  ];
}

/**
 * @param {Administrator} one @param {boolean} isMe
 * @param {() => Promise<void>} reload
 * @param {(why?: { message: string, hint: string }) => void} signOut
 */
function item({ id, name, madeAt, seenAt, expiresAt }, isMe, reload, signOut) {
  const label = name ?? 'this link';
  const question = {
    title: `Remove ${label}?`,
    consequences: name
      ? [
          `${isMe ? 'You are' : `${name} is`} signed out at once, in every window.`,
          'To come back, a new link is needed.',
        ]
      : ['Whoever has the link can no longer use it.'],
    ...{ yes: `Remove ${label}`, no: 'Keep', isDangerous: true },
  };
  const remove = async () => {
    await ask('POST', `/v1/admin/administrators/${id}/remove`, {});
    if (isMe) return signOut({ message: 'You administer this hub no more', hint: '' });
    await reload();
    tell(name ? `${name} is removed.` : 'The link is removed.');
  };
  const told = name
    ? `since ${exactly(madeAt)}, last here ${seenAt ? ago(seenAt) : 'never'}`
    : `made ${exactly(madeAt)}${expiresAt ? `, ends ${exactly(expiresAt)}` : ''}`;
  return h(
    'li',
    {},
    h('strong', {}, name ?? 'A link that nobody has used yet'),
    isMe ? pill('ready', 'You') : null,
    h('span', { class: 'grow dim small' }, told),
    h(
      'button',
      {
        ...{ type: 'button', id: `remove-${id}`, 'aria-label': `Remove ${label}` },
        onclick: () => confirmThat(question, remove),
      },
      'Remove',
    ),
  );
}

/** @param {() => Promise<void>} reload */
async function makeLink(reload) {
  try {
    const { token, expiresAt } = await ask('POST', '/v1/admin/links', {});
    showOnce('A link for another administrator', {
      secret: `${location.origin}/admin#${token}`,
      notes: [
        h('p', {}, `It is shown this once, works once, and ends ${exactly(expiresAt)}.`),
        h('p', {}, 'Whoever opens it administers this hub: send it to one person, by a way only they read.'),
      ],
    });
    await reload();
  } catch (error) {
    const { message, hint } = /** @type {import('./api.js').HubError} */ (error);
    tell(`${message} ${hint}`);
  }
}
