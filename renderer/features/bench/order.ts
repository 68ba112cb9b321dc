import type { PortState, PortView } from '../../../shared/model/ports.ts';
import { portLook, TONES, type Tone } from '../../ui/looks.ts';

/** Ports by tone, for the filter chips; only tones that occur, the most urgent first. */
export function countTones(ports: readonly Pick<PortView, 'state'>[]): { tone: Tone; count: number }[] {
  return TONES.map((tone) => ({
    tone,
    count: ports.filter(({ state }) => portLook(state).tone === tone).length,
  })).filter(({ count }) => count > 0);
}

/** The word of a chip: a tone may hold several states. */
export const TONE_WORDS: Readonly<Record<Tone, string>> = {
  needs: 'Needs you',
  working: 'Working',
  failed: 'Failed',
  error: 'Bench error',
  interrupted: 'Interrupted',
  passed: 'Passed',
  ready: 'Ready',
  ghost: 'Absent or silent',
};

/** How soon a person is wanted at a port in this state; a working or absent one waits for nobody. */
const URGENCY: Readonly<Partial<Record<PortState, number>>> = {
  'needs-you': 0,
  failed: 1,
  unverified: 2,
  error: 3,
  interrupted: 4,
  passed: 5,
  ready: 6,
  unread: 7,
  silent: 8,
  busy: 9,
  'no-permission': 10,
};

/** Where a round through the bench has been, and in which state each port was then. */
export type Round = ReadonlyMap<string, PortState>;

/**
 * The port that wants a person most, of those the round has not been to in their present state: one that came
 * to need somebody since is next. When all were seen, a new round begins. Null: no port wants anybody.
 */
export function nextPort<P extends Pick<PortView, 'id' | 'state'>>(
  ports: readonly P[],
  round: Round,
): { port: P; round: Round } | null {
  const wanting = ports
    .filter(({ state }) => URGENCY[state] !== undefined)
    .toSorted((a, b) => (URGENCY[a.state] ?? 99) - (URGENCY[b.state] ?? 99));
  const fresh = wanting.find(({ id, state }) => round.get(id) !== state);
  const port = fresh ?? wanting[0];
  return port ? { port, round: new Map([...(fresh ? round : []), [port.id, port.state]]) } : null;
}
