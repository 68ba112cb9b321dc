import { administrators } from './administrators.js';
import { ask } from './api.js';
import { byId, h, show } from './dom.js';
import { health } from './health.js';
import { reviews } from './reviews.js';
import { stations } from './stations.js';

/** @typedef {import('../http/admin-answers.ts').Overview} Overview */

const AGAIN_MS = 10_000;

/**
 * How the hub and its benches are, asked again every few seconds while somebody looks.
 * @param {(why?: { message: string, hint: string }) => void} signOut
 * @returns {{ close(): void }}
 */
export function overview(signOut) {
  /** Each section, what it was drawn from, and how it is drawn. @type {[Element, string, (all: Overview) => unknown][]} */
  const sections = [
    [h('section', { class: 'tiles', 'aria-label': 'Health' }), '', health],
    [h('section', { class: 'panel', 'aria-labelledby': 'stations-title' }), '', (all) => stations(all, load)],
    [h('section', { class: 'panel', 'aria-labelledby': 'reviews-title' }), '', reviews],
    [
      h('section', { class: 'panel', 'aria-labelledby': 'administrators-title' }),
      '',
      (all) => administrators(all, load, signOut),
    ],
  ];
  const trouble = byId('trouble');
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isClosed = false;

  async function load() {
    clearTimeout(timer);
    try {
      const answers = await Promise.all(
        ['health', 'stations', 'reviews', 'administrators'].map((what) => ask('GET', `/v1/admin/${what}`)),
      );
      if (isClosed) return;
      draw(Object.assign({}, { health: answers[0] }, ...answers.slice(1)));
      trouble.hidden = true;
    } catch (error) {
      if (isClosed) return;
      const { code, message, hint } = /** @type {import('./api.js').HubError} */ (error);
      if (code === 'hub.not-admitted')
        return signOut({ message: 'You are no longer signed in', hint: message });
      trouble.dataset.tone = 'failed';
      trouble.textContent = `${message} ${hint}`;
      trouble.hidden = false;
    }
    timer = setTimeout(load, AGAIN_MS);
  }

  /** @param {Overview} all */
  function draw(all) {
    const screen = byId('screen');
    if (sections[0]?.[0].parentElement !== screen) show(screen, ...sections.map(([place]) => place));
    for (const section of sections) {
      const drawn = section[2](all);
      const children = /** @type {Node[]} */ (Array.isArray(drawn) ? drawn : [drawn]);
      // What says the same is left as it is, under whatever somebody is doing there.
      const text = children.map((child) => /** @type {Element} */ (child).outerHTML).join('');
      if (text !== section[1]) show(section[0], ...children);
      section[1] = text;
    }
  }

  const lookAgain = () => {
    if (document.visibilityState === 'visible') void load();
  };
  document.addEventListener('visibilitychange', lookAgain);
  void load();
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      trouble.hidden = true;
      document.removeEventListener('visibilitychange', lookAgain);
    },
  };
}
