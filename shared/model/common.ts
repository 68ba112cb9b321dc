import { z } from 'zod';

/** UUIDv7 of an entity: sorts by the time it was made. */
export const Id = z.uuid();
/** A UTC instant, ISO 8601 with milliseconds and `Z`. */
export const Instant = z.iso.datetime();
/** A calendar day, `YYYY-MM-DD`, in the site's zone. */
export const Day = z.iso.date();
/** A person's text: trimmed, not empty, bounded. */
export const text = (max: number) =>
  z.string().trim().min(1, 'This must not be empty.').max(max, `This has more than ${max} characters.`);
/** Lower-case hexadecimal SHA-256. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
