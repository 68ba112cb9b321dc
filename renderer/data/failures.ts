import { ORPCError } from '@orpc/client';
import { z } from 'zod';
import { BenchErrorData } from '../../shared/contract/base.ts';
import { ConnectionLost } from './connection.ts';

/** A failed call in words ready to show. */
export interface Failure {
  /** The domain's code, or `signed-out`, `offline`, `unexpected`. */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly params: Readonly<Record<string, string | number | boolean>>;
}

/** A failure that this page itself found, before any call. */
export class PageError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.name = 'PageError';
    this.hint = hint;
  }
}

const Hinted = z.object({ code: z.string(), hint: z.string() });

/** Whether the station says that the session is over. */
export const isSignedOut = (error: unknown): boolean =>
  error instanceof ORPCError && error.code === 'SIGNED_OUT';

/**
 * Any thrown thing in words.
 * @param call what failed: to read again is always right, to do something again is not
 */
export function asFailure(error: unknown, call: 'reading' | 'change' = 'reading'): Failure {
  if (error instanceof PageError) {
    return { code: 'page', message: error.message, hint: error.hint, params: {} };
  }
  if (error instanceof ORPCError) {
    const bench = BenchErrorData.safeParse(error.data);
    if (bench.success) {
      return {
        code: bench.data.code,
        message: error.message,
        hint: bench.data.hint,
        params: bench.data.params,
      };
    }
    const hinted = Hinted.safeParse(error.data);
    if (hinted.success) {
      return { code: hinted.data.code, message: error.message, hint: hinted.data.hint, params: {} };
    }
    return {
      code: 'unexpected',
      message: `The station answered something unexpected: ${error.message}.`,
      hint: 'Try again. If it stays, look at Settings › Station › Check-up.',
      params: {},
    };
  }
  if (call === 'change' && error instanceof ConnectionLost && error.sent) {
    return {
      code: 'offline',
      message: 'The connection broke before the station answered.',
      hint: 'It may have been done all the same: look first, and do it again only if it was not. What you typed is kept.',
      params: {},
    };
  }
  return {
    code: 'offline',
    message: 'The station did not answer.',
    hint: 'It comes back by itself; what you typed is kept. Then try again.',
    params: {},
  };
}
