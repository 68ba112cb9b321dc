import { BenchError, type ErrorCode } from '../../shared/errors/index.ts';
import { RefusedError } from '../refusal.ts';
import { isDatabaseAway } from '../storage/database.ts';

const STATUS: Partial<Record<ErrorCode, number>> = {
  'hub.not-admitted': 401,
  'hub.used-link': 401,
  'hub.unknown': 404,
  'hub.last-administrator': 409,
};

/** How a failed request is answered. */
export interface Failure {
  readonly status: number;
  readonly error: { readonly code: string; readonly message: string } & Readonly<Record<string, unknown>>;
}

/** What is said about an error: to a bench by the sync's codes, to an administrator with the way out. */
export function failureOf(error: unknown): Failure {
  if (isDatabaseAway(error)) return failureOf(new RefusedError('sync.database-away'));
  if (error instanceof RefusedError) {
    const { status, code, message, more } = error;
    return { status, error: { code, message, ...more } };
  }
  if (error instanceof BenchError) {
    const { code, message, hint } = error;
    return { status: STATUS[code] ?? 500, error: { code, message, hint } };
  }
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  const message = status >= 500 ? 'The hub failed; try again.' : (error as Error).message;
  return { status, error: { code: 'sync.failed', message } };
}
