import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LAW = join(ROOT, '.dependency-cruiser.cjs');

const Law = z.object({ forbidden: z.array(z.object({ name: z.string(), comment: z.string().min(20) })) });
const Report = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

/** For each rule, a file that breaks it and no other, and what it imports. */
const PLANTED: Record<string, { file: string; imports: string[] }> = {
  'no-cycles': { file: 'shared/rma/circle.ts', imports: ['./round.ts'] },
  resolvable: { file: 'renderer/app/nowhere.ts', imports: ['./not-there.ts'] },
  'shared-is-pure': { file: 'shared/model/impure.ts', imports: ['node:fs'] },
  'page-knows-the-contract-only': {
    file: 'renderer/app/deep.ts',
    imports: ['../../electron/station/fine.ts'],
  },
  'features-stand-alone': { file: 'renderer/features/bench/nosy.ts', imports: ['../cases/fine.ts'] },
  'ui-is-blind-to-features': { file: 'renderer/ui/nosy.ts', imports: ['../features/cases/fine.ts'] },
  'data-is-blind-to-screens': { file: 'renderer/data/nosy.ts', imports: ['../features/cases/fine.ts'] },
  'shell-knows-nothing-of-the-domain': { file: 'electron/main/clever.ts', imports: ['../station/fine.ts'] },
  'preload-hands-over-one-port': { file: 'electron/preload/generous.ts', imports: ['../common/fine.ts'] },
  'electron-in-the-shell-only': { file: 'electron/station/windowed.ts', imports: ['electron'] },
  'common-is-below-the-hosts': { file: 'electron/common/upward.ts', imports: ['../station/fine.ts'] },
  'station-knows-no-host': { file: 'electron/station/hosting.ts', imports: ['../host/fine.ts'] },
  'hosts-do-not-know-each-other': { file: 'electron/cli/hosting.ts', imports: ['../host/fine.ts'] },
  'devices-behind-transports': { file: 'electron/station/devices/direct.ts', imports: ['serialport'] },
  'database-behind-storage': { file: 'electron/station/devices/stored.ts', imports: ['better-sqlite3'] },
  'protocols-are-pure': {
    file: 'electron/station/protocols/impure.ts',
    imports: ['../transports/serial.ts'],
  },
  'drivers-look-downward': { file: 'electron/station/drivers/upward.ts', imports: ['../cases/fine.ts'] },
  'transports-are-at-the-bottom': {
    file: 'electron/station/transports/upward.ts',
    imports: ['../protocols/fine.ts'],
  },
  'procedures-get-their-sink': {
    file: 'electron/station/procedures/storing.ts',
    imports: ['../cases/fine.ts'],
  },
  'wipe-looks-downward': { file: 'electron/station/wipe/upward.ts', imports: ['../cases/fine.ts'] },
  'evidence-looks-downward': { file: 'electron/station/evidence/upward.ts', imports: ['../cases/fine.ts'] },
  'storage-is-at-the-bottom': { file: 'electron/station/storage/upward.ts', imports: ['../cases/fine.ts'] },
  'services-keep-their-tables': { file: 'electron/station/people/nosy.ts', imports: ['../cases/fine.ts'] },
  'yaml-reads-files': { file: 'electron/station/yaml/knowing.ts', imports: ['../cases/fine.ts'] },
  'hub-knows-shared-only': { file: 'hub/nosy.ts', imports: ['../electron/station/fine.ts'] },
  'nobody-knows-the-hub': { file: 'electron/station/hubward.ts', imports: ['../../hub/fine.ts'] },
  'rack-touches-no-data': { file: 'electron/rack/storing.ts', imports: ['../station/storage/fine.ts'] },
};

/** What the planted files import; each obeys the law itself. */
const FINE = [
  'electron/common/fine.ts',
  'electron/host/fine.ts',
  'electron/station/fine.ts',
  'electron/station/cases/fine.ts',
  'electron/station/protocols/fine.ts',
  'electron/station/storage/fine.ts',
  'electron/station/transports/serial.ts',
  'hub/fine.ts',
  'renderer/features/cases/fine.ts',
];

test('every rule of the import law stops what it forbids', async () => {
  const law = Law.parse(createRequire(import.meta.url)(LAW));
  const folder = await mkdtemp(join(tmpdir(), 'repairbench-law-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const write = async (file: string, imports: readonly string[]) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    const lines = imports.map(
      (name, index) => `import * as part${index} from '${name}';\nexport { part${index} };`,
    );
    await writeFile(join(folder, file), `${lines.join('\n')}\nexport const x = 1;\n`);
  };
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'tsconfig.base.json'), '{ "compilerOptions": { "module": "NodeNext" } }');
  for (const file of FINE) await write(file, []);
  for (const { file, imports } of Object.values(PLANTED)) await write(file, imports);
  await write('shared/rma/round.ts', ['./circle.ts']);

  const cruiser = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [cruiser, '--config', LAW, '--output-type', 'json', 'electron', 'renderer', 'shared', 'hub'];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stderr).toBe('');
  const { violations } = Report.parse(JSON.parse(stdout)).summary;
  const found = [...new Set(violations.map(({ rule, from }) => `${rule.name}: ${from}`))].sort();
  expect(found).toEqual(
    Object.entries(PLANTED)
      .map(([rule, { file }]) => `${rule}: ${file}`)
      .sort(),
  );
  expect(Object.keys(PLANTED).sort()).toEqual(law.forbidden.map(({ name }) => name).sort());
});
