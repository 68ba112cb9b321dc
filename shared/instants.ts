/** Date and time for people in a zone (the system's without one), `14 Nov 2025, 09:21:07`. */
export const formatInstant = (instant: string, zone: string | undefined): string =>
  new Intl.DateTimeFormat('en-GB', {
    ...(zone ? { timeZone: zone } : {}),
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(new Date(instant));

/** A sentence of the station with its UTC instants in the site's zone. */
export const withLocalTimes = (text: string, zone: string | undefined): string =>
  text.replace(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z\b/g, (instant) =>
    formatInstant(instant, zone),
  );
