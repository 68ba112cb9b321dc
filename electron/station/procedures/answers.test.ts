import { afterEach, describe, expect, it } from 'vitest';
import { BenchError } from '../../../shared/errors/index.ts';
import { CASE_ID, LOG_ID, request, TECHNICIAN, testRuns, UNIT_ID } from '../testing/runs.ts';
import type { AnswerSink } from './answers.ts';
import { settle } from './testing.ts';

const INSPECTION = `kind: inspection
families: []
main:
  - id: swelling
    title: Swelling
    prompt:
      kind: choice
      text: Swollen?
      choices: [{ value: 'no', label: 'No' }, { value: 'yes', label: 'Yes' }]
      record: safety-stop
    expect: [{ value: answer, equals: 'no', otherwise: A danger. }]
  - { id: photo, title: Photo, optional: true, prompt: { kind: photo, text: Show it. } }
  - { id: serial, title: Serial, optional: true, prompt: { kind: text, text: Serial?, record: label.serial } }
  - id: condition
    title: Condition
    prompt:
      kind: choice
      text: How does it look?
      choices: [{ value: worn, label: 'Worn: deep scratches' }, { value: broken, label: Broken }]
      record: fields.condition
    expect: [{ value: answer, differs: broken, otherwise: Broken. }]
`;

const open: { dispose(): Promise<void> }[] = [];
afterEach(async () => {
  for (const test of open.splice(0)) await test.dispose();
});

function bench() {
  const taken: unknown[] = [];
  const sink: AnswerSink = {
    check(caseId, target, text) {
      expect(caseId).toBe(CASE_ID);
      if (text === 'unknown') throw new BenchError('identity.placeholder', { text: `${target} ${text}` });
    },
    take: ({ name }, _, target, text) => taken.push([name, target, text]),
  };
  const test = testRuns({ procedures: { inspection: INSPECTION }, sink });
  open.push(test);
  const runs = test.open();
  const run = async (answers: Readonly<Record<string, string>>) => {
    const asked = request({ procedureId: 'inspection', portId: null, answers });
    const { id } = await runs.start(TECHNICIAN, asked);
    await runs.ended(id);
    return runs.get(id);
  };
  return { test, runs, run, taken };
}

describe('answers that the case takes', () => {
  it('are taken in words when their phase has passed, in the name of who answered', async () => {
    const { test, runs, taken } = bench();
    const asked = request({ procedureId: 'inspection', portId: null, interactive: true });
    const { id } = await runs.start(TECHNICIAN, { ...asked, answers: { swelling: 'no', photo: '' } });
    await settle();
    const ben = { id: 'person-2', name: 'Ben' };
    // What the case cannot take is said at once, and the question stays open.
    expect(() => runs.answer(ben, { id, promptId: 'serial', value: 'unknown' })).toThrow(
      /label.serial unknown/,
    );
    expect(runs.get(id).prompt?.id).toBe('serial');
    runs.answer(ben, { id, promptId: 'serial', value: 'SER12345' });
    await settle();
    runs.answer(ben, { id, promptId: 'condition', value: 'worn' });
    await runs.ended(id);
    expect(runs.get(id).outcome).toBe('pass');
    expect(taken).toEqual([
      ['Ben', 'label.serial', 'SER12345'],
      ['Ben', 'fields.condition', 'Worn: deep scratches'],
    ]);
    const ended = test.stored.store.byCase(CASE_ID).find(({ kind }) => kind === 'run.phase-ended');
    expect(ended?.body).toMatchObject({ phaseId: 'swelling', title: 'Swelling' });
  });

  it('given beforehand are refused before there is a run', async () => {
    const { runs, run, taken } = bench();
    await expect(run({ swelling: 'no', serial: 'unknown', condition: 'worn' })).rejects.toThrow('unknown');
    await expect(run({ swelling: 'no', photo: LOG_ID, condition: 'worn' })).rejects.toThrow('is no picture');
    expect(runs.list({ limit: 9 })).toEqual([]);
    expect((await run({ swelling: 'no', photo: UNIT_ID, condition: 'worn' })).outcome).toBe('pass');
    expect(taken).toHaveLength(1);
  });

  it('of a phase that did not pass stay in the run, except a danger', async () => {
    const { run, taken } = bench();
    expect((await run({ swelling: 'no', condition: 'broken' })).outcome).toBe('fail');
    expect(taken).toEqual([]);
    expect(await run({ swelling: 'yes', condition: 'worn' })).toMatchObject({
      outcome: 'fail',
      message: 'Swelling: A danger.',
    });
    expect(taken).toEqual([['Ana', 'safety-stop', 'Title of inspection: Swelling']]);
  });
});
