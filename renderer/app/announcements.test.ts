import { describe, expect, it } from 'vitest';
import type { PortState } from '../../shared/model/ports.ts';
import { emptyIdentity } from '../../shared/model/units.ts';
import { announcements } from './announcements.ts';

const port = (id: string, state: PortState) => ({
  id,
  label: `Hub A · ${id}`,
  state,
  identity: { ...emptyIdentity(), model: 'XCover 7' },
  prompt: null,
});

describe('announcements', () => {
  it('tells which port wants somebody', () => {
    expect(
      announcements([port('1', 'working'), port('2', 'ready')], [port('1', 'failed'), port('2', 'ready')]),
    ).toBe('Hub A · 1, XCover 7, Failed');
  });
  it('is quiet about work that starts, goes on, or about nothing', () => {
    expect(announcements([port('1', 'ready')], [port('1', 'working')])).toBeNull();
    expect(announcements([port('1', 'working')], [port('1', 'working')])).toBeNull();
    expect(announcements([], [port('1', 'unread')])).toBeNull();
  });
});
