import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Family } from '../../../shared/model/units.ts';
import { AT_ACTIONS } from '../drivers/at.ts';
import { CONSOLE_ACTIONS } from '../drivers/console-actions.ts';
import type { Action } from '../drivers/driver.ts';
import { procedureSchemaText } from './json-schema.ts';
import { formatProblem, loadProcedures } from './load.ts';
import { planPhases } from './plan.ts';

const folder = fileURLToPath(new URL('../../../resources/procedures/', import.meta.url));
const actions = new Map<Family, Readonly<Record<string, Action>>>([
  ['at', AT_ACTIONS],
  ['console', CONSOLE_ACTIONS],
]);

describe('the shipped procedures', () => {
  it('are all valid against what the drivers can do', async () => {
    const { procedures, problems } = await loadProcedures(folder, actions);
    expect(problems.map(formatProblem)).toEqual([]);
    expect([...procedures.keys()]).toEqual([
      'at-intake',
      'at-quick-diagnosis',
      'at-wipe',
      'console-intake',
      'console-quick-diagnosis',
      'console-wipe',
      'manual-inspection',
    ]);
  });

  it('name their schema for editors', async () => {
    const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
    for (const file of files) {
      const [first] = (await readFile(`${folder}${file}`, 'utf8')).split('\n');
      expect(first, file).toBe('# yaml-language-server: $schema=./procedure.schema.json');
    }
  });

  it('ask nothing of an unattended intake or diagnosis that would make it wait', async () => {
    const { procedures } = await loadProcedures(folder, actions);
    for (const { id, kind, setup, main, teardown } of procedures.values()) {
      if (kind === 'inspection') continue;
      for (const phase of [...setup, ...main, ...teardown]) {
        const waits = phase.prompt && !phase.optional && phase.prompt.default === undefined;
        expect(waits, `${id}: ${phase.id}`).toBeFalsy();
      }
    }
  });

  it('check the unit again right before they destroy anything', async () => {
    const { procedures } = await loadProcedures(folder, actions);
    const destructive = [...procedures.values()].filter((each) => each.destructive);
    expect(destructive.map(({ id }) => id)).toEqual(['at-wipe', 'console-wipe']);
    for (const procedure of destructive) {
      const planned = planPhases(procedure, actions.get(procedure.families[0]!) ?? {});
      const at = planned.findIndex((phase) => phase.does === 'procedure' && phase.destructive);
      expect(planned[at - 1]?.does, procedure.id).toBe('safety');
    }
  });
});

describe('the schema for editors', () => {
  it('is what the loader checks with (update it with “vitest -u”)', async () => {
    await expect(procedureSchemaText()).toMatchFileSnapshot(`${folder}procedure.schema.json`);
  });
});
