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
  error: 2,
  interrupted: 3,
  passed: 4,
  ready: 5,
  unread: 6,
  silent: 7,
  busy: 8,
  'no-permission': 9,
};

/** The port that wants a person most; after `current` when several want one equally. Null: none does. */
export function nextPort<P extends Pick<PortView, 'id' | 'state'>>(
  ports: readonly P[],
  current: string | null,
): P | null {
  const wanting = ports
    .filter(({ state }) => URGENCY[state] !== undefined)
    .toSorted((a, b) => (URGENCY[a.state] ?? 99) - (URGENCY[b.state] ?? 99));
  const at = wanting.findIndex(({ id }) => id === current);
  return wanting[(at + 1) % Math.max(1, wanting.length)] ?? null;
}
