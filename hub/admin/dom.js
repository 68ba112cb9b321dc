/*
 * Elements without a framework: `h` makes them, `openDialog` asks and shows, `tell` says what was done.
 */

/** @typedef {Node | string | number | null | false} One */
/** @typedef {One | readonly (One | readonly One[])[]} Child */

/**
 * An element. Properties are set as attributes, `on…` as listeners; `null` and `false` leave one out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | null | ((event: Event) => unknown)>} properties
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...flat(children));
  return element;
}

/** @param {readonly Child[]} children @returns {(Node | string)[]} */
function flat(children) {
  const all = /** @type {One[]} */ (/** @type {unknown[]} */ (children).flat(3));
  return all.flatMap((child) => {
    if (child === null || child === false) return [];
    return [child instanceof Node ? child : String(child)];
  });
}

/** @param {string} id */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no ${id}`);
  return element;
}

/**
 * Replaces what an element shows; the focus stays on what has the same id afterwards.
 * @param {Element} place @param {Child[]} children
 */
export function show(place, ...children) {
  const focused = place.contains(document.activeElement) ? document.activeElement?.id : '';
  place.replaceChildren(...flat(children));
  if (focused) document.getElementById(focused)?.focus();
}

/**
 * A state as colour, icon and word.
 * @param {'ready' | 'passed' | 'needs' | 'failed'} tone @param {string} word
 */
export function pill(tone, word) {
  const icon = { ready: '•', passed: '✓', needs: '!', failed: '✕' }[tone];
  return h('span', { class: 'pill', 'data-tone': tone }, h('span', { 'aria-hidden': 'true' }, icon), word);
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let hush;
/** Says what was done, for eyes and ears. @param {string} words */
export function tell(words) {
  clearTimeout(hush);
  byId('told').textContent = words;
  hush = setTimeout(() => {
    byId('told').textContent = '';
  }, 6_000);
}

/**
 * Opens a dialog; it is gone when it is closed.
 * @param {string} title
 * @param {(close: () => void) => Child} content
 */
export function openDialog(title, content) {
  const before = document.activeElement;
  const heading = h('h2', { id: 'dialog-title' }, title);
  const dialog = h('dialog', { 'aria-labelledby': heading.id });
  dialog.append(
    h(
      'div',
      {},
      heading,
      content(() => dialog.close()),
    ),
  );
  dialog.addEventListener('close', () => {
    dialog.remove();
    // What was pressed may have been drawn again meanwhile.
    if (before instanceof HTMLElement) (document.getElementById(before.id) ?? before).focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * Asks before something is done, with its consequences.
 * @param {{ title: string, consequences: string[], yes: string, no: string, isDangerous?: boolean }} question
 * @param {() => Promise<void>} work what “yes” does; what goes wrong is said in the dialog
 */
export function confirmThat({ title, consequences, yes, no, isDangerous = false }, work) {
  openDialog(title, (close) => {
    const trouble = h('p', { role: 'alert', 'data-tone': 'failed' });
    const go = h(
      'button',
      {
        type: 'button',
        class: isDangerous ? 'danger' : 'primary',
        'data-tone': 'failed',
        onclick: () => {
          go.disabled = true;
          work().then(close, (error) => {
            go.disabled = false;
            trouble.textContent = `${error.message} ${error.hint ?? ''}`;
          });
        },
      },
      yes,
    );
    const leave = h('button', { type: 'button', autofocus: true, onclick: close }, no);
    return [
      h(
        'ul',
        {},
        consequences.map((line) => h('li', {}, line)),
      ),
      trouble,
      h('div', { class: 'buttons' }, leave, go),
    ];
  });
}

/**
 * Shows something once, to be copied.
 * @param {string} title
 * @param {{ secret: string, isCode?: boolean, notes: One[] }} what
 */
export function showOnce(title, { secret, isCode = false, notes }) {
  openDialog(title, (close) => {
    const text = h('p', { class: isCode ? 'secret code' : 'secret', id: 'secret' }, secret);
    const copy = h(
      'button',
      {
        type: 'button',
        class: 'primary',
        onclick: () =>
          navigator.clipboard.writeText(secret).then(
            () => {
              copy.textContent = 'Copied';
            },
            () => {
              // Without TLS browsers keep the clipboard closed.
              getSelection()?.selectAllChildren(text);
              copy.textContent = 'Press Ctrl+C to copy';
            },
          ),
      },
      'Copy',
    );
    return [
      text,
      h('div', { class: 'small' }, notes),
      h('div', { class: 'buttons' }, copy, h('button', { type: 'button', onclick: close }, 'Done')),
    ];
  });
}
