import { type Icon, IconCloudCheck, IconCloudOff, IconCloudUp, IconCloudX } from '@tabler/icons-react';
import type { SyncView } from '../../shared/model/sync.ts';
import { formatCount, formatInstant, withLocalTimes } from './format.ts';
import type { Look } from './looks.ts';

export interface HubLook extends Look {
  /** How much waits besides, where the word does not say it. */
  readonly count: string | null;
  /** Everything the word stands for: what is wrong, since when, how much waits. */
  readonly sentence: string;
}

/** Nobody answers at the hub's address, or somebody else does. */
const AWAY: ReadonlySet<string> = new Set(['sync.unreachable', 'sync.not-a-hub']);
/** What this bench finds, not the hub. */
const OWN: ReadonlySet<string> = new Set(['sync.rewritten']);

/** `1 change waits to be sent`, `12 changes wait to be sent`. */
export const waitingWords = (pending: number): string =>
  pending === 1 ? '1 change waits to be sent' : `${formatCount(pending)} changes wait to be sent`;

/** How bench and hub stand, in a word for the rail and in a sentence. */
export function hubLook(state: SyncView, zone: string | undefined): HubLook {
  const { pending, siteName, trouble, troubleSince } = state;
  const toSend = `${formatCount(pending)} to send`;
  if (trouble) {
    const sentence = [
      withLocalTimes(trouble.message, zone),
      troubleSince ? `Since ${formatInstant(troubleSince, zone)}.` : null,
      pending > 0 ? `${waitingWords(pending)}.` : null,
      withLocalTimes(trouble.hint, zone),
    ]
      .filter(Boolean)
      .join(' ');
    return { ...troubleLook(trouble.code), tone: 'needs', count: pending > 0 ? toSend : null, sentence };
  }
  if (pending > 0) {
    return {
      tone: 'working',
      word: toSend,
      count: null,
      icon: IconCloudUp,
      sentence: `${waitingWords(pending)} to the hub of ${siteName}.`,
    };
  }
  return {
    tone: 'passed',
    word: 'All sent',
    count: null,
    icon: IconCloudCheck,
    sentence: `The hub of ${siteName} has every change of this bench.`,
  };
}

function troubleLook(code: string): { word: string; icon: Icon } {
  if (AWAY.has(code)) return { word: 'Hub away', icon: IconCloudOff };
  const refuses = code.startsWith('sync.') && !OWN.has(code);
  return { word: refuses ? 'Hub refuses' : 'Hub trouble', icon: IconCloudX };
}
