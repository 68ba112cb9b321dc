import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { asLine } from './figures.ts';
import { PLANTS, type Plant } from './plant.ts';
import { soak } from './soak.ts';

/*
 * `npm run soak [-- --minutes M --benches N --ops N --seed S --plant lose|double --keep --again FOLDER]`: work until there are that
 * many operations or the time is up, whichever comes first. Ends with 0 when nothing was lost, nothing doubled, and
 * every bench shows the same; a planted damage that is found ends with 1, as any other. `--again` goes on with what one
 * has left, however it ended; its benches and seed must be the same.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    benches: { type: 'string', default: '8' },
    ops: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    plant: { type: 'string' },
    keep: { type: 'boolean', default: false },
    again: { type: 'string' },
  },
});
const planted = PLANTS.find((one) => one === values.plant) ?? null;
if (values.plant !== undefined && planted === null)
  refuse(`There is no damage “${values.plant}”. There are: ${PLANTS.join(', ')}.`);

const folder = values.again ?? mkdtempSync(join(tmpdir(), 'repairbench-soak-'));
// As root, PostgreSQL runs as a user of its own and has to get there.
chmodSync(folder, 0o711);
console.log(`seed ${values.seed}, in ${folder}`);
let isFine = false;
try {
  const { findings, last, outcomes, settledAfterS, ...counts } = await soak({
    folder,
    benches: number('benches', 1, 64),
    operations: number('ops', 1, 1e9),
    minutes: number('minutes', 0.1, 10_000),
    seed: number('seed', 0, 2 ** 31),
    plant: planted as Plant | null,
    report: (line) => console.log(asLine(line)),
  });
  console.table({ ...last, ...counts, ...outcomes, 'settled after, s': settledAfterS.toFixed(1) });
  for (const finding of findings) console.log(`WRONG  ${finding}`);
  isFine = findings.length === 0;
  console.log(
    isFine ? 'Nothing lost, nothing doubled, every bench shows the same.' : `${findings.length} findings`,
  );
} catch (error) {
  console.error(error);
}
if (isFine && !values.keep) rmSync(folder, { recursive: true, force: true });
else console.log(`kept: ${folder}`);
process.exit(isFine ? 0 : 1);

function number(name: 'benches' | 'ops' | 'minutes' | 'seed', least: number, most: number): number {
  const value = Number(values[name]);
  if (!(value >= least && value <= most)) refuse(`--${name} is a number from ${least} to ${most}.`);
  return value;
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}
