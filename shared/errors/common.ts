import { errorCatalogue } from './catalogue.ts';

export const commonErrors = errorCatalogue({
  'input.invalid': { kind: 'input', message: '{detail}', hint: 'Correct the named field and try again.' },
  'input.not-found': {
    kind: 'input',
    message: 'There is no {what} “{id}”.',
    hint: 'Check the spelling, or list what there is.',
  },
  'input.file': {
    kind: 'input',
    message: 'The file {path} cannot be used: {detail}.',
    hint: 'Name another file: one you may read, or a new one where you may write.',
  },
  'state.stale': {
    kind: 'refused',
    message: 'Somebody changed {what} in the meantime (you saw version {seen}, it is at {now}).',
    hint: 'Look at it again and repeat your change if it still fits.',
  },
  'bench.internal': {
    kind: 'bench',
    message: 'The program failed unexpectedly: {detail}.',
    hint: 'Nothing committed is lost. Run “repairbench doctor --bundle FILE” and report it.',
  },
  'bench.interrupted': {
    kind: 'bench',
    message: 'The station went away while it was working on this.',
    hint: 'It restarts by itself; what was committed is there. Look at the run and start it again if needed.',
  },
  'station.other-version': {
    kind: 'bench',
    message: 'The station that runs is version {theirs}, this program is version {ours}.',
    hint: 'Close the running one and start it again, so that both are the same.',
  },
  'station.no-answer': {
    kind: 'bench',
    message: 'The station that runs on {path} did not answer within {seconds} s.',
    hint: 'Try again in a moment. If it stays so, close the app or end the program that runs it.',
  },
  'port.in-use': {
    kind: 'refused',
    message: 'The port {label} is working ({by}).',
    hint: 'Wait until it is done, or stop it first.',
  },
  'port.virtual-on-live': {
    kind: 'refused',
    message: '{address} is a virtual port (a pseudo-terminal, or a unit of a rack); this bench is live.',
    hint: 'Use a training bench for virtual units: start with “npm start -- --rack”.',
  },
  'port.known': {
    kind: 'input',
    message: 'There is a port for {address} already: {label}.',
    hint: 'Use that one, or forget it first.',
  },
  'run.aborted': { kind: 'aborted', message: 'Stopped on request.', hint: '' },
});
