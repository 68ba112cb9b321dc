import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../../setup/build.mjs';

/** Tests of the whole app run what is built from the sources as they are now. */
export default async function setup(): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  if ((await ensureBuilt(root)) !== 0) throw new Error('the app could not be built');
}
