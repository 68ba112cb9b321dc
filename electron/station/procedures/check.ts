import type { Path } from '../yaml/locate.ts';
import {
  checkExpectations,
  checkMeasurements,
  checkReferences,
  isPattern,
  type Report,
} from './check-values.ts';
import { type ActionTables, checkWork } from './check-work.ts';
import type { Phase, ProcedureFile } from './format.ts';
import { SECTIONS } from './plan.ts';
import { textsIn } from './references.ts';
import type { Finding } from './sentences.ts';

/** Ids that the runner itself uses for phases, or that mean something else in a reference. */
export const RESERVED_IDS = ['inputs', 'connect', 'wipe-safety', 'wipe-rematch'] as const;
/** What connecting to the unit tells, for every procedure with a port. */
export const CONNECT_VALUES = ['maker', 'model', 'serial', 'imei1', 'imei2', 'firmware'] as const;

/**
 * Everything that a schema cannot say about a procedure: whether its actions exist and take these arguments,
 * whether each value was told by an earlier phase, whether limits and questions make sense.
 */
export function checkProcedure(procedure: ProcedureFile, actions: ActionTables): Finding[] {
  const findings: Finding[] = [];
  const report = (path: Path, message: string, aim?: 'key') =>
    findings.push(aim ? { path, message, aim } : { path, message });

  for (const [index, family] of procedure.families.entries()) {
    if (!actions.has(family))
      report(['families', index], `This bench has no driver for the family “${family}”.`);
  }
  checkInputs(procedure, report);
  checkDestruction(procedure, actions, report);
  checkFreedom(procedure, actions, report);

  /** Values told so far, by phase. */
  const told = new Map<string, readonly string[]>();
  if (procedure.families.length > 0) told.set('connect', CONNECT_VALUES);
  for (const section of SECTIONS) {
    for (const [index, phase] of procedure[section].entries()) {
      const path = [section, index];
      checkId(phase, path, told, report);
      const own = checkWork(procedure, phase, path, actions, report);
      const context = { procedure, told, own, report };
      for (const found of textsIn(phase.args ?? {}, [...path, 'args'])) checkReferences(found, context);
      checkExpectations(phase.check ?? [], [...path, 'check'], context);
      checkExpectations(phase.expect, [...path, 'expect'], context);
      checkMeasurements(phase, path, context);
      told.set(phase.id, own);
    }
  }
  return findings;
}

function checkInputs({ inputs }: ProcedureFile, report: Report): void {
  for (const [name, input] of Object.entries(inputs)) {
    const path = ['inputs', name, 'pattern'];
    if (input.pattern === undefined) continue;
    if (!isPattern(input.pattern)) report(path, `“${input.pattern}” is not a regular expression.`);
    else if (input.default !== undefined && !new RegExp(input.pattern, 'u').test(input.default)) {
      report(
        ['inputs', name, 'default'],
        `The default “${input.default}” does not fit the input’s own pattern.`,
      );
    }
  }
}

/** Data is destroyed in one named place of a procedure that says so, never on the side. */
function checkDestruction(procedure: ProcedureFile, actions: ActionTables, report: Report): void {
  const isDestructive = (phase: Phase) =>
    procedure.families.some(
      (family) => phase.action !== undefined && actions.get(family)?.[phase.action]?.destructive,
    );
  let found = 0;
  for (const section of SECTIONS) {
    for (const [index, phase] of procedure[section].entries()) {
      const path = [section, index, 'action'];
      if (phase.restarts !== undefined && !isDestructive(phase)) {
        report([section, index, 'restarts'], '“restarts” is only for the phase that destroys data.', 'key');
      }
      if (!isDestructive(phase)) continue;
      found += 1;
      if (!procedure.destructive) {
        report(
          path,
          `“${phase.action}” destroys data; only a procedure with “destructive: true” may do that.`,
        );
      } else if (section !== 'main') report(path, `“${phase.action}” destroys data and belongs in “main”.`);
      else if (found > 1)
        report(path, 'A procedure destroys data in one phase only: its record speaks of one target.');
      if (phase.optional)
        report([section, index, 'optional'], 'The phase that destroys data cannot be optional.');
      if (phase.onFail === 'continue') {
        report(
          [section, index, 'onFail'],
          'The run cannot go on when the phase that destroys data did not pass.',
        );
      }
    }
  }
  if (procedure.destructive && found === 0) {
    report(['destructive'], 'The procedure says that it destroys data, but no phase does.');
  }
  if ((procedure.kind === 'wipe') !== procedure.destructive) {
    report(['kind'], 'Procedures of the kind “wipe” are destructive, and only they.');
  }
}

/** Commands that nobody but their author can judge are announced, so that whoever starts the procedure knows. */
function checkFreedom(procedure: ProcedureFile, actions: ActionTables, report: Report): void {
  const isFree = ({ action }: Phase) =>
    procedure.families.some((family) => action !== undefined && actions.get(family)?.[action]?.free);
  let found = false;
  for (const section of SECTIONS) {
    for (const [index, phase] of procedure[section].entries()) {
      if (!isFree(phase)) continue;
      found = true;
      if (procedure.shellCommands) continue;
      const message = `“${phase.action}” sends commands that the bench cannot judge; say “shellCommands: true”.`;
      report([section, index, 'action'], message);
    }
  }
  if (procedure.shellCommands && !found) {
    report(['shellCommands'], 'The procedure says that it sends commands of its own, but no phase does.');
  }
}

function checkId(phase: Phase, path: Path, told: ReadonlyMap<string, unknown>, report: Report): void {
  if ((RESERVED_IDS as readonly string[]).includes(phase.id)) {
    report([...path, 'id'], `“${phase.id}” is the bench’s own name for something; choose another.`);
  } else if (told.has(phase.id)) report([...path, 'id'], `Another phase is named “${phase.id}” already.`);
}
