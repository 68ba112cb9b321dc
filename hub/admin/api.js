import { learnTime } from './words.js';

/*
 * What the hub is asked, with the administrator's token. It is kept for this window only: a browser that is closed
 * keeps nothing.
 */

const KEY = 'repairbench-hub-token';

export const session = {
  /** @returns {string | null} */
  token: () => sessionStorage.getItem(KEY),
  /** @param {string} token */
  begin: (token) => sessionStorage.setItem(KEY, token),
  end: () => sessionStorage.removeItem(KEY),
};

/** What the hub refused, or that it does not answer. */
export class HubError extends Error {
  /** @param {string} code @param {string} message @param {string} hint */
  constructor(code, message, hint) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

const SILENCE_MS = 15_000;

/**
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {object} [content]
 * @returns {Promise<any>} what the hub says (`hub/http/admin-answers.ts`); throws `HubError`
 */
export async function ask(method, path, content) {
  const token = session.token();
  const answer = await fetch(path, {
    method,
    signal: AbortSignal.timeout(SILENCE_MS),
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(content ? { 'content-type': 'application/json' } : {}),
    },
    ...(content ? { body: JSON.stringify(content) } : {}),
  }).catch(() => {
    throw new HubError('away', 'The hub does not answer.', 'It is asked again by itself.');
  });
  const said = await answer.json().catch(() => null);
  if (said?.hubTime) learnTime(said.hubTime);
  if (answer.ok) return said;
  const { code = 'failed', message = `The hub answered ${answer.status}.`, hint = '' } = said?.error ?? {};
  throw new HubError(code, message, hint);
}
