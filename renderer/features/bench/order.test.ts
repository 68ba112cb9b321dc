import { describe, expect, it } from 'vitest';
import { PORT_STATES, type PortState } from '../../../shared/model/ports.ts';
import { countTones, nextPort, type Round, TONE_WORDS } from './order.ts';

describe('order of ports', () => {
  it('counts every port under exactly one chip', () => {
    const ports = PORT_STATES.map((state) => ({ state }));
    const chips = countTones(ports);
    expect(chips.reduce((sum, { count }) => sum + count, 0)).toBe(PORT_STATES.length);
    expect(chips.every(({ tone }) => TONE_WORDS[tone])).toBe(true);
    expect(chips[0]?.tone).toBe('needs');
  });

  const bench = [
    { id: 'a', state: 'ready' },
    { id: 'b', state: 'needs-you' },
    { id: 'c', state: 'working' },
    { id: 'd', state: 'failed' },
  ] as const;
  const go = (rounds: (readonly { id: string; state: PortState }[])[]): (string | undefined)[] => {
    let round: Round = new Map();
    return rounds.map((ports) => {
      const next = nextPort(ports, round);
      if (next) ({ round } = next);
      return next?.port.id;
    });
  };

  it('goes from the most urgent port to the next one, round and round', () => {
    expect(go([bench, bench, bench, bench, bench])).toEqual(['b', 'd', 'a', 'b', 'd']);
    expect(go([[{ id: 'c', state: 'absent' }]])).toEqual([undefined]);
  });

  it('goes first to a port that came to need somebody on the way', () => {
    const later = bench.map((port) => (port.id === 'c' ? { id: 'c', state: 'needs-you' as const } : port));
    expect(go([bench, bench, later, later])).toEqual(['b', 'd', 'c', 'a']);
  });

  it('does not ask twice about a port that nothing has happened to', () => {
    const answered = bench.map((port) => (port.id === 'b' ? { id: 'b', state: 'working' as const } : port));
    expect(go([bench, answered, answered])).toEqual(['b', 'd', 'a']);
  });
});
