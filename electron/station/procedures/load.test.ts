import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatProblem, loadProcedures, parseProcedure, problemError, summaryOf } from './load.ts';
import { testActions } from './testing.ts';

const HEAD = `id: probe
version: 1
title: Probe
summary: For tests.
kind: diagnosis
families: [at]
`;
const file = (text: string) => new TextEncoder().encode(text);
const parse = (text: string, name = 'probe.yaml') => parseProcedure(name, file(text), testActions);
/** `${name}`, as procedures write references. */
const ref = (name: string) => `$\{${name}}`;
/** `line:column: message` of each problem. */
const problems = (text: string, name?: string): string[] => {
  const parsed = parse(text, name);
  return Array.isArray(parsed) ? parsed.map((each) => formatProblem(each).replace(/^[^:]*:/, '')) : [];
};
const main = (phase: string) => `${HEAD}main:\n${phase}`;
const battery = (rest = '') => main(`  - id: battery\n    title: Battery\n    action: battery\n${rest}`);

describe('a valid procedure', () => {
  it('is loaded with defaults, milliseconds and the hash of its bytes', () => {
    const text = battery('    timeout: 1.5 min\n');
    const parsed = parse(text);
    expect(parsed).toMatchObject({
      id: 'probe',
      destructive: false,
      timeout: 12 * 3_600_000,
      setup: [],
      file: 'probe.yaml',
      hash: createHash('sha256').update(text).digest('hex'),
      main: [{ id: 'battery', timeout: 90_000, onFail: 'stop', optional: false, expect: [], measure: [] }],
    });
  });

  it('tells what it will ask and needs', () => {
    const parsed = parse(`${HEAD}inputs:
  place: { title: Place, default: bench }
main:
  - id: seen
    title: Seen
    optional: true
    prompt: { kind: confirm, text: Seen it? }
`);
    if (Array.isArray(parsed)) throw new Error(formatProblem(parsed[0]!));
    expect(summaryOf(parsed)).toMatchObject({
      needsPort: true,
      inputs: [{ name: 'place', title: 'Place', default: 'bench' }],
      prompts: [
        { id: 'seen', kind: 'confirm', optional: true, choices: [{ value: 'yes' }, { value: 'no' }] },
      ],
    });
  });
});

describe('a broken procedure says where and why', () => {
  it.each<[string, string, string[]]>([
    ['no YAML', 'id: [probe\nversion: 1\n', ['2:1: This line is indented differently']],
    ['a tab', `${HEAD}main:\n\t- id: x\n`, ['8:1: Indent with spaces; this line begins with a tab.']],
    ['a field twice', `${HEAD}title: Again\nmain: []\n`, ['7:1: This field is there twice.']],
    ['an unknown alias', `${HEAD}main: *phases\n`, ['7:7: There is nothing named “&phases” before this.']],
    ['an empty file', '# nothing\n', ['1:1: The file is empty.']],
    ['a list', '- id: probe\n', ['1:1: The procedure must be a map of fields, not a list.']],
    [
      'two documents',
      `${battery()}---\nid: other\n`,
      ['11:1: One file holds one document; here begins a second one.'],
    ],
    [
      'a missing field',
      `${HEAD.replace('title: Probe\n', '')}main: []\n`,
      ['1:1: “title” is missing in the procedure.'],
    ],
    [
      'a missing field of a phase',
      main('  - id: battery\n    action: battery\n'),
      ['8:5: “title” is missing in phase 1.'],
    ],
    [
      'a misspelt field',
      battery('    timout: 5 s\n'),
      ['11:5: “timout” is not a field of phase 1; did you mean “timeout”?'],
    ],
    ['an unknown field', battery('    colour: red\n'), ['11:5: “colour” is not a field of phase 1.']],
    [
      'a wrong kind',
      battery().replace('diagnosis', 'diagnosi'),
      ['5:7: “kind” must be one of “intake”, “diagnosis”'],
    ],
    [
      'text for a number',
      battery().replace('version: 1', 'version: one'),
      ['2:10: “version” must be a number, not the text “one”.'],
    ],
    [
      'a version of 0',
      battery().replace('version: 1', 'version: 0'),
      ['2:10: “version” is too small: at least 0 (not equal).'],
    ],
    ['no phases', `${HEAD}main: []\n`, ['7:7: “main” is too short: at least 1.']],
    [
      'a strange id',
      battery().replace('id: battery', 'id: Battery Level'),
      ['8:9: “id”: A phase’s id is lower-case words'],
    ],
    [
      'a time without a unit',
      battery('    timeout: "30"\n'),
      ['11:14: “timeout”: A time is a number and a unit'],
    ],
    [
      'a time of weeks',
      battery('    timeout: 500 h\n'),
      ['11:14: “timeout”: A time is more than zero and at most 168 h.'],
    ],
    [
      'an unknown family',
      battery().replace('[at]', '[at, fax]'),
      ['6:16: Item 2 of “families” must be one of “at”, “console”.'],
    ],
    [
      'a family without a driver',
      battery().replace('[at]', '[at, console]').replace('battery\n    title', 'b\n    title'),
      ['10:13: Units of the family “console” have no action “battery”.'],
    ],
    [
      'an unknown action',
      battery().replace('action: battery', 'action: batery'),
      ['10:13: Units of the family “at” have no action “batery”; did you mean “battery”?'],
    ],
    [
      'an action of the prototype',
      battery().replace('action: battery', 'action: constructor'),
      ['10:13: Units of the family “at” have no action “constructor”.'],
    ],
    [
      'nothing to do',
      main('  - id: idle\n    title: Idle\n'),
      ['8:5: The phase “idle” must have exactly one of “action”, “prompt” and “check”; it has 0.'],
    ],
    [
      'two things to do',
      battery('    prompt: { kind: confirm, text: Well? }\n'),
      ['8:5: The phase “battery” must have exactly one of “action”, “prompt” and “check”; it has 2.'],
    ],
    [
      'a wrong argument',
      battery('    args: { fast: true }\n'),
      ['11:13: The action takes no argument “fast”.'],
    ],
    [
      'a missing argument',
      battery().replace('action: battery', 'action: at'),
      ['8:5: The action needs the argument “command”.'],
    ],
    [
      'an argument of the wrong type',
      battery('    args:\n      command: 5\n').replace('action: battery', 'action: at'),
      ['12:16: The argument “command” does not fit: '],
    ],
    [
      'an unknown input',
      battery(`    args: { command: "AT${ref('inputs.tail')}" }\n`).replace('action: battery', 'action: at'),
      ['11:22: The procedure has no input “tail”.'],
    ],
    [
      'a reference to a later phase',
      `${battery(`    args: { command: "${ref('later.answer')}" }\n`).replace('action: battery', 'action: at')}  - id: later\n    title: Later\n    prompt: { kind: text, text: What? }\n`,
      ['11:22: No earlier phase is named “later”'],
    ],
    [
      'a reference that is none',
      battery(`    args: { command: "${ref('oops')}" }\n`).replace('action: battery', 'action: at'),
      ['11:22: A reference names an input'],
    ],
    [
      'an unknown value',
      battery('    expect:\n      - { value: levle, present: true, otherwise: No. }\n'),
      ['12:18: This phase tells no value “levle”; did you mean “level”?'],
    ],
    [
      'an unknown value of another phase',
      battery('    expect:\n      - { value: connect.colour, present: true, otherwise: No. }\n'),
      ['12:18: The phase “connect” tells no value “colour”.'],
    ],
    [
      'an expectation of nothing',
      battery('    expect:\n      - { value: level, otherwise: No. }\n'),
      ['12:9: An expectation has exactly one of equals, differs, matches'],
    ],
    [
      'an expectation of two things',
      battery('    expect:\n      - { value: level, equals: 1, atLeast: 1, otherwise: No. }\n'),
      ['12:9: An expectation has exactly one of'],
    ],
    [
      'a bad pattern',
      battery('    expect:\n      - { value: level, matches: "(", otherwise: No. }\n'),
      ['12:34: “(” is not a regular expression.'],
    ],
    [
      'limits the wrong way round',
      battery('    measure:\n      - { id: l, title: Level, value: level, min: 9, max: 2 }\n'),
      ['12:51: No value can pass: the lowest (9) is above the highest (2).'],
    ],
    [
      'two kinds of limit',
      battery('    measure:\n      - { id: l, title: Level, value: level, min: 9, equals: 9 }\n'),
      ['12:54: A measurement has either “equals” or “min” and “max”.'],
    ],
    [
      'a phase twice',
      `${battery()}  - id: battery\n    title: Again\n    action: battery\n`,
      ['11:9: Another phase is named “battery” already.'],
    ],
    [
      'a reserved id',
      battery().replace('id: battery', 'id: connect'),
      ['8:9: “connect” is the bench’s own name for something'],
    ],
    [
      'a measurement twice',
      battery(
        '    measure:\n      - { id: l, title: A, value: level }\n      - { id: l, title: B, value: level }\n',
      ),
      ['13:15: Another measurement of this phase is named “l”.'],
    ],
    [
      'a hidden wipe',
      battery().replace('action: battery', 'action: erase'),
      ['10:13: “erase” destroys data; only a procedure with “destructive: true” may do that.'],
    ],
    [
      'commands that nobody announced',
      battery('    args: { command: reboot }\n').replace('action: battery', 'action: shell'),
      ['10:13: “shell” sends commands that the bench cannot judge; say “shellCommands: true”.'],
    ],
    [
      'announced commands that nobody sends',
      battery().replace('kind: diagnosis', 'kind: diagnosis\nshellCommands: true'),
      ['6:16: The procedure says that it sends commands of its own, but no phase does.'],
    ],
    [
      'a wipe in the teardown',
      `${battery().replace('kind: diagnosis', 'kind: wipe\ndestructive: true')}teardown:\n  - { id: gone, title: Gone, action: erase }\n`,
      ['13:38: “erase” destroys data and belongs in “main”.'],
    ],
    [
      'a wipe that may be left out',
      battery('    optional: true\n')
        .replace('action: battery', 'action: erase')
        .replace('kind: diagnosis', 'kind: wipe\ndestructive: true'),
      ['12:15: The phase that destroys data cannot be optional.'],
    ],
    [
      'destruction without a wipe',
      battery().replace('kind: diagnosis', 'kind: wipe\ndestructive: true'),
      ['6:14: The procedure says that it destroys data, but no phase does.'],
    ],
    [
      'a wipe that is no wipe',
      battery().replace('kind: diagnosis', 'kind: wipe'),
      ['5:7: Procedures of the kind “wipe” are destructive, and only they.'],
    ],
    [
      'an action without a unit',
      battery().replace('[at]', '[]'),
      ['10:13: “battery” needs a unit at a port'],
    ],
    [
      'a restart of nothing',
      battery('    restarts: 5 s\n'),
      ['11:5: “restarts” is only for the phase that destroys data.'],
    ],
    [
      'a choice of nothing',
      main('  - id: q\n    title: Q\n    prompt: { kind: choice, text: Which? }\n'),
      ['10:13: A question with a choice needs “choices”.'],
    ],
    [
      'a default that is no choice',
      main(
        '  - id: q\n    title: Q\n    prompt:\n      kind: choice\n      text: Which?\n      default: c\n      choices: [{ value: a, label: A }, { value: b, label: B }]\n',
      ),
      ['13:16: The default does not fit: choose one of a, b.'],
    ],
    [
      'another file’s name',
      battery().replace('id: probe', 'id: other'),
      ['1:5: The id “other” belongs into a file named “other.yaml”.'],
    ],
  ])('%s', (_, text, expected) => {
    const found = problems(text);
    expect(found.length).toBeGreaterThan(0);
    for (const [index, start] of expected.entries()) expect(found[index] ?? found.at(-1)).toContain(start);
  });

  it('lists all of them, in the file’s order', () => {
    const text = battery(
      '    args: { fast: true }\n    expect:\n      - { value: nope, present: true, otherwise: No. }\n',
    );
    expect(problems(text).map((each) => each.split(':')[0])).toEqual(['11', '13']);
  });

  it('refuses bytes that are no text, aliases that multiply, and endless files', async () => {
    expect(parseProcedure('probe.yaml', new Uint8Array([0xff, 0xfe, 0x00]), testActions)).toMatchObject([
      { line: 1, column: 1, message: 'The file is not UTF-8 text.' },
    ]);
    const laughs = [
      'a: &a [x, x]',
      ...[...'bcdefgh'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`)}]`),
    ];
    expect(problems(laughs.join('\n'))[0]).toContain('More than 20 aliases');
  });

  it('is the error of whoever starts it', () => {
    expect(problemError({ file: 'x.yaml', line: 3, column: 7, message: 'Bad.' })).toMatchObject({
      code: 'procedure.invalid',
      message: 'The procedure file x.yaml is not usable (line 3, column 7): Bad.',
    });
  });
});

describe('a folder of procedures', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'procedures-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('a broken file hides no other and is not among them', async () => {
    await writeFile(join(folder, 'probe.yaml'), battery());
    await writeFile(join(folder, 'broken.yaml'), 'id: [\n');
    await writeFile(join(folder, 'copy.yaml'), battery());
    await writeFile(join(folder, 'huge.yaml'), '#'.repeat(300_000));
    await writeFile(join(folder, 'notes.txt'), 'not a procedure');
    const { procedures, problems } = await loadProcedures(folder, testActions);
    expect([...procedures.keys()]).toEqual(['probe']);
    expect(problems.map(formatProblem)).toEqual([
      expect.stringMatching(/^broken\.yaml:2:1: /),
      'copy.yaml:1:5: The id “probe” belongs into a file named “probe.yaml”.',
      'huge.yaml:1:1: The file is larger than 256 KiB.',
    ]);
  });

  it('a folder that is not there is the caller’s error', async () => {
    await expect(loadProcedures(join(folder, 'no'), testActions)).rejects.toMatchObject({
      code: 'input.file',
    });
  });
});
