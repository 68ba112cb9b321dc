import type { Page } from 'playwright-core';

/** An answer as the wire carries it. */
export interface RawAnswer {
  readonly status: number;
  readonly body: { readonly json: unknown };
}

/**
 * Speaks to the station from inside a page, over the ports that the shell hands to it, without the app's
 * own code: open it on a page that has no scripts.
 */
export async function speakFrom(page: Page) {
  await page.evaluate(() => {
    const state = {
      ports: 0,
      port: null as MessagePort | null,
      waiting: new Map<string, (answer: string) => void>(),
    };
    Object.assign(window, { speaker: state });
    window.addEventListener('message', (event) => {
      const [port] = event.ports;
      if (event.data !== 'repairbench:port' || !port) return;
      port.onmessage = ({ data }) => {
        const { i } = JSON.parse(data);
        state.waiting.get(i)?.(data);
      };
      state.port = port;
      state.ports += 1;
    });
    window.postMessage('repairbench:want-port', window.location.origin);
  });
  return {
    /** Resolves when the page has been given that many ports. */
    ports: (count: number) =>
      page.waitForFunction(
        (wanted) => (window as unknown as { speaker: { ports: number } }).speaker.ports >= wanted,
        count,
        { timeout: 60_000 },
      ),
    async call(path: string, input: unknown, token?: string): Promise<RawAnswer> {
      const answer = await page.evaluate(
        ([to, json, bearer]) => {
          const { speaker } = window as unknown as {
            speaker: { port: MessagePort; waiting: Map<string, (answer: string) => void> };
          };
          const i = crypto.randomUUID();
          const h = bearer ? { authorization: `Bearer ${bearer}` } : {};
          return new Promise<string>((resolve) => {
            speaker.waiting.set(i, resolve);
            speaker.port.postMessage(JSON.stringify({ i, p: { u: to, h, b: { json } } }));
          });
        },
        [path, input, token] as const,
      );
      const { p } = JSON.parse(answer);
      return { status: p.s ?? 200, body: p.b };
    },
  };
}
