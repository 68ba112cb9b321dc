import { errorCatalogue } from './catalogue.ts';

export const evidenceErrors = errorCatalogue({
  'artifact.erased': {
    kind: 'refused',
    message: 'The data of this case was erased, so artifact {id} cannot be read any more.',
    hint: 'The log still proves that it existed and what its hash was; its content cannot be brought back.',
  },
  'artifact.elsewhere': {
    kind: 'bench',
    message: '“{name}” was added on {bench} and could not be fetched: {detail}',
    hint: 'Open it on {bench}, or try again once that bench and this one reach their hub.',
  },
  'artifact.missing': {
    kind: 'bench',
    message: 'The file of artifact {id} is missing from the data folder.',
    hint: 'Restore the data folder from a backup; run “repairbench doctor” to see what else is missing.',
  },
  'artifact.damaged': {
    kind: 'bench',
    message: 'Artifact {id} is damaged and was not used: {detail}.',
    hint: 'Run “repairbench verify artifact {id}” to see what is still good, and restore it from a backup.',
  },
  'artifact.too-big': {
    kind: 'input',
    message: 'An artifact can hold at most {limitGiB} GiB.',
    hint: 'Split the content into several artifacts.',
  },
  'artifact.disk-full': {
    kind: 'bench',
    message: 'The disk of the data folder is full, so “{name}” could not be kept: {detail}.',
    hint: 'Free some space and try again. Nothing of it was registered; what was committed before is safe.',
  },
  'artifact.write-failed': {
    kind: 'bench',
    message: '“{name}” could not be written to the data folder: {detail}.',
    hint: 'Check the disk and the folder’s permissions. Nothing of it was registered.',
  },
  'search.bad-pattern': {
    kind: 'input',
    message: 'The search pattern cannot be understood: {detail}.',
    hint: 'Correct the regular expression, or search for the plain text.',
  },
  'search.too-slow': {
    kind: 'input',
    message: 'The search pattern takes too long on line {line}, so the search was stopped.',
    hint: 'Simplify it: nested repeats such as (a+)+ or (.*)* try every combination. Or search for plain text.',
  },
  'upload.not-found': {
    kind: 'input',
    message: 'There is no upload {id} any more.',
    hint: 'Uploads end when they are left alone for a while or the station restarts: send the file again.',
  },
  'upload.wrong-offset': {
    kind: 'input',
    message: 'The upload is at byte {expected}, but a piece for byte {offset} arrived.',
    hint: 'Go on from byte {expected}.',
  },
  'upload.too-big': {
    kind: 'input',
    message: 'An upload can hold at most {limitMiB} MiB.',
    hint: 'Split the file, or raise the limit.',
  },
  'upload.too-many': {
    kind: 'bench',
    message: '{count} uploads are already under way.',
    hint: 'Wait until one of them is finished and try again.',
  },
  'upload.other-case': {
    kind: 'input',
    message: 'Run {runId} belongs to another case, so “{name}” cannot be put down to it.',
    hint: 'Name a run of this case, or none.',
  },
  'upload.hash-mismatch': {
    kind: 'bench',
    message: 'What arrived of “{name}” is not what was sent: its hash is {actual}, not {expected}.',
    hint: 'Nothing was kept. Send the file again.',
  },
  'evidence.worker-died': {
    kind: 'bench',
    message: 'The part of the program that was to {job} stopped unexpectedly: {detail}.',
    hint: 'Try again; if it happens again, run “repairbench doctor --bundle FILE” and report it.',
  },
  'record.untruthful': {
    kind: 'refused',
    message: 'The wipe cannot be recorded as “{verdict}”: {problems}.',
    hint: 'Record what was really done and proved; a verdict that nothing proves is “unverified”.',
  },
});
