// biome-ignore-all lint: scratch
import { ORPCError } from '@orpc/client';
import type { StationClient } from '../../shared/contract/index.ts';
import { emptyIdentity } from '../../shared/model/units.ts';

const now = Date.now();
const ago = (min: number) => new Date(now - min * 60000).toISOString();
const day = (d: number) => new Date(now + d * 86400000).toISOString().slice(0, 10);
const id = (n: number) => `0190a0a0-0000-7000-8000-${String(n).padStart(12, '0')}`;
const ident = (model: string, serial: string | null, imei1: string | null = null) => ({
  ...emptyIdentity(),
  maker: 'Samsung',
  model,
  serial,
  imei1,
  firmware: 'G736BXXS8DXC1',
});
const line = { baudRate: 115200, dataBits: 8, stopBits: 1, parity: 'none', flow: 'none' };
const port = (n: number, label: string, state: string, rest: any = {}) => ({
  id: id(100 + n),
  address: `/dev/ttyUSB${n}`,
  label,
  family: 'at',
  line,
  login: null,
  hasPassword: false,
  origin: 'hotplug',
  virtual: true,
  state,
  trouble: null,
  identity: null,
  confirmWith: 'imei',
  unitId: null,
  caseId: null,
  caseNumber: null,
  runId: null,
  runTitle: null,
  progress: null,
  prompt: null,
  lastSeenAt: ago(1),
  ...rest,
});
const withCase = (n: number) => ({ caseId: id(n), caseNumber: `B2-${n}`, unitId: id(5000 + n) });
const ports = [
  port(1, 'Hub A · 1', 'working', {
    identity: ident('XCover 7', 'R58W30ABCDE', '356124110947180'),
    ...withCase(1042),
    runId: id(9001),
    runTitle: 'Intake',
    progress: {
      label: 'Pulling the logs',
      done: 12.4e6,
      total: 20e6,
      unit: 'bytes',
      rate: 4.1e6,
      secondsLeft: 2,
    },
  }),
  port(2, 'Hub A · 2', 'needs-you', {
    identity: ident('XCover 7', 'R58W30ABCFF', '356124110949921'),
    ...withCase(1043),
    runId: id(9002),
    runTitle: 'Quick diagnosis',
    prompt: {
      id: 'p',
      text: 'Cover the proximity sensor with your hand. Does the screen go dark?',
      kind: 'choice',
      choices: [
        { value: 'pass', label: 'Pass' },
        { value: 'fail', label: 'Fail' },
      ],
      unit: null,
    },
  }),
  port(3, 'Hub A · 3', 'passed', { identity: ident('Tab Active 5', 'R52X10QQ7TR'), ...withCase(1038) }),
  port(4, 'Hub A · 4', 'failed', {
    identity: ident('XCover 6 Pro', 'R58T90KKL21', '356124110900347'),
    ...withCase(1040),
  }),
  port(5, 'ttyUSB0', 'error', {
    family: 'console',
    identity: ident('LR-200 router', 'GW04170031'),
    ...withCase(1029),
    trouble: {
      code: 'port.timeout',
      message: '/dev/ttyUSB0 did not answer within 5 s (prompt).',
      hint: 'Check the cable, the power and the speed of the port, then try again.',
    },
  }),
  port(6, 'Hub B · 1', 'interrupted', { identity: ident('XCover 7', 'R58W30ACC01'), ...withCase(1044) }),
  port(7, 'Hub B · 2', 'unread'),
  port(8, 'Hub B · 3', 'absent', { identity: ident('XCover 5', 'R58W2ZZP9'), lastSeenAt: ago(12) }),
  port(9, 'Hub B · 4', 'silent', {
    trouble: {
      code: 'port.timeout',
      message: 'Nothing answered within 5 s.',
      hint: 'Check power, cable and speed.',
    },
  }),
  port(10, 'Hub C · 1', 'ready', { identity: ident('XCover 7', 'R58W30XYZ99', '356124110940001') }),
  port(11, 'Hub C · 2', 'busy', {
    trouble: {
      code: 'port.busy',
      message: '/dev/ttyUSB11 is in use by another program.',
      hint: 'Close the other program (a modem manager or a terminal, say) and try again.',
    },
  }),
  port(12, 'Hub C · 3', 'ready', { identity: ident('LR-200 router', 'GW04170077'), ...withCase(1045) }),
];
const perfPorts = Array.from({ length: 32 }, (_, i) =>
  port(200 + i, `Hub ${i}`, 'working', {
    identity: ident('XCover 7', `R58W30ABC${i}`),
    ...withCase(2000 + i),
    runId: id(9100 + i),
    runTitle: 'Intake',
    progress: {
      label: 'Pulling the logs',
      done: 1e6,
      total: 20e6,
      unit: 'bytes',
      rate: 4.1e6,
      secondsLeft: 2,
    },
  }),
);
const statuses: any = {
  1042: 'received',
  1043: 'diagnosing',
  1038: 'wiping',
  1040: 'diagnosing',
  1029: 'received',
  1044: 'wiping',
  1045: 'received',
};
const models: any = {
  1042: 'XCover 7',
  1043: 'XCover 7',
  1038: 'Tab Active 5',
  1040: 'XCover 6 Pro',
  1029: 'LR-200 router',
  1044: 'XCover 7',
  1045: 'LR-200 router',
};
const ALL = [
  'received',
  'diagnosing',
  'awaiting-approval',
  'awaiting-parts',
  'repairing',
  'wiping',
  'final-check',
  'ready',
  'closed',
];
const summary = (n: number) => ({
  id: id(n),
  number: `B2-${n}`,
  version: 3,
  status: statuses[n] ?? ALL[n % ALL.length],
  customer: ['Nordwind Logistics', 'City of Aarhus', 'Bergwerk GmbH', 'Harbour Pilots'][n % 4],
  fault: [
    'Will not charge',
    'Battery drains within two hours',
    'Reboots when dropped lightly',
    'No GPS fix since the update',
  ][n % 4],
  model: models[n] ?? ['XCover 7', 'Tab Active 5', 'LR-200 router'][n % 3],
  serial: `R58T90KKL${n}`,
  imei1: '356124110900347',
  priority: ['P3', 'P3', 'P1', 'P2'][n % 4],
  tier: 'L1',
  assignee: null,
  promisedOn: day((n % 12) - 3),
  dataInstruction: 'wipe',
  flags: n === 1040 ? ['identity-conflict'] : n % 9 === 0 ? ['safety-stop'] : n % 12 < 3 ? ['overdue'] : [],
  causeClass: null,
  openedAt: ago(3000),
  changedAt: ago(n % 700),
});
const m = (
  mid: string,
  title: string,
  value: number,
  unit: string | null,
  min: number | null,
  max: number | null,
) => ({
  id: mid,
  title,
  value,
  unit,
  min,
  max,
  equals: null,
  ok: (min === null || value >= min) && (max === null || value <= max),
});
const phase = (
  pid: string,
  title: string,
  outcome: string,
  measurements: any[] = [],
  message: string | null = null,
) => ({
  id: pid,
  title,
  section: 'main',
  state: 'done',
  outcome,
  startedAt: ago(10),
  endedAt: ago(9),
  durationMs: 420,
  message,
  errorCode: null,
  measurements,
  values: { firmware: 'G736BXXS8DXC1', lock: 'READY' },
  artifactIds: [],
});
const runSummary = (
  rid: number,
  n: number,
  kind: string,
  outcome: string | null,
  title: string,
  min: number,
) => ({
  id: id(rid),
  caseId: id(n),
  caseNumber: `B2-${n}`,
  unitId: id(5000 + n),
  portId: id(104),
  portLabel: 'Hub A · 4',
  procedureId: `at-${kind}`,
  procedureVersion: 1,
  procedureTitle: title,
  procedureHash: 'a'.repeat(64),
  kind,
  state: outcome ? 'ended' : 'running',
  outcome,
  message:
    outcome === 'fail'
      ? 'Battery health is 61 %; at least 80 % is asked'
      : outcome === 'interrupted'
        ? 'Unplugged during the wipe at 43 %. Nothing is certified.'
        : null,
  startedAt: ago(min),
  endedAt: ago(min - 1),
  startedBy: 'Tess Okafor',
  programVersion: '0.1.0',
});
const lastRun: any = {
  1038: runSummary(8038, 1038, 'wipe', 'pass', 'Wipe', 4),
  1040: runSummary(8040, 1040, 'diagnosis', 'fail', 'Quick diagnosis', 9),
  1029: runSummary(8029, 1029, 'intake', 'error', 'Intake', 9),
  1044: runSummary(8044, 1044, 'wipe', 'interrupted', 'Wipe', 9),
};
const art = (n: number, kind: string, name: string, mime: string, size: number) => ({
  id: id(n),
  caseId: id(1040),
  runId: null,
  kind,
  name,
  mime,
  size,
  sha256: 'b'.repeat(64),
  addedAt: ago(20),
  addedBy: 'Tess Okafor',
  hashedByUnit: kind === 'log' ? true : null,
});
const view = (n: number) => {
  const s = summary(n);
  const conflict = s.flags.includes('identity-conflict');
  return {
    ...s,
    fields: {
      fault: s.fault,
      customer: s.customer,
      contact: 'it@nordwind.example',
      contract: 'ENT-204',
      priority: s.priority,
      tier: 'L1',
      promisedOn: day(1),
      purchasedOn: '2024-03-02',
      accessories: ['charger', 'case'],
      condition: 'Scratched back, screen intact',
      assigneeId: null,
      custodian: 'Tess Okafor',
      place: 'Shelf 4',
      dataInstruction: 'wipe',
    },
    promisedOn: day(1),
    policyVersion: 'rugged-1',
    withoutUnit: false,
    receivedAt: ago(3000),
    identifiers: {
      serial: 'R58T90KKL21',
      imei1: conflict ? '490154203237518' : '356124110900347',
      imei2: null,
      meid: null,
    },
    unit: {
      id: id(5000 + n),
      identity: ident('XCover 6 Pro', 'R58T90KKL21', '356124110900347'),
      label: { serial: 'R58T90KKL21', imei1: '356124110900347', imei2: null, meid: null, model: 'SM-G736B' },
      family: 'at',
      firstSeenAt: ago(3000),
      lastSeenAt: ago(1),
      blocked: null,
    },
    conflicts: conflict
      ? [
          {
            field: 'imei1',
            unitSays: '356124110900347',
            labelSays: '356124110900347',
            caseSays: '490154203237518',
            message:
              'IMEI 1: the unit says 35-612411-090034-7, its label says 35-612411-090034-7, the case says 49-015420-323751-8.',
            waysOut: ['re-read', 'identity-change', 'escalate'],
          },
        ]
      : [],
    consent: { by: 'J. Lund', ref: 'form 7781', at: ago(2000), recordedBy: 'Tess Okafor' },
    approval: null,
    dataException: null,
    safety:
      n % 9 === 0
        ? {
            reason: 'Swollen battery',
            since: ago(20),
            by: 'Tess Okafor',
            reportDueAt: new Date(now + 40 * 60000).toISOString(),
            reportedAt: null,
          }
        : null,
    escalations: [],
    notes: [
      {
        id: id(1),
        text: 'Customer says it started after the fall from the forklift.',
        at: ago(100),
        by: 'Tess Okafor',
      },
    ],
    causes:
      n === 1040
        ? [
            {
              id: id(2),
              code: 'HW-BAT-CAP',
              catalogueVersion: '1',
              class: 'hardware',
              component: 'battery',
              mode: 'capacity loss',
              certainty: 'suspected',
              role: 'primary',
              symptomReported: null,
              symptomObserved: 'Health 61 %, 812 cycles',
              action: null,
              analysis: null,
              removedPart: null,
              at: ago(5),
              by: 'Tess Okafor',
            },
          ]
        : [],
    runs: [
      runSummary(8040, n, 'diagnosis', 'fail', 'Quick diagnosis', 9),
      runSummary(8041, n, 'intake', 'pass', 'Intake', 14),
    ],
    artifacts: [
      art(7001, 'log', 'kernel-2025-11-21.log', 'text/plain', 18.2e6),
      art(7002, 'log', 'system-2025-11-21.log', 'text/plain', 3.1e6),
      art(7003, 'photo', 'front.png', 'image/png', 900),
      art(7004, 'photo', 'back.png', 'image/png', 900),
    ],
    records:
      n === 1040
        ? [
            {
              id: id(6001),
              caseId: id(n),
              runId: id(8044),
              verdict: 'verified',
              at: ago(3),
              by: 'Tess Okafor',
              keyId: 'k',
              sha256: 'c'.repeat(64),
            },
          ]
        : [],
    moves: [
      { to: 'awaiting-approval', allowed: true, reasons: [] },
      { to: 'repairing', allowed: true, reasons: [] },
      {
        to: 'wiping',
        allowed: false,
        reasons: [
          { code: 'x', message: 'Identifiers disagree: IMEI 1.', hint: 'Settle the identity first.' },
        ],
      },
      { to: 'final-check', allowed: true, reasons: [] },
      {
        to: 'returned-unrepaired',
        allowed: false,
        needsReason: true,
        reasons: [
          {
            code: 'y',
            message: 'The customer’s data is not wiped yet.',
            hint: 'Wipe it, or sign an exception.',
          },
        ],
      },
      { to: 'cancelled', allowed: true, needsReason: true, reasons: [] },
    ],
  };
};
const run = (rid: string) => {
  const n = Number(rid.slice(-4));
  if (n >= 9000)
    return {
      ...runSummary(n, 1040, 'intake', null, 'Intake', 1),
      outcome: null,
      state: 'running',
      phases: [],
      progress: ports[0]!.progress,
      prompt: null,
      recordId: null,
    };
  return {
    ...runSummary(n, 1040, 'diagnosis', 'fail', 'Quick diagnosis', 9),
    phases: [
      phase('id', 'Read identity', 'pass'),
      phase(
        'bat',
        'Battery',
        'fail',
        [m('h', 'Battery health', 61, '%', 80, null), m('c', 'Battery cycles', 812, null, null, 800)],
        'Battery health is 61 %; at least 80 % is asked',
      ),
      phase('st', 'Storage and radio', 'pass', [
        m('s', 'Storage life used', 14, '%', null, 70),
        m('r', 'Wi-Fi RSSI at 1 m', -41, 'dBm', -55, null),
        m('k', 'Kernel errors since boot', 3, null, null, 5),
        m('v', 'Supply voltage', 3.92, 'V', 3.6, 4.2),
      ]),
    ],
    progress: null,
    prompt: null,
    recordId: null,
  };
};
const code = (c: string, k: string, comp: string, mode: string, kw: string[] = []) => ({
  code: c,
  class: k,
  component: comp,
  mode,
  keywords: kw,
});
const PNG = () => {
  const c = document.createElement('canvas');
  c.width = 320;
  c.height = 240;
  const x = c.getContext('2d')!;
  x.fillStyle = '#345';
  x.fillRect(0, 0, 320, 240);
  x.fillStyle = '#9bd';
  x.fillRect(110, 30, 100, 180);
  return new Promise<Blob>((r) => c.toBlob((b) => r(b!)));
};
const logText = Array.from(
  { length: 4000 },
  (_, i) =>
    `[${(i * 0.731).toFixed(6).padStart(12)}] ${['usb 1-1: new high-speed USB device', 'mmc0: timeout waiting for hardware interrupt', 'thermal thermal_zone0: critical temperature reached', 'EXT4-fs (mmcblk0p2): mounted filesystem', 'wlan0: associated'][i % 5]} ${i}`,
).join('\n');
export function fakeClient(state: string, empty: boolean): StationClient {
  const c: any = {
    station: {
      hello: async () => ({
        protocol: 1,
        version: '0',
        state,
        mode: state === 'new' ? null : 'training',
        stationName: state === 'new' ? null : 'Bench 2',
        people: [
          { name: 'Tess Okafor', role: 'administrator' },
          { name: 'Jonas Weber', role: 'technician' },
          { name: 'Maria del Carmen Ruiz', role: 'qa' },
          { name: 'Ove Nilsen', role: 'manager' },
        ],
      }),
      init: async () => ({
        recoveryKey: 'K7QWZ-19ABC-D3FGH-J5KMN-P7QRS-T9VWX-Y2Z4A',
        session: JSON.parse(sessionStorage.getItem('x') ?? 'null'),
      }),
      unlock: async () => {
        throw new ORPCError('BENCH', {
          status: 400,
          message: 'This is not the recovery key of this bench.',
          data: {
            code: 'x',
            kind: 'refused',
            hint: 'Check the paper; every group has five characters.',
            params: {},
          },
        });
      },
      events: async function* () {
        await new Promise(() => {});
      },
      settings: async () => ({
        stationName: 'Bench 2',
        benchPrefix: 'B2',
        timeZone: 'Europe/Berlin',
        sessionMinutes: 30,
        productSafetyContact: 'Safety desk, +45 5550 1234',
      }),
      doctor: async () => ({
        ok: false,
        checks: [
          { id: 'a', title: 'Data folder', ok: true, detail: '/var/lib/repairbench, 41 GB free', hint: null },
          {
            id: 'b',
            title: 'Serial ports',
            ok: false,
            detail: 'This user is not in the group dialout.',
            hint: 'Add the user to the group “dialout” and sign in again.',
          },
          { id: 'c', title: 'Clock', ok: true, detail: 'Synchronised, 3 ms off', hint: null },
        ],
      }),
    },
    session: {
      signIn: async () => {
        throw new ORPCError('BENCH', {
          status: 400,
          message: 'Too many wrong PINs for Tess: locked for 28 s more.',
          data: {
            code: 'people.locked-out',
            kind: 'refused',
            hint: 'Wait.',
            params: { name: 'Tess', seconds: 28 },
          },
        });
      },
      me: async () => ({}),
    },
    people: {
      list: async () => [
        {
          id: id(1),
          name: 'Tess Okafor',
          role: 'administrator',
          active: true,
          createdAt: ago(9e4),
          lastSignInAt: ago(3),
        },
        {
          id: id(2),
          name: 'Jonas Weber',
          role: 'technician',
          active: true,
          createdAt: ago(9e4),
          lastSignInAt: ago(300),
        },
        { id: id(3), name: 'Old Hand', role: 'qa', active: false, createdAt: ago(9e4), lastSignInAt: null },
      ],
    },
    ports: {
      list: async () => (empty ? [] : location.search.includes('perf') ? perfPorts : ports),
      identify: async ({ id: i }: any) => ports.find((p) => p.id === i),
    },
    cases: {
      list: async ({ offset, limit, filter }: any) => {
        const total = empty || filter.text === 'zzz' ? 0 : 104511;
        return {
          total,
          items: Array.from({ length: Math.min(limit, total - offset) }, (_, i) =>
            summary(1046 + 104511 - offset - i),
          ),
          counts: empty
            ? {}
            : {
                received: 41,
                diagnosing: 17,
                'awaiting-approval': 12,
                'awaiting-parts': 6,
                repairing: 9,
                wiping: 3,
                'final-check': 2,
                ready: 11,
              },
        };
      },
      find: async ({ text }: any) => {
        const n = /^0190a0a0/.test(text) ? Number(text.slice(-6)) : Number(/B2-(\d+)/.exec(text)?.[1] ?? 0);
        if (text === 'MULTI1') return [summary(1040), summary(1042)];
        return n ? [summary(n)] : [];
      },
      get: async ({ id: i }: any) => view(Number(i.slice(-6))),
      timeline: async () =>
        [
          'Received, tray label printed',
          'Intake: logs 18.2 MB, 4 photos',
          'Moved from received to diagnosing',
          'Quick diagnosis: failed',
          'Cause suspected: Hardware › Battery › Capacity loss',
        ].map((text, i) => ({ seq: i, at: ago(200 - i * 30), by: 'Tess Okafor', kind: 'x', text })),
    },
    causes: {
      catalogue: async () => ({
        version: '1',
        codes: [
          code('HW-BAT-CAP', 'hardware', 'battery', 'capacity loss', ['akku']),
          code('HW-BAT-SWE', 'hardware', 'battery', 'swollen'),
          code('UD-PORT-BENT', 'user-damage', 'charging port', 'bent pins'),
          code('EN-HEAT', 'environmental', 'battery', 'heat'),
        ],
      }),
    },
    procedures: {
      list: async () => [
        {
          id: 'at-intake',
          version: 1,
          title: 'Intake',
          summary: 'Reads identity, firmware and battery.',
          kind: 'intake',
          families: ['at'],
          needsPort: true,
          destructive: false,
          hash: 'a'.repeat(64),
        },
        {
          id: 'at-diagnosis',
          version: 1,
          title: 'Quick diagnosis',
          summary: 'Battery, signal and lock against their limits.',
          kind: 'diagnosis',
          families: ['at'],
          needsPort: true,
          destructive: false,
          hash: 'a'.repeat(64),
        },
        {
          id: 'man',
          version: 1,
          title: 'Manual inspection',
          summary: 'For a unit that does not start: looked at by hand, with photos.',
          kind: 'inspection',
          families: [],
          needsPort: false,
          destructive: false,
          hash: 'a'.repeat(64),
        },
        {
          id: 'at-wipe',
          version: 1,
          title: 'Wipe',
          summary: 'Overwrites the chosen disk and reads it back.',
          kind: 'wipe',
          families: ['at'],
          needsPort: true,
          destructive: true,
          hash: 'a'.repeat(64),
        },
      ],
    },
    runs: {
      get: async ({ id: i }: any) => run(i),
      list: async ({ caseId }: any) => {
        const r = lastRun[Number(caseId.slice(-6))];
        return r ? [r] : [];
      },
      wipeTargets: async () => [
        {
          id: '/dev/mmcblk0',
          title: 'eMMC',
          kind: 'disk',
          bytes: 64e9,
          model: 'KLMCG4JETD',
          serial: '0x1a2b3c4d',
          allowed: true,
          reasons: [],
        },
        {
          id: '/dev/sda',
          title: 'USB stick',
          kind: 'disk',
          bytes: 8e9,
          model: 'Cruzer',
          serial: null,
          allowed: false,
          reasons: ['Mounted at /media/usb.'],
        },
      ],
    },
    artifacts: {
      read: async ({ id: i, offset, length }: any) => {
        if (Number(i.slice(-4)) >= 7003) return { bytes: await PNG(), eof: true };
        const b = new TextEncoder().encode(logText).slice(offset, offset + length);
        return { bytes: new Blob([b]), eof: offset + length >= logText.length };
      },
      search: async ({ query }: any) => ({
        hits: logText
          .split('\n')
          .flatMap((t, i, a) =>
            t.includes(query) && i < 400
              ? [{ line: i + 1, offset: a.slice(0, i).join('\n').length + (i ? 1 : 0), text: t }]
              : [],
          ),
        nextLine: 401,
        scannedBytes: 18.2e6,
      }),
    },
    records: {},
    verify: {
      log: async () => ({
        ok: true,
        what: 'log',
        checked: 48211,
        summary: 'Every entry, link and signature is good.',
        findings: [],
      }),
      record: async () => ({
        ok: true,
        what: 'record',
        checked: 1,
        summary: 'Signed by Bench 2, unchanged since.',
        findings: [],
      }),
    },
  };
  return c as StationClient;
}
