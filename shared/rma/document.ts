import { STATUSES, type Status } from '../model/cases.ts';
import { GUARDS, type GuardName } from './guards.ts';
import { TRANSITIONS } from './table.ts';

const node = (status: Status): string => status.replaceAll('-', '_');
const title = (status: Status): string => status.replaceAll('-', ' ');

const MEANINGS: Readonly<Record<Status, string>> = {
  announced: 'known, nothing has arrived; a claim without a unit stays here until it is decided',
  received: 'the unit is in the lab',
  diagnosing: 'somebody looks for the fault',
  'awaiting-approval': 'the customer has the price and decides; the clock pauses',
  'awaiting-parts': 'parts are on their way; the clock pauses',
  repairing: 'the repair is under way',
  wiping: 'the customer’s data is being removed',
  'final-check': 'the repaired unit is tested once more',
  ready: 'ready to leave the lab',
  shipped: 'on its way back; turnaround ends here',
  closed: 'everything done, root cause recorded; the end',
  cancelled: 'the request was withdrawn, or a remedy solved it',
  replaced: 'the customer gets another unit',
  refunded: 'the customer gets the money back',
  'returned-unrepaired': 'the unit goes back as it is',
  scrapped: 'the unit is disposed of',
};

/** The published page about the states, made from the table so that it cannot say anything else. */
export function rmaDocument(): string {
  const lines = [
    '# The states of an RMA case',
    '',
    'Made from the table in `shared/rma/table.ts`; a test compares the two. To change this page, change the',
    'table and run `npx vitest run --project unit shared/rma -u`.',
    '',
    '```mermaid',
    'stateDiagram-v2',
    ...STATUSES.filter((status) => status.includes('-')).map(
      (status) => `  state "${title(status)}" as ${node(status)}`,
    ),
    '  [*] --> announced',
    '  [*] --> received',
    ...TRANSITIONS.map(({ from, to }) => `  ${node(from)} --> ${node(to)}`),
    '  closed --> [*]',
    '```',
    '',
    '## States',
    '',
    '| state | means |',
    '|---|---|',
    ...STATUSES.map((status) => `| ${title(status)} | ${MEANINGS[status]} |`),
    '',
    '## Guards',
    '',
    'A move is made only when every guard it names is passed; a blocked move says which one is not, and what',
    'to do. The safety stop is part of every move and left out of the table below: while it stands, a case',
    'stays where it is, until product safety was told and a manager has released it.',
    '',
    '| guard | demands that |',
    '|---|---|',
    ...Object.entries(GUARDS).map(([name, guard]) => `| ${name} | ${guard.words} |`),
    '',
    '## Moves',
    '',
    '| from | to | guards | reason |',
    '|---|---|---|---|',
    ...TRANSITIONS.map(({ from, to, guards, needsReason }) => {
      const own = guards.filter((name: GuardName) => name !== 'no-safety-stop');
      return `| ${title(from)} | ${title(to)} | ${own.join(', ') || '–'} | ${needsReason ? 'needed' : '–'} |`;
    }),
    '',
  ];
  return lines.join('\n');
}
