import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchError } from '../../../shared/errors/index.ts';
import { CAUSE_CLASSES, CauseCatalogue } from '../../../shared/model/cases.ts';
import { policyVersion, spanMs } from '../../../shared/rma/policy.ts';
import { loadCatalogue, loadPolicies } from './resources.ts';

const shipped = fileURLToPath(new URL('../../../resources/', import.meta.url));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'repairbench-resources-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (name: string, text: string): string => {
  const at = mkdtempSync(join(folder, 'one-'));
  writeFileSync(join(at, name), text);
  return at;
};
/** What is wrong with the first file that was left out. */
function problemOf({ problems }: { problems: readonly BenchError[] }): Readonly<Record<string, unknown>> {
  const [problem] = problems;
  if (problem?.code === 'resource.invalid') return problem.params;
  throw new Error('nothing was wrong');
}

describe('the shipped policies', () => {
  const policies = loadPolicies(join(shipped, 'policies'));

  it('are the five, rugged by default, and named with their version', () => {
    expect(policies.current.map(policyVersion)).toEqual([
      'rugged@1',
      'extended@1',
      'premium@1',
      'protection-plan@1',
      'standard@1',
    ]);
    expect(policies.newest().id).toBe('rugged');
    expect(policies.byVersion('standard@1')?.title).toBe('Standard');
    expect(policies.byVersion('standard@9')).toBeNull();
    expect(() => policies.newest('gold')).toThrow(/no policy “gold”/);
  });

  it('hold the terms, prices and clocks as data', () => {
    const { warranty, prices, clocks, safetyReport, escalation } = policies.newest('rugged');
    expect(warranty.hardware?.lasts).toEqual({ months: 24 });
    expect(warranty.battery?.lasts).toEqual({ months: 12 });
    expect(warranty.software).toBeNull();
    expect(policies.newest('standard').warranty.software?.lasts).toEqual({ days: 90 });
    expect(policies.newest('premium').warranty.covers.accidentalDamage).toBe(true);
    expect(policies.newest('protection-plan').warranty.claim?.needsPlanNumber).toBe(true);
    expect(prices.moduleReplacement).toEqual({ min: 8900, max: 14900 });
    expect(clocks.find((clock) => clock.id === 'first-response')?.due).toMatchObject({ P1: { hours: 2 } });
    expect(spanMs(safetyReport)).toBe(3_600_000);
    expect(spanMs(escalation)).toBe(4 * 3_600_000);
  });
});

describe('the shipped cause catalogue', () => {
  const { catalogue } = loadCatalogue(join(shipped, 'causes'));

  it('fits the contract and covers every class', () => {
    expect(CauseCatalogue.parse(catalogue)).toEqual(catalogue);
    expect(catalogue.codes.length).toBeGreaterThanOrEqual(90);
    for (const name of CAUSE_CLASSES) {
      expect(catalogue.codes.filter((code) => code.class === name).length, name).toBeGreaterThanOrEqual(5);
    }
  });

  it('keeps each code in its class, and words to search each by', () => {
    const prefixes = { hardware: 'HW', 'user-damage': 'UD', software: 'SW', environmental: 'EN' };
    const all = { ...prefixes, 'no-fault-found': 'NF', 'technician-caused': 'TC' };
    for (const { code, class: name, keywords, component, mode } of catalogue.codes) {
      expect(code.startsWith(`${all[name]}.`), code).toBe(true);
      expect(keywords.length, code).toBeGreaterThan(1);
      expect(component && mode, code).toBeTruthy();
    }
  });
});

describe('a file that is not right', () => {
  const code = '  - { code: HW.A.B, class: hardware, component: A, mode: B, keywords: [] }\n';

  it('is named with the line and column of broken YAML', () => {
    const at = inFolder('catalogue-1.yaml', `version: "1"\ncodes:\n${code}  - { code: [\n`);
    expect(problemOf(loadCatalogue(at))).toMatchObject({ path: join(at, 'catalogue-1.yaml'), line: 5 });
  });

  it('is named with the line and column of a wrong value', () => {
    const at = inFolder('catalogue-1.yaml', `version: "1"\ncodes:\n${code.replace('hardware', 'hardwear')}`);
    const problem = problemOf(loadCatalogue(at));
    expect(problem).toMatchObject({ line: 3, column: 28 });
    expect(problem.detail).toContain('codes.0.class');
  });

  it('is named where a key is unknown, a value is missing, or a code is there twice', () => {
    const unknown = inFolder('catalogue-1.yaml', `version: "1"\ncolour: red\ncodes:\n${code}`);
    expect(problemOf(loadCatalogue(unknown))).toMatchObject({
      line: 2,
      detail: 'colour: is not known here',
    });
    const missing = inFolder('catalogue-1.yaml', `version: "1"\ncodes:\n${code.replace('mode: B, ', '')}`);
    expect(problemOf(loadCatalogue(missing))).toMatchObject({ line: 3, column: 5 });
    const twice = inFolder('catalogue-1.yaml', `version: "1"\ncodes:\n${code}${code}`);
    expect(problemOf(loadCatalogue(twice))).toMatchObject({
      line: 4,
      detail: expect.stringContaining('twice'),
    });
  });

  it('tells the wrong one of a policy’s many values', () => {
    const text =
      'id: gold\nversion: 1\ntitle: Gold\ndefault: true\nwarranty:\n  hardware: { lasts: { months: -3 } }\n';
    const problem = problemOf(loadPolicies(inFolder('gold-1.yaml', text)));
    expect(problem).toMatchObject({ line: 6, column: 32 });
    expect(problem.detail).toContain('warranty.hardware.lasts.months');
  });

  it('does not hang on nested aliases', () => {
    const bomb = Array.from({ length: 30 }, (_, i) =>
      i === 0 ? 'a0: &a0 [x, x]' : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`,
    ).join('\n');
    expect(problemOf(loadCatalogue(inFolder('catalogue-1.yaml', bomb))).detail).toContain('aliases');
  });

  it('is left out, and the others are used', () => {
    const at = inFolder('catalogue-1.yaml', `version: "1"\ncodes:\n${code}`);
    writeFileSync(join(at, 'catalogue-2.yaml'), 'version: [');
    const { catalogue, problems } = loadCatalogue(at);
    expect(catalogue.version).toBe('1');
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('catalogue-2.yaml, line 1'),
    ]);

    const policies = mkdtempSync(join(folder, 'policies-'));
    for (const name of ['rugged-1.yaml', 'premium-1.yaml']) {
      copyFileSync(join(shipped, 'policies', name), join(policies, name));
    }
    writeFileSync(join(policies, 'standard-1.yaml'), 'id: standard');
    const loaded = loadPolicies(policies);
    expect(loaded.current.map(policyVersion)).toEqual(['rugged@1', 'premium@1']);
    expect(loaded.problems).toHaveLength(1);
    expect(loaded.newest().id).toBe('rugged');
  });

  it('may be all there is: nothing is guessed in its place', () => {
    const empty = inFolder('notes.txt', '');
    const policies = loadPolicies(empty);
    expect(policies.problems[0]?.message).toContain('exactly one policy must be the default');
    expect(() => policies.newest()).toThrow(/no policy that counts where none is named/);
    expect(loadCatalogue(join(empty, 'missing'))).toMatchObject({
      catalogue: { codes: [] },
      problems: [{ code: 'input.file' }],
    });
  });

  it('is refused before it fills the memory', () => {
    const huge = inFolder('catalogue-1.yaml', `version: "1" # ${'x'.repeat(300_000)}`);
    expect(problemOf(loadCatalogue(huge)).detail).toContain('larger than 256 KiB');
    const at = inFolder('catalogue-1.yaml', '');
    writeFileSync(join(at, 'catalogue-1.yaml'), Uint8Array.of(0x76, 0xff));
    expect(problemOf(loadCatalogue(at)).detail).toContain('not UTF-8');
  });
});
