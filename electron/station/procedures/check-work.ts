import type { Family } from '../../../shared/model/units.ts';
import type { RecordTarget } from '../../../shared/procedures/record.ts';
import type { Action } from '../drivers/driver.ts';
import type { Path } from '../yaml/locate.ts';
import { isPattern, type Report } from './check-values.ts';
import type { Phase, ProcedureFile, Prompt } from './format.ts';
import { readAnswer } from './prompts.ts';
import { referencesIn, textsIn } from './references.ts';
import { suggestion } from './sentences.ts';

/** What each family's driver can do. */
export type ActionTables = ReadonlyMap<Family, Readonly<Record<string, Action>>>;

/** Checks the phase's one activity; returns the names of the values it tells. */
export function checkWork(
  procedure: ProcedureFile,
  phase: Phase,
  path: Path,
  actions: ActionTables,
  report: Report,
): readonly string[] {
  const works = [phase.action, phase.prompt, phase.check].filter((work) => work !== undefined).length;
  if (works !== 1) {
    report(
      path,
      `The phase “${phase.id}” must have exactly one of “action”, “prompt” and “check”; it has ${works}.`,
    );
    return [];
  }
  if (phase.args !== undefined && phase.action === undefined) {
    report([...path, 'args'], '“args” are for an action.', 'key');
  }
  if (phase.prompt) {
    checkPrompt(phase.prompt, [...path, 'prompt'], report);
    return ['answer'];
  }
  return phase.action === undefined ? [] : checkAction(procedure, phase, phase.action, path, actions, report);
}

function checkAction(
  { families }: ProcedureFile,
  phase: Phase,
  name: string,
  path: Path,
  actions: ActionTables,
  report: Report,
): readonly string[] {
  if (families.length === 0) {
    report([...path, 'action'], `“${name}” needs a unit at a port, and this procedure is for no family.`);
    return [];
  }
  let common: readonly string[] | undefined;
  for (const family of families) {
    const table = actions.get(family);
    if (!table) continue;
    const action = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!action) {
      const known = Object.keys(table);
      report(
        [...path, 'action'],
        `Units of the family “${family}” have no action “${name}”${suggestion(name, known)} They have: ${known.join(', ')}.`,
      );
      continue;
    }
    common = common ? common.filter((value) => action.values.includes(value)) : action.values;
    checkArgs(action, phase.args ?? {}, [...path, 'args'], report);
  }
  return common ?? [];
}

/** Checks arguments as far as they can be known: what is filled in at run time is checked then. */
function checkArgs(
  action: Action,
  args: Readonly<Record<string, unknown>>,
  path: Path,
  report: Report,
): void {
  const parsed = action.args.safeParse(args);
  if (parsed.success) return;
  const later = textsIn(args).filter(({ text }) => referencesIn(text).references.length > 0);
  for (const issue of parsed.error.issues) {
    const isLater = later.some((found) => issue.path.every((step, index) => found.path[index] === step));
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        report([...path, ...issue.path, key], `The action takes no argument “${key}”.`, 'key');
      }
    } else if (issue.path.length === 0 || !isLater) {
      const missing = issue.path.length > 0 && !Object.hasOwn(args, String(issue.path[0]));
      const what = issue.path.map(String).join('.');
      report(
        [...path, ...issue.path],
        missing
          ? `The action needs the argument “${what}”.`
          : `The argument “${what}” does not fit: ${issue.message}.`,
      );
    }
  }
}

function checkPrompt(prompt: Prompt, path: Path, report: Report): void {
  const values = prompt.choices?.map(({ value }) => value) ?? [];
  if (prompt.kind === 'choice' && !prompt.choices) report(path, 'A question with a choice needs “choices”.');
  if (prompt.kind !== 'choice' && prompt.choices) {
    report([...path, 'choices'], 'Only a question of the kind “choice” has “choices”.', 'key');
  }
  for (const [index, value] of values.entries()) {
    if (values.indexOf(value) !== index) {
      report([...path, 'choices', index, 'value'], `The choice “${value}” is there twice.`);
    }
  }
  if (prompt.unit !== null && prompt.kind !== 'number') {
    report([...path, 'unit'], 'Only a question of the kind “number” has a unit.', 'key');
  }
  if (prompt.pattern !== undefined) {
    if (prompt.kind !== 'text')
      report([...path, 'pattern'], 'Only a question of the kind “text” has a pattern.', 'key');
    else if (!isPattern(prompt.pattern)) {
      report([...path, 'pattern'], `“${prompt.pattern}” is not a regular expression.`);
      return;
    }
  }
  if (prompt.record !== undefined) checkRecord(prompt, prompt.record, [...path, 'record'], report);
  if (prompt.default === undefined) return;
  if (prompt.kind === 'photo') report([...path, 'default'], 'A photo has no default.', 'key');
  else if (prompt.kind !== 'choice' || prompt.choices) {
    const read = readAnswer(prompt, String(prompt.default));
    if (!read.ok) report([...path, 'default'], `The default does not fit: ${read.detail}.`);
  }
}

function checkRecord(prompt: Prompt, target: RecordTarget, path: Path, report: Report): void {
  const { kind, choices = [] } = prompt;
  if (target === 'safety-stop') {
    const asks = kind === 'confirm' || choices.some(({ value }) => value === 'yes');
    if (!asks) report(path, 'Only a question that “yes” answers can raise the safety stop.');
  } else if (target.startsWith('label.') && kind !== 'text') {
    report(path, 'What a label says is asked for as “text”.');
  } else if (kind === 'photo' || kind === 'confirm') {
    report(path, `The answer to a question of the kind “${kind}” says nothing that a case could keep.`);
  }
}
