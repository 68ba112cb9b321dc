import { existsSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { casesProjection } from '../cases/projectors.ts';
import { directoryProjection } from '../sync/directory.ts';
import { testStore } from '../testing/store.ts';
import { siteCopy } from './snapshot.ts';

it('leaves nothing behind when its tables cannot be made, so that it can be made later', () => {
  const { db, path, dispose } = testStore({}, [casesProjection]);
  onTestFinished(dispose);
  const attached = () => (db.pragma('database_list') as { name: string }[]).map(({ name }) => name);
  const before = attached();
  const unknown = { ...directoryProjection, tables: ['reviews', 'no_such_table'] };
  expect(() => siteCopy(db, [casesProjection, unknown])).toThrow();
  expect(attached()).toEqual(before);
  expect(existsSync(`${path}-site`)).toBe(false);
  siteCopy(db, [casesProjection, directoryProjection]).dispose();
  expect(attached()).toEqual(before);
});
