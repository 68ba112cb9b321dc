/**
 * Who may import whom (ARCHITECTURE.md shows it as a table). `npm run check` runs this;
 * `test/integration/import-law.test.ts` proves that each rule bites.
 */

/** Tests may reach for anything: they stand outside the program. */
const TESTS = '(\\.test\\.tsx?$|/testing(/|\\.tsx?$))';
const NODE =
  '^node:|^(assert|child_process|crypto|fs|http|https|net|os|path|stream|tls|url|util|worker_threads)$';
const npm = (...names) => `node_modules/(${names.join('|')})(/|$)`;

/** `from` may import what `to.path` names only as listed in `to.pathNot`. */
const forbid = (name, comment, from, to) => ({
  name,
  comment,
  severity: 'error',
  from:
    typeof from === 'string' ? { path: from, pathNot: TESTS } : { ...from, pathNot: from.pathNot ?? TESTS },
  to: typeof to === 'string' ? { path: to } : to,
});

module.exports = {
  forbidden: [
    forbid(
      'no-cycles',
      'Parts that import each other in a circle cannot be understood, tested or loaded one by one.',
      {},
      // A circle of types alone costs nothing at run time.
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid(
      'resolvable',
      'An import that leads nowhere fails when it is reached, not when it is written.',
      {},
      { couldNotResolve: true },
    ),
    forbid(
      'shared-is-pure',
      'shared/ is loaded by the page, the shell, the station and later the hub: only itself, zod and the contract’s types; no Node, no DOM, no framework.',
      '^shared/',
      { pathNot: ['^shared/', npm('zod', '@orpc/contract')] },
    ),
    forbid(
      'page-knows-the-contract-only',
      'The page talks to a station through the contract; code of the shell or the station in a page would run with none of what it needs.',
      '^renderer/',
      `^electron/|${NODE}`,
    ),
    forbid(
      'features-stand-alone',
      'A feature of the page can be read, changed and removed without the others; what two of them need belongs in ui/ or data/.',
      '^renderer/features/([^/]+)/',
      { path: '^renderer/features/', pathNot: '^renderer/features/$1/' },
    ),
    forbid(
      'ui-is-blind-to-features',
      'ui/ draws what it is given; it knows no feature and asks no station.',
      '^renderer/ui/',
      '^renderer/(features|app|data|transport)',
    ),
    forbid(
      'data-is-blind-to-screens',
      'data/ fetches and keeps what the screens show; it knows none of them.',
      '^renderer/data/',
      '^renderer/(features|app|ui)/',
    ),
    forbid(
      'shell-knows-nothing-of-the-domain',
      'The shell owns windows and the station’s process. It must stay small enough to trust: the contract’s words, Electron, and what both hosts share.',
      '^electron/(main|preload|bridge)/',
      {
        path: '^(electron|renderer|shared)/|node_modules/',
        pathNot: ['^electron/(main|preload|bridge|common)/', '^shared/', npm('electron', 'zod')],
      },
    ),
    forbid(
      'preload-hands-over-one-port',
      'The preload runs beside the page: what it does not load, the page cannot reach.',
      '^electron/preload/',
      { pathNot: ['^electron/(preload|bridge)/', '^shared/shell/', npm('electron')] },
    ),
    forbid(
      'electron-in-the-shell-only',
      'The station runs in three hosts; only the shell knows Electron.',
      { path: '^(electron|shared|renderer)/', pathNot: `^electron/(main|preload|bridge)/|${TESTS}` },
      npm('electron'),
    ),
    forbid(
      'common-is-below-the-hosts',
      'What the hosts share (places, the page’s files and headers) knows neither them nor the station.',
      '^electron/common/',
      { path: '^(electron|renderer)/|node_modules/', pathNot: '^electron/common/' },
    ),
    forbid(
      'station-knows-no-host',
      'Hosts wire the station; it serves all of them the same and imports none.',
      '^electron/station/',
      '^electron/(main|preload|bridge|host|cli|rack|common)/|^renderer/',
    ),
    forbid(
      'hosts-do-not-know-each-other',
      'The command line and the loopback host are two ways in; neither is a part of the other. The command line can start a rack.',
      '^electron/(host|cli)/',
      {
        path: '^electron/(main|preload|bridge|host|cli|rack)/|^renderer/',
        pathNot: '^electron/($1/|rack/run\\.ts$)',
      },
    ),
    forbid(
      'devices-behind-transports',
      'Bytes with deadlines and exactly one close: only transports/ opens serial ports and sockets to devices.',
      { path: '^electron/station/', pathNot: `^electron/station/transports/|${TESTS}` },
      { path: `${npm('serialport', '@serialport/[^/]+', 'usb')}|^(node:)?(net|tls|dgram)$` },
    ),
    forbid(
      'database-behind-storage',
      'One place opens the database, with its key, its cipher and its migrations. Types may be named elsewhere.',
      { path: '^(electron|shared)/', pathNot: `^electron/station/storage/|${TESTS}` },
      {
        path: npm('better-sqlite3', 'better-sqlite3-multiple-ciphers', '@types/better-sqlite3'),
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid(
      'protocols-are-pure',
      'A protocol is bytes in, bytes out, over a transport type: testable without a device.',
      '^electron/station/protocols/',
      {
        path: '^electron/',
        pathNot: '^electron/station/(protocols/|transports/(transport|bounded|memory)\\.ts$)',
      },
    ),
    forbid(
      'drivers-look-downward',
      'drivers → protocols → transport types, never up or sideways.',
      '^electron/station/drivers/',
      // What may be wiped is decided by pure predicates over the facts that a driver gathers.
      {
        path: '^electron/',
        pathNot: '^electron/station/(drivers/|protocols/|transports/transport\\.ts$|wipe/targets\\.ts$)',
      },
    ),
    forbid(
      'transports-are-at-the-bottom',
      'A transport knows nothing of what its bytes mean.',
      '^electron/station/transports/',
      { path: '^electron/', pathNot: '^electron/station/transports/' },
    ),
    forbid(
      'procedures-get-their-sink',
      'The runner knows what drivers can do (their types) and is handed where records go; it neither opens devices nor stores.',
      '^electron/station/procedures/',
      {
        path: '^electron/',
        pathNot:
          '^electron/station/(procedures/|yaml/|drivers/driver\\.ts$|transports/transport\\.ts$|storage/store\\.ts$)',
      },
    ),
    forbid(
      'wipe-looks-downward',
      'Wiping uses procedures, evidence and what drivers can do; no service decides for it.',
      '^electron/station/wipe/',
      {
        path: '^electron/',
        pathNot:
          '^electron/station/(wipe/|procedures/|evidence/|storage/store\\.ts$|drivers/driver\\.ts$|transports/transport\\.ts$|protocols/[^/]+/types\\.ts$)',
      },
    ),
    forbid(
      'evidence-looks-downward',
      'Artifacts and signed records rest on storage alone.',
      '^electron/station/evidence/',
      { path: '^electron/', pathNot: '^electron/station/(evidence|storage)/' },
    ),
    forbid(
      'storage-is-at-the-bottom',
      'Storage knows operations and files, and no service.',
      '^electron/station/storage/',
      { path: '^electron/', pathNot: '^electron/station/storage/' },
    ),
    forbid(
      'services-keep-their-tables',
      'A domain service works on storage, evidence and shared rules; what it needs of another one is passed in by the station’s wiring.',
      '^electron/station/(cases|people|quality|inventory|sync)/',
      { path: '^electron/station/', pathNot: '^electron/station/($1|storage|evidence|yaml)/' },
    ),
    forbid(
      'yaml-reads-files',
      'Reading what people write by hand, within bounds and with line and column, knows nothing of what it is for.',
      '^electron/station/yaml/',
      { path: '^electron/', pathNot: '^electron/station/yaml/' },
    ),
    forbid(
      'hub-knows-shared-only',
      'The hub runs elsewhere: what it and a station have in common is in shared/. For snapshots it keeps a replica of a site, written by the same projectors as on a bench.',
      '^hub/',
      { path: '^(electron|renderer)/', pathNot: '^electron/station/replica\\.ts$' },
    ),
    forbid(
      'nobody-knows-the-hub',
      'A station, its page and what they share speak to a hub over the wire only.',
      { path: '^(electron|renderer|shared)/', pathNot: TESTS },
      '^hub/',
    ),
    forbid(
      'rack-touches-no-data',
      'The virtual rack is a process of its own that speaks wire formats and registers itself as virtual; no data folder, no station.',
      '^electron/rack/',
      {
        path: '^(electron|renderer)/',
        pathNot: '^electron/(rack/|station/protocols/|station/transports/virtual\\.ts$)',
      },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^out/' },
    // Type imports count as well: a part that names another's types knows it.
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
