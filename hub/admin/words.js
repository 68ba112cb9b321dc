/* How numbers and instants are said. */

const NUMBER = new Intl.NumberFormat('en');
const INSTANT = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** @param {number} count */
export const number = (count) => NUMBER.format(count);

/** @param {number} count @param {string} one @param {string} many */
export const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** @param {number} count */
export function bytes(count) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [size, unit] = [count, 0];
  for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1000;
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** A length of time in its largest unit. @param {number} seconds */
export function lasting(seconds) {
  const s = Math.abs(Math.round(seconds));
  if (s < 60) return counted(s, 'second');
  if (s < 3600) return counted(Math.round(s / 60), 'minute');
  if (s < 48 * 3600) return counted(Math.round(s / 3600), 'hour');
  return counted(Math.round(s / 86_400), 'day');
}

/** How far the hub's clock is ahead of this computer's, in milliseconds. */
let ahead = 0;
/** @param {string} hubTime */
export function learnTime(hubTime) {
  ahead = Date.parse(hubTime) - Date.now();
}

/** Seconds since an instant, by the hub's clock. @param {string} instant */
export const since = (instant) => Math.max(0, (Date.now() + ahead - Date.parse(instant)) / 1000);

/** @param {string} instant */
export const ago = (instant) => (since(instant) < 45 ? 'just now' : `${lasting(since(instant))} ago`);

/** @param {string} instant */
export const exactly = (instant) => INSTANT.format(new Date(instant));
