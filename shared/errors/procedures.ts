import { errorCatalogue } from './catalogue.ts';

export const procedureErrors = errorCatalogue({
  'procedure.invalid': {
    kind: 'input',
    message: 'The procedure file {file} is not usable (line {line}, column {column}): {detail}',
    hint: 'Correct the file; until then this procedure cannot be started. The others are not affected.',
  },
  'procedure.wrong-family': {
    kind: 'input',
    message: '“{title}” is for {families}; the unit on this port is of the family “{family}”.',
    hint: 'Choose a procedure for this family, or correct the port’s family.',
  },
  'procedure.family-unknown': {
    kind: 'input',
    message: 'It is not known yet what is connected to {label}, and “{title}” is for several families.',
    hint: 'Identify the port first, or set its family.',
  },
  'procedure.needs-port': {
    kind: 'input',
    message: '“{title}” works on a unit at a port, and no port was named.',
    hint: 'Name the port the unit is on. For a dead unit use the manual inspection.',
  },
  'procedure.needs-no-port': {
    kind: 'input',
    message: '“{title}” is done by hand and takes no port.',
    hint: 'Start it without a port.',
  },
  'procedure.input-missing': {
    kind: 'input',
    message: '“{title}” needs a value for “{input}” ({what}).',
    hint: 'Give the value and start again.',
  },
  'procedure.input-unknown': {
    kind: 'input',
    message: '“{title}” has no input “{input}”.',
    hint: 'Check the spelling. It knows: {known}.',
  },
  'procedure.input-invalid': {
    kind: 'input',
    message: 'The value for “{input}” does not fit: {detail}.',
    hint: 'Correct the value and start again.',
  },
  'procedure.unknown-prompt': {
    kind: 'input',
    message: '“{title}” asks nothing named “{prompt}”.',
    hint: 'Check the spelling. It asks: {known}.',
  },
  'procedure.bad-answer': {
    kind: 'input',
    message: 'The answer to “{prompt}” does not fit: {detail}.',
    hint: 'The question is still open: answer it again.',
  },
  'procedure.not-asked': {
    kind: 'refused',
    message: 'This run is not waiting for an answer to “{prompt}”.',
    hint: 'Somebody else may have answered it. Look at the run again.',
  },
  'procedure.bad-arguments': {
    kind: 'input',
    message: 'The step “{phase}” cannot be done with these values: {detail}.',
    hint: 'Check the values given to the run; if they are right, the procedure file is wrong.',
  },
  'procedure.value-missing': {
    kind: 'bench',
    message: 'The step “{phase}” needs the value “{value}”, which no earlier step could tell.',
    hint: 'Look at the step that should have told it.',
  },
  'procedure.phase-timeout': {
    kind: 'bench',
    message: '“{phase}” took longer than the {seconds} s the procedure allows.',
    hint: 'Check cable and power and start again; if the unit is just slow, raise the timeout in the procedure.',
  },
  'procedure.run-timeout': {
    kind: 'bench',
    message: 'The run took longer than the {seconds} s the procedure allows for all of it.',
    hint: 'A question may have stayed open. Start it again.',
  },
  'procedure.unit-stuck': {
    kind: 'bench',
    message: '“{phase}” was told to stop and did not within {seconds} s; the connection is given up.',
    hint: 'Unplug the unit, plug it in again and start anew.',
  },
  'procedure.no-connection': {
    kind: 'bench',
    message: '“{phase}” was left out: there is no connection to the unit any more.',
    hint: '',
  },
  'procedure.expectation': {
    kind: 'unit',
    message: '{detail}',
    hint: 'The values read are recorded with the run.',
  },
  'procedure.out-of-limits': {
    kind: 'unit',
    message: '{detail}',
    hint: 'The values and their limits are recorded with the run.',
  },
  'procedure.nothing-tested': {
    kind: 'bench',
    message: 'Every step of the run was left out, so it says nothing about the unit.',
    hint: 'Choose a procedure that fits this unit.',
  },
  'run.identity-conflict': {
    kind: 'refused',
    message: 'The unit and case {caseNumber} do not agree. {detail}',
    hint: 'Read the unit again, correct the label, record an identity change, or escalate; then start again.',
  },
  'run.already-ended': {
    kind: 'refused',
    message: 'This run has ended already.',
    hint: 'Its result stands; start a new run if you need another.',
  },
  'run.station-stopped': {
    kind: 'bench',
    message: 'The station stopped in the middle of this.',
    hint: 'What was read until then is kept. Start the run again.',
  },
});
