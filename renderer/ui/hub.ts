import {
  IconArrowsSplit2,
  IconCloudCheck,
  IconCloudDown,
  IconCloudOff,
  IconCloudUp,
  IconCloudX,
  IconEyeExclamation,
  IconFileAlert,
} from '@tabler/icons-react';
import type { Review } from '../../shared/model/cases.ts';
import type { BlobsView, SyncReport, SyncView } from '../../shared/model/sync.ts';
import { formatBytes, formatCount, formatInstant, withLocalTimes } from './format.ts';
import type { Look } from './looks.ts';

export interface HubLook extends Look {
  /** What is to be known besides, where the word does not say it. */
  readonly count: string | null;
  /** Everything the word stands for: what is wrong, since when, what waits. */
  readonly sentence: string;
}

type Open = Pick<SyncView, 'conflicts' | 'toLookAt'>;

/** Nobody answers at the hub's address, or somebody else does. */
const AWAY: ReadonlySet<string> = new Set(['sync.unreachable', 'sync.not-a-hub']);
/** What this bench finds, not the hub. */
const OWN: ReadonlySet<string> = new Set(['sync.rewritten']);

const counted = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${formatCount(count)} ${many}`;

/** Of files nothing is known yet, or the bench belongs to no hub. */
type Files = BlobsView | null;

/** How far this bench's work is at the hub: its changes, and the content of its files. */
export function sentWords({ pending }: Pick<SyncView, 'pending'>, files: Files): string {
  const { pending: count, pendingBytes } = files ?? { pending: 0, pendingBytes: 0 };
  const parts = [
    pending > 0 && counted(pending, 'change', 'changes'),
    count > 0 && `${counted(count, 'file', 'files')} (${formatBytes(pendingBytes)})`,
  ].filter(Boolean);
  if (parts.length === 0) return 'The hub has everything of this bench.';
  return `${parts.join(' and ')} ${pending + count === 1 ? 'waits' : 'wait'} to be sent.`;
}

/** What keeps files here besides what keeps everything here; null when nothing does. */
export function filesTrouble({ trouble }: Pick<SyncView, 'trouble'>, files: Files): BlobsView['trouble'] {
  const code = files?.trouble?.code;
  // Whether the hub is away is told of the changes: files are tried at other times.
  return code === 'sync.unreachable' || code === trouble?.code ? null : (files?.trouble ?? null);
}

/** How far the other benches' work is here; while the hub is away, nobody knows what they did since. */
export function readWords({ unread, trouble }: Pick<SyncView, 'unread' | 'trouble'>): string {
  if (unread > 0) {
    return `${counted(unread, 'change of another bench waits', 'changes of other benches wait')} to be read.`;
  }
  return trouble
    ? 'Everything of the other benches was here at the last contact.'
    : 'Everything of the other benches is here.';
}

/** What an exchange did: `3 sent, 12 read.` */
export const exchangedWords = ({ pushed, pulled }: Pick<SyncReport, 'pushed' | 'pulled'>): string =>
  `${formatCount(pushed)} sent, ${formatCount(pulled)} read.`;

/** What waits for a person, counted, by what finds its cases: what wants a choice first. */
export function openCounts({ conflicts, toLookAt }: Open): { review: Review; words: string }[] {
  const all = [
    { review: 'in-conflict', words: conflicts > 0 && counted(conflicts, 'conflict', 'conflicts') },
    {
      review: 'to-look-at',
      words: toLookAt > 0 && counted(toLookAt, 'change to look at', 'changes to look at'),
    },
  ] as const;
  return all.flatMap(({ review, words }) => (words ? [{ review, words }] : []));
}

/** `2 conflicts and 1 change to look at`; null when nothing waits for a person. */
export const openWords = (open: Open): string | null =>
  openCounts(open)
    .map(({ words }) => words)
    .join(' and ') || null;

/** Why somebody should look. */
export const openReason = ({ conflicts }: Open): string =>
  conflicts > 0
    ? 'Benches changed the same while they were apart, and somebody has to choose what stands.'
    : 'Work met work of another bench, and somebody should look whether both are right.';

/** What waits for a person, in a word each: what wants a choice first. */
export function openLooks({ conflicts, toLookAt }: Open): Look[] {
  const looks: Look[] = [];
  if (conflicts > 0) {
    const word = counted(conflicts, 'conflict', 'conflicts');
    looks.push({ tone: 'needs', word, icon: IconArrowsSplit2 });
  }
  if (toLookAt > 0) {
    looks.push({ tone: 'ready', word: `${formatCount(toLookAt)} to look at`, icon: IconEyeExclamation });
  }
  return looks;
}

/** What people should know of bench and hub, the first thing first; empty while all is well. */
function newsOf(state: SyncView, files: Files): Look[] {
  const { pending, unread, trouble } = state;
  const news = openLooks(state);
  if (trouble) news.unshift(troubleLook(trouble.code));
  if (filesTrouble(state, files)) news.push({ tone: 'needs', word: 'Files stuck', icon: IconFileAlert });
  // Nothing is read while they are apart.
  if (unread > 0 && !trouble) {
    news.push({ tone: 'working', word: `Reading ${formatCount(unread)}`, icon: IconCloudDown });
  }
  if (pending > 0) news.push({ tone: 'working', word: `${formatCount(pending)} to send`, icon: IconCloudUp });
  if (files !== null && files.pending > 0) {
    const what = counted(files.pending, 'file', 'files');
    // Below another word there is room for the least.
    news.push({ tone: 'working', word: news.length > 0 ? what : `${what} to send`, icon: IconCloudUp });
  }
  return news;
}

/** How bench and hub stand, in a word for the rail and in a sentence. */
export function hubLook(state: SyncView, files: Files, zone: string | undefined): HubLook {
  const { pending, unread, siteName, trouble, troubleSince } = state;
  const open = openWords(state);
  const stuck = filesTrouble(state, files);
  const stuckSince = stuck && files?.troubleSince;
  const [first, second] = newsOf(state, files);
  const sentence = [
    trouble && withLocalTimes(trouble.message, zone),
    troubleSince && `Since ${formatInstant(troubleSince, zone)}.`,
    stuck && withLocalTimes(stuck.message, zone),
    stuckSince && `Since ${formatInstant(stuckSince, zone)}.`,
    open && `${open}. ${openReason(state)}`,
    (pending > 0 || (files?.pending ?? 0) > 0) && sentWords(state, files),
    unread > 0 && readWords(state),
    trouble && withLocalTimes(trouble.hint, zone),
    stuck && withLocalTimes(stuck.hint, zone),
    !first && `The hub of ${siteName} has every change of this bench. ${readWords(state)}`,
  ];
  return {
    ...(first ?? { tone: 'passed', word: 'All sent', icon: IconCloudCheck }),
    count: second?.word ?? null,
    sentence: sentence.filter(Boolean).join(' '),
  };
}

function troubleLook(code: string): Look {
  if (AWAY.has(code)) return { tone: 'needs', word: 'Hub away', icon: IconCloudOff };
  const refuses = code.startsWith('sync.') && !OWN.has(code);
  return { tone: 'needs', word: refuses ? 'Hub refuses' : 'Hub trouble', icon: IconCloudX };
}
