import type { Stopped } from './station.ts';

/** Shown instead of the app while there is no station and none is started by itself. */
export const STOPPED_PATH = '/stopped.html';

/** A page without scripts: its one link opens the app again, and the app's asking for a port starts a station. */
export function stoppedPage(reason: Stopped | null): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Repairbench: the station stopped</title>
<style>
  :root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif; }
  body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
  main { max-width: 40rem; padding: 2rem; }
  a { display: inline-block; padding: 0.75rem 1.5rem; border: 2px solid; border-radius: 0.5rem; }
</style>
<main>
  <h1>The station stopped</h1>
  <p>${escapeHtml(reason?.message ?? '')}</p>
  <p>${escapeHtml(reason?.hint ?? '')}</p>
  <p><a href="/">Start it again</a></p>
</main>
</html>`;
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
