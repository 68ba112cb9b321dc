import { ORPCError } from '@orpc/client';
import { describe, expect, it } from 'vitest';
import { ConnectionLost } from './connection.ts';
import { asFailure, isSignedOut, PageError } from './failures.ts';

describe('failures in words', () => {
  it('keeps the domain’s own words', () => {
    const error = new ORPCError('BENCH', {
      status: 400,
      message: 'Too many wrong PINs for Ada: locked for 28 s more.',
      data: { code: 'people.locked-out', kind: 'refused', hint: 'Wait.', params: { seconds: 28 } },
    });
    expect(asFailure(error)).toEqual({
      code: 'people.locked-out',
      message: 'Too many wrong PINs for Ada: locked for 28 s more.',
      hint: 'Wait.',
      params: { seconds: 28 },
    });
  });
  it('knows a session that ended', () => {
    const error = new ORPCError('SIGNED_OUT', {
      status: 401,
      data: { code: 'people.signed-out', hint: 'Sign in.' },
    });
    expect(isSignedOut(error)).toBe(true);
    expect(asFailure(error).code).toBe('people.signed-out');
    expect(isSignedOut(new Error('x'))).toBe(false);
  });
  it('takes any other failure for a station that is away', () => {
    expect(asFailure(new TypeError('Failed to fetch')).code).toBe('offline');
    expect(asFailure('?').code).toBe('offline');
  });
  it('says of a change that was under way that it may have been done', () => {
    expect(asFailure(new ConnectionLost(true), 'change').hint).toContain('may have been done');
    expect(asFailure(new ConnectionLost(false), 'change').hint).toContain('Then try again');
    expect(asFailure(new ConnectionLost(true)).hint).toContain('Then try again');
  });
  it('does not trust what it cannot read', () => {
    expect(
      asFailure(new ORPCError('INTERNAL_SERVER_ERROR', { message: 'boom', data: { code: 5 } })),
    ).toMatchObject({
      code: 'unexpected',
    });
  });
  it('says its own errors', () => {
    expect(asFailure(new PageError('Too large.', 'Cut it.'))).toMatchObject({
      message: 'Too large.',
      hint: 'Cut it.',
    });
  });
});
