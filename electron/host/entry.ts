import { randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;
/** More browsers than any bench has; the oldest one is signed off beyond it. */
const MOST_BROWSERS = 16;

/**
 * Who may use the loopback host: the browser that opened an address with a one-time token. The token is
 * exchanged for a cookie; other users and other programs of this machine have neither.
 */
export function createEntry(port: () => number) {
  const tokens = new Set<string>();
  const browsers = new Set<string>();
  // A browser that was led here by “localhost” sends its cookies to other benches of the machine too.
  const cookieName = () => `repairbench-${port()}`;

  return {
    /** A token for one browser, once. */
    issue(): string {
      const token = secret();
      tokens.add(token);
      return token;
    },
    /** The cookie to set, or null when the token is unknown or was used before. */
    redeem(token: string): string | null {
      const match = find(tokens, token);
      if (match === null) return null;
      tokens.delete(match);
      const browser = secret();
      browsers.add(browser);
      const [oldest] = browsers;
      if (browsers.size > MOST_BROWSERS && oldest) browsers.delete(oldest);
      return `${cookieName()}=${browser}; Path=/; HttpOnly; SameSite=Strict`;
    },
    /** Whether a request's Cookie header holds one of the cookies given out. */
    admits(cookieHeader: string | undefined): boolean {
      const prefix = `${cookieName()}=`;
      return (cookieHeader ?? '')
        .split(';')
        .map((part) => part.trim())
        .some((part) => part.startsWith(prefix) && find(browsers, part.slice(prefix.length)) !== null);
    },
  };
}

const secret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** The equal member, compared in constant time. */
function find(members: ReadonlySet<string>, given: string): string | null {
  const bytes = Buffer.from(given);
  for (const member of members) {
    const own = Buffer.from(member);
    if (own.length === bytes.length && timingSafeEqual(own, bytes)) return member;
  }
  return null;
}
