import {
  type Icon,
  IconActivity,
  IconAlertTriangle,
  IconArrowsSplit2,
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClockX,
  IconEyeExclamation,
  IconEyeQuestion,
  IconHandStop,
  IconHelpHexagon,
  IconLock,
  IconPlugConnected,
  IconPlugConnectedX,
  IconZzz,
} from '@tabler/icons-react';
import { type CaseFlag, REVIEWS, type Status } from '../../shared/model/cases.ts';
import type { WipeVerdict } from '../../shared/model/evidence.ts';
import type { PortState } from '../../shared/model/ports.ts';
import type { Outcome } from '../../shared/model/runs.ts';

/** The eight states of the whole application; each is one colour, and never colour alone. */
export const TONES = [
  'needs',
  'working',
  'failed',
  'error',
  'interrupted',
  'passed',
  'ready',
  'ghost',
] as const;
export type Tone = (typeof TONES)[number];

/** One state, three ways: colour, icon, word. */
export interface Look {
  readonly tone: Tone;
  readonly word: string;
  readonly icon: Icon;
}

const PORT_LOOKS: Readonly<Record<PortState, Look>> = {
  absent: { tone: 'ghost', word: 'Absent', icon: IconCircleDashed },
  unread: { tone: 'ready', word: 'Not read yet', icon: IconEyeQuestion },
  ready: { tone: 'ready', word: 'Ready', icon: IconPlugConnected },
  working: { tone: 'working', word: 'Working', icon: IconActivity },
  'needs-you': { tone: 'needs', word: 'Needs you', icon: IconHandStop },
  passed: { tone: 'passed', word: 'Passed', icon: IconCircleCheck },
  failed: { tone: 'failed', word: 'Failed', icon: IconCircleX },
  error: { tone: 'error', word: 'Bench error', icon: IconAlertTriangle },
  interrupted: { tone: 'interrupted', word: 'Interrupted', icon: IconPlugConnectedX },
  unverified: { tone: 'needs', word: 'Unverified', icon: IconHelpHexagon },
  silent: { tone: 'ghost', word: 'Silent', icon: IconZzz },
  busy: { tone: 'error', word: 'In use elsewhere', icon: IconLock },
  'no-permission': { tone: 'error', word: 'No permission', icon: IconLock },
};
export const portLook = (state: PortState): Look => PORT_LOOKS[state];

const OUTCOME_LOOKS: Readonly<Record<Outcome, Look>> = {
  pass: { tone: 'passed', word: 'Passed', icon: IconCircleCheck },
  fail: { tone: 'failed', word: 'Failed', icon: IconCircleX },
  error: { tone: 'error', word: 'Bench error', icon: IconAlertTriangle },
  timeout: { tone: 'error', word: 'Timed out', icon: IconClockX },
  aborted: { tone: 'ghost', word: 'Stopped', icon: IconBan },
  interrupted: { tone: 'interrupted', word: 'Interrupted', icon: IconPlugConnectedX },
  unverified: { tone: 'needs', word: 'Unverified', icon: IconHelpHexagon },
};
/** Null: the run is still under way. */
export const outcomeLook = (outcome: Outcome | null): Look =>
  outcome === null ? PORT_LOOKS.working : OUTCOME_LOOKS[outcome];

const VERDICT_LOOKS: Readonly<Record<WipeVerdict, Look>> = {
  verified: { tone: 'passed', word: 'Verified', icon: IconCircleCheck },
  unverified: { tone: 'needs', word: 'Unverified', icon: IconHelpHexagon },
  failed: { tone: 'failed', word: 'Failed', icon: IconCircleX },
  interrupted: { tone: 'interrupted', word: 'Interrupted', icon: IconPlugConnectedX },
  'cannot-sanitize': { tone: 'failed', word: 'Cannot be sanitized', icon: IconBan },
};
export const verdictLook = (verdict: WipeVerdict): Look => VERDICT_LOOKS[verdict];

const STATUS_LOOKS: Readonly<Record<Status, Look>> = {
  announced: { tone: 'ghost', word: 'Announced', icon: IconCircleDashed },
  received: { tone: 'ready', word: 'Received', icon: IconPlugConnected },
  diagnosing: { tone: 'working', word: 'Diagnosing', icon: IconActivity },
  'awaiting-approval': { tone: 'needs', word: 'Awaiting approval', icon: IconHandStop },
  'awaiting-parts': { tone: 'needs', word: 'Awaiting parts', icon: IconHandStop },
  repairing: { tone: 'working', word: 'Repairing', icon: IconActivity },
  wiping: { tone: 'working', word: 'Wiping', icon: IconActivity },
  'final-check': { tone: 'working', word: 'Final check', icon: IconActivity },
  ready: { tone: 'passed', word: 'Ready to ship', icon: IconCircleCheck },
  shipped: { tone: 'passed', word: 'Shipped', icon: IconCircleCheck },
  closed: { tone: 'passed', word: 'Closed', icon: IconCircleCheck },
  cancelled: { tone: 'ghost', word: 'Cancelled', icon: IconBan },
  replaced: { tone: 'ghost', word: 'Replaced', icon: IconCircleCheck },
  refunded: { tone: 'ghost', word: 'Refunded', icon: IconCircleCheck },
  'returned-unrepaired': { tone: 'ghost', word: 'Returned unrepaired', icon: IconBan },
  scrapped: { tone: 'ghost', word: 'Scrapped', icon: IconBan },
};
export const statusLook = (status: Status): Look => STATUS_LOOKS[status];

const FLAG_LOOKS: Readonly<Record<CaseFlag, Look>> = {
  'identity-conflict': { tone: 'failed', word: 'Identity conflict', icon: IconCircleX },
  'safety-stop': { tone: 'failed', word: 'Safety stop', icon: IconAlertTriangle },
  'in-conflict': { tone: 'needs', word: 'In conflict', icon: IconArrowsSplit2 },
  'to-look-at': { tone: 'ready', word: 'To look at', icon: IconEyeExclamation },
  overdue: { tone: 'needs', word: 'Overdue', icon: IconClockX },
  'data-open': { tone: 'ready', word: 'Data open', icon: IconLock },
};
export const flagLook = (flag: CaseFlag): Look => FLAG_LOOKS[flag];

/** What a case is marked with wherever it stands; the other flags are told by its dates and its data instruction. */
const MARKS: ReadonlySet<CaseFlag> = new Set(['identity-conflict', 'safety-stop', ...REVIEWS]);
export const markLooks = (flags: readonly CaseFlag[]): Look[] =>
  flags.filter((flag) => MARKS.has(flag)).map(flagLook);
