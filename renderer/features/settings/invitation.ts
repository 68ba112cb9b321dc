/** Letters as a hub makes codes of: none that are easily confused. */
const CODE = /(?<![A-Z0-9-])[A-HJ-NP-Z2-9]{4}(?:[- ][A-HJ-NP-Z2-9]{4}){3}(?![A-Z0-9-])/i;
const ADDRESS = /https?:\/\/[^\s"'<>]+/i;

/**
 * What a scanned or pasted text says about a hub: its address, a one-time code, or both as a hub shows them in one line.
 * Null when it says neither.
 */
export function readInvitation(text: string): { url?: string; code?: string } | null {
  const url = ADDRESS.exec(text)?.[0];
  const code = CODE.exec(url ? text.replace(url, ' ') : text)?.[0].toUpperCase();
  if (!url && !code) return null;
  return { ...(url ? { url } : {}), ...(code ? { code } : {}) };
}
