import type { PortState, PortView } from '../../shared/model/ports.ts';
import { portLook } from '../ui/looks.ts';
import { unitName } from '../ui/words.ts';

/** Changes into these are worth interrupting somebody for. */
const TELLING: ReadonlySet<PortState> = new Set([
  'needs-you',
  'passed',
  'failed',
  'error',
  'interrupted',
  'unverified',
  'silent',
  'ready',
  'unread',
  'absent',
]);

type Told = Pick<PortView, 'id' | 'label' | 'state' | 'identity' | 'prompt'>;

/** What changed on the bench, in one short text for a screen reader; null when nothing worth telling did. */
export function announcements(before: readonly Told[], now: readonly Told[]): string | null {
  const told = now
    .filter((port) => {
      const was = before.find(({ id }) => id === port.id);
      return was !== undefined && was.state !== port.state && TELLING.has(port.state);
    })
    .map((port) =>
      [port.label, unitName(port.identity), portLook(port.state).word, port.prompt?.text]
        .filter(Boolean)
        .join(', '),
    );
  return told.length > 0 ? told.join('. ') : null;
}
