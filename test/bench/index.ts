import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/*
 * `npm run bench [-- NAME …]`: each file beside this one measures one thing against what a user would pick
 * instead, both in the same run, and prints a table. No figure here decides whether a test passes.
 */
const folder = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
const all = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .map((file) => file.slice(0, -3));
const unknown = wanted.filter((name) => !all.includes(name));
const names = wanted.length === 0 ? all : wanted;
if (unknown.length > 0) {
  console.error(`There is no bench “${unknown.join('”, “')}”. There are: ${all.join(', ')}.`);
  process.exit(2);
}

for (const name of names) {
  console.log(`\n${name}`);
  // A process of its own, so that one's memory and caches are not another's.
  const { status } = spawnSync(process.execPath, [`${folder}${name}.ts`], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
