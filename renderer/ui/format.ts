import type { Progress } from '../../shared/model/ports.ts';

export { formatInstant, withLocalTimes } from '../../shared/instants.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal places that keep about three figures: 4.1, 12.4, 182. */
const figure = (value: number): string => {
  if (value >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return (Math.round(value * 10) / 10).toString();
};

const scaleOf = (bytes: number): number => {
  let scale = 0;
  for (let rest = bytes; rest >= 999.5 && scale < UNITS.length - 1; rest /= 1000) scale++;
  return scale;
};

/** Bytes in decimal units, as disks and links are sold: `18.2 MB`. */
export function formatBytes(bytes: number): string {
  const scale = scaleOf(bytes);
  return `${figure(bytes / 1000 ** scale)} ${UNITS[scale]}`;
}

/** `12.4 of 20 MB`: both in the unit of the whole, so that they can be compared at a glance. */
export function formatBytesOf(done: number, total: number): string {
  const scale = scaleOf(total);
  return `${figure(done / 1000 ** scale)} of ${figure(total / 1000 ** scale)} ${UNITS[scale]}`;
}

/** A whole number with thin groups, `104 511`, in the tabular digits of the page. */
export const formatCount = (value: number): string => value.toLocaleString('en').replaceAll(',', '\u202f');

/** Seconds as the two largest units that matter: `3 h 12 min`, `4 min 05 s`, `2 s`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) {
    const rest = whole % 60;
    return rest === 0 || whole >= 600
      ? `${Math.round(whole / 60)} min`
      : `${Math.floor(whole / 60)} min ${rest} s`;
  }
  const minutes = Math.round(whole / 60);
  if (minutes < 48 * 60) {
    const rest = minutes % 60;
    return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
  }
  return `${Math.round(minutes / 1440)} days`;
}

/** What a progress says in words: how much of how much, how fast, how long. Parts not known are left out. */
export function progressParts(progress: Progress): string[] {
  const parts: string[] = [];
  const { done, total, unit, rate, secondsLeft } = progress;
  if (unit === 'bytes') {
    parts.push(total === null ? formatBytes(done) : formatBytesOf(done, total));
    if (rate !== null) parts.push(`${formatBytes(rate)}/s`);
  } else {
    const what = unit === 'phases' ? 'phase' : 'step';
    if (total !== null) parts.push(`${what} ${Math.min(done + 1, total)} of ${total}`);
    else if (done > 0) parts.push(`${done} ${what}s done`);
  }
  if (secondsLeft !== null) parts.push(`${formatDuration(secondsLeft)} left`);
  return parts;
}

/** Share done, 0 to 1, or null when the whole is not known. */
export const progressShare = (progress: Progress): number | null =>
  progress.total === null || progress.total <= 0 ? null : Math.min(1, progress.done / progress.total);

const options = (zone: string | undefined, rest: Intl.DateTimeFormatOptions): Intl.DateTimeFormatOptions =>
  zone ? { ...rest, timeZone: zone } : rest;

const dayKey = (instant: number, zone: string | undefined): string =>
  new Intl.DateTimeFormat(
    'en-CA',
    options(zone, { year: 'numeric', month: '2-digit', day: '2-digit' }),
  ).format(instant);

const clock = (instant: number, zone: string | undefined): string =>
  new Intl.DateTimeFormat('en-GB', options(zone, { hour: '2-digit', minute: '2-digit' })).format(instant);

/** A past instant as people say it: `just now`, `12 min ago`, `09:21`, `yesterday 14:03`, `3 Nov`. */
export function formatAgo(instant: string, now: number, zone: string | undefined): string {
  const then = Date.parse(instant);
  const seconds = (now - then) / 1000;
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  const today = dayKey(now, zone);
  if (dayKey(then, zone) === today) return clock(then, zone);
  if (dayKey(then + 86_400_000, zone) === today) return `yesterday ${clock(then, zone)}`;
  const sameYear = dayKey(then, zone).slice(0, 4) === today.slice(0, 4);
  return new Intl.DateTimeFormat(
    'en-GB',
    options(zone, { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) }),
  ).format(then);
}

/** A calendar day, `2025-11-21`, as `21 Nov 2025`. */
export const formatDay = (day: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(Date.parse(day));

export interface Due {
  text: string;
  overdue: boolean;
  /** Today or tomorrow. */
  soon: boolean;
}

/** A promised calendar day against today in the site's zone. */
export function formatDue(day: string, now: number, zone: string | undefined): Due {
  const days = Math.round((Date.parse(day) - Date.parse(dayKey(now, zone))) / 86_400_000);
  if (days < 0)
    return { text: `overdue by ${days === -1 ? '1 day' : `${-days} days`}`, overdue: true, soon: true };
  if (days === 0) return { text: 'due today', overdue: false, soon: true };
  if (days === 1) return { text: 'due tomorrow', overdue: false, soon: true };
  return { text: `due in ${days} days`, overdue: false, soon: false };
}

/** A measured value with its unit, in at most four figures. */
export function formatValue(value: string | number | boolean | null, unit: string | null): string {
  if (value === null) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  const text = Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(4)));
  return unit ? `${text.replace('-', '−')} ${unit}` : text.replace('-', '−');
}

/** Text of a device or file with control characters made visible, so that nothing hides in it. */
export function visibleText(text: string): string {
  return [...text]
    .map((char) => {
      const code = char.codePointAt(0) ?? 0;
      if (code === 9) return '\t';
      if (code < 0x20) return String.fromCodePoint(0x2400 + code);
      if (code === 0x7f) return '\u2421';
      // Directional overrides could make a line read differently from what it holds.
      if (
        (code >= 0x80 && code < 0xa0) ||
        (code >= 0x202a && code <= 0x202e) ||
        (code >= 0x2066 && code <= 0x2069)
      ) {
        return '\ufffd';
      }
      return char;
    })
    .join('');
}
