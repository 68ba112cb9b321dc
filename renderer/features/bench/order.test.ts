import { describe, expect, it } from 'vitest';
import { PORT_STATES } from '../../../shared/model/ports.ts';
import { countTones, nextPort, TONE_WORDS } from './order.ts';

describe('order of ports', () => {
  it('counts every port under exactly one chip', () => {
    const ports = PORT_STATES.map((state) => ({ state }));
    const chips = countTones(ports);
    expect(chips.reduce((sum, { count }) => sum + count, 0)).toBe(PORT_STATES.length);
    expect(chips.every(({ tone }) => TONE_WORDS[tone])).toBe(true);
    expect(chips[0]?.tone).toBe('needs');
  });

  it('goes from the most urgent port to the next one, round and round', () => {
    const ports = [
      { id: 'a', state: 'ready' },
      { id: 'b', state: 'needs-you' },
      { id: 'c', state: 'working' },
      { id: 'd', state: 'failed' },
    ] as const;
    expect(nextPort(ports, null)?.id).toBe('b');
    expect(nextPort(ports, 'b')?.id).toBe('d');
    expect(nextPort(ports, 'd')?.id).toBe('a');
    expect(nextPort(ports, 'a')?.id).toBe('b');
    expect(nextPort([{ id: 'c', state: 'absent' }], null)).toBeNull();
  });
});
