import { errorCatalogue } from './catalogue.ts';

export const deviceErrors = errorCatalogue({
  'port.not-found': {
    kind: 'bench',
    message: 'There is no port at {address}.',
    hint: 'Check the cable and the path; a unit that was re-plugged may have another path.',
  },
  'port.no-permission': {
    kind: 'bench',
    message: 'This user may not open {address}.',
    hint: 'Add the user to the group that owns the port (often “dialout”) and sign in again.',
  },
  'port.busy': {
    kind: 'bench',
    message: '{address} is in use by another program.',
    hint: 'Close the other program (a modem manager or a terminal, say) and try again.',
  },
  'port.not-a-port': {
    kind: 'input',
    message: '{address} is not a serial port or an address this bench can open: {detail}.',
    hint: 'Give a character device such as /dev/ttyUSB0, or tcp:127.0.0.1:PORT.',
  },
  'port.not-loopback': {
    kind: 'refused',
    message: '{address} is on another machine; this bench only connects to its own.',
    hint: 'Give an address such as tcp:127.0.0.1:5556; bring a remote port here with a tunnel of your own.',
  },
  'port.settings': {
    kind: 'input',
    message: '{address} cannot be set to this speed or format: {detail}.',
    hint: 'Choose a speed and format that this port supports.',
  },
  'port.ambiguous': {
    kind: 'bench',
    message: 'Several adapters with the same name are plugged in, and {address} may lead to any of them.',
    hint: 'Use the port that is named after the socket (/dev/serial/by-path), or unplug the other adapter.',
  },
  'port.gone': {
    kind: 'bench',
    message: 'The unit at {address} was unplugged or lost power.',
    hint: 'Plug it in again; the run is marked interrupted and can be started anew.',
  },
  'port.timeout': {
    kind: 'bench',
    message: '{address} did not answer within {seconds} s ({what}).',
    hint: 'Check the cable, the power and the speed of the port, then try again.',
  },
  'unit.protocol': {
    kind: 'bench',
    message: 'The unit at {address} sent something that cannot be understood ({what}): {detail}.',
    hint: 'Check the port’s speed and format, and that the right family is chosen.',
  },
  'unit.refused': {
    kind: 'unit',
    message: 'The unit refused “{command}”: {detail}.',
    hint: 'The answer is recorded with the run.',
  },
  'unit.unknown-family': {
    kind: 'bench',
    message: 'Nothing at {address} answers as a phone, modem or console.',
    hint: 'Set the port’s family and speed by hand, or check power and cable.',
  },
  'unit.login-failed': {
    kind: 'bench',
    message: 'The console at {address} did not accept the login of “{login}”.',
    hint: 'Set the login and password of this port and try again.',
  },
  'unit.login-needed': {
    kind: 'input',
    message: 'The console at {address} asks for a login and none is set for this port.',
    hint: 'Set the port’s login and password.',
  },
  'unit.boot-loader': {
    kind: 'bench',
    message: 'The unit at {address} stands in its boot loader, not in its system.',
    hint: 'Let it start (in U-Boot: “boot”) or power-cycle it, and try again.',
  },
  'unit.no-shell': {
    kind: 'bench',
    message: 'No shell answers at {address}; the console shows “{shown}”.',
    hint: 'Leave the program that has the console, or get to a command line by hand, and try again.',
  },
  'unit.session-lost': {
    kind: 'bench',
    message: 'The unit at {address} left its shell in the middle of the work: it restarted or logged out.',
    hint: 'Let it start up, check why it restarted, and run the procedure again.',
  },
  'unit.noise': {
    kind: 'bench',
    message: 'What arrives from {address} stays damaged: {detail}.',
    hint: 'Check cable, ground and speed; keep other programs and loud drivers off the console.',
  },
  'unit.no-tools': {
    kind: 'unit',
    message: 'The system of the unit at {address} has no way to do this: {detail}.',
    hint: 'Read the medium directly, or start the unit from a rescue system that has the tools.',
  },
  'unit.unreadable': {
    kind: 'unit',
    message: '“{path}” on the unit cannot be read: {detail}.',
    hint: 'Check the path, and whether the login of this port may read it.',
  },
  'unit.hash-mismatch': {
    kind: 'unit',
    message: '“{path}” arrived with another {algorithm} than the unit computes, twice.',
    hint: 'The file changes while it is read, or the unit’s memory or medium is bad. Check both.',
  },
  'unit.unsupported': {
    kind: 'input',
    message: 'A unit of the family “{family}” cannot do “{action}”.',
    hint: 'Choose a procedure for this family.',
  },
});
