import { errorCatalogue } from './catalogue.ts';

export const peopleErrors = errorCatalogue({
  'people.signed-out': {
    kind: 'refused',
    message: 'Nobody is signed in.',
    hint: 'Sign in with your name and PIN.',
  },
  'people.wrong-pin': {
    kind: 'refused',
    message: 'The name and the PIN do not fit.',
    hint: 'Try again; after {left} more wrong tries the name is locked for a while.',
  },
  'people.locked-out': {
    kind: 'refused',
    message: 'Too many wrong PINs for {name}: locked for {seconds} s more.',
    hint: 'Wait, or ask an administrator to set a new PIN; the printed recovery key gives an administrator one.',
  },
  'people.busy': {
    kind: 'refused',
    message: 'Too many sign-ins at once.',
    hint: 'Wait a moment and try again.',
  },
  'people.not-allowed': {
    kind: 'refused',
    message: 'This is not for the role you have: {role}.',
    hint: 'Ask somebody who may: {needed}.',
  },
  'people.own-pin': {
    kind: 'refused',
    message: 'Your own PIN is changed with the old one.',
    hint: 'Change it under “My PIN”; an open window must not be enough to take your name over.',
  },
  'people.not-administrator': {
    kind: 'refused',
    message: '“{name}” is no active administrator of this bench.',
    hint: 'The recovery key gives an administrator a new PIN; administrators give one to everybody else.',
  },
  'people.name-taken': {
    kind: 'input',
    message: 'There is somebody called “{name}” already.',
    hint: 'Add a surname or a number.',
  },
  'people.last-administrator': {
    kind: 'refused',
    message: '{name} is the last active administrator.',
    hint: 'Make somebody else an administrator first.',
  },
  'people.same-person': {
    kind: 'refused',
    message: 'The witness must be somebody else.',
    hint: 'Ask a colleague to sign with their own name and PIN.',
  },
});
