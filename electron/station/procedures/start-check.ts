import { BenchError } from '../../../shared/errors/index.ts';
import type { Family } from '../../../shared/model/units.ts';
import { workBlocker } from '../../../shared/rma/index.ts';
import type { CheckAnswer } from './answers.ts';
import type { Phase, Procedure } from './format.ts';
import { type LoadedProcedures, problemError } from './load.ts';
import { SECTIONS } from './plan.ts';
import { readAnswer } from './prompts.ts';
import type { RunCase } from './types.ts';

/** The procedure of that id. Throws `procedure.invalid` for a broken file, `input.not-found` for none. */
export function findProcedure({ procedures, problems }: LoadedProcedures, id: string): Procedure {
  const found = procedures.get(id);
  if (found) return found;
  const problem = problems.find(({ file }) => file === `${id}.yaml` || file === `${id}.yml`);
  if (problem) throw problemError(problem);
  throw new BenchError('input.not-found', { what: 'procedure', id });
}

/** Nothing may be done for a closed case, for a unit that has left the lab, or under a safety stop. */
export function refuseBlocked({ number, status, safety, unit }: RunCase): void {
  const blocker = workBlocker({ number, status, safetyStop: safety ?? unit?.blocked ?? null });
  if (blocker) throw new BenchError(blocker.code, blocker.params);
}

/** The family whose actions the run uses; null for a procedure that is done by hand. */
export function familyFor(
  procedure: Procedure,
  port: { readonly label: string; readonly family: Family | null } | null,
): Family | null {
  const { title, families } = procedure;
  if (families.length === 0) {
    if (port) throw new BenchError('procedure.needs-no-port', { title });
    return null;
  }
  if (!port) throw new BenchError('procedure.needs-port', { title });
  const [only] = families;
  const family = port.family ?? (families.length === 1 ? only : undefined);
  if (family === undefined) throw new BenchError('procedure.family-unknown', { label: port.label, title });
  refuseOtherFamily(procedure, family);
  return family;
}

export function refuseOtherFamily({ title, families }: Procedure, family: Family): void {
  if (families.includes(family)) return;
  throw new BenchError('procedure.wrong-family', { title, families: families.join(', '), family });
}

/** The procedure's inputs with what was given and the defaults of the rest. */
export function readInputs(
  { title, inputs }: Procedure,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const known = Object.keys(inputs);
  for (const input of Object.keys(given)) {
    if (!known.includes(input)) {
      throw new BenchError('procedure.input-unknown', { title, input, known: known.join(', ') || 'none' });
    }
  }
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => {
      const value = given[name] ?? input.default;
      if (value === undefined || value.trim() === '') {
        throw new BenchError('procedure.input-missing', { title, input: name, what: input.title });
      }
      const detail = misfit(value, input.pattern);
      if (detail !== null) throw new BenchError('procedure.input-invalid', { input: name, detail });
      return [name, value];
    }),
  );
}

function misfit(value: string, pattern: string | undefined): string | null {
  // A line break in a value would end a command on a unit's console and begin another.
  if (/\p{Cc}/u.test(value)) return 'it holds a control character';
  return pattern === undefined || new RegExp(pattern, 'u').test(value) ? null : `it must fit ${pattern}`;
}

/** Checks answers that were given beforehand, so that a slip shows before anything is done. */
export function checkAnswers(
  procedure: Procedure,
  answers: Readonly<Record<string, string>>,
  check: CheckAnswer,
): void {
  const asking = SECTIONS.flatMap((section) => procedure[section]).filter((phase) => phase.prompt);
  for (const [id, given] of Object.entries(answers)) {
    const phase = asking.find((each) => each.id === id);
    if (!phase) {
      const known = asking.map((each) => each.id).join(', ') || 'nothing';
      throw new BenchError('procedure.unknown-prompt', { title: procedure.title, prompt: id, known });
    }
    checkAnswer(phase, given, check);
  }
}

function checkAnswer(phase: Phase, given: string, check: CheckAnswer): void {
  if (!phase.prompt || (phase.optional && given.trim() === '')) return;
  const answer = readAnswer(phase.prompt, given);
  if (!answer.ok) throw new BenchError('procedure.bad-answer', { prompt: phase.id, detail: answer.detail });
  check(phase.id, phase.prompt, answer);
}
