import { errorCatalogue } from './catalogue.ts';

export const storageErrors = errorCatalogue({
  'storage.held': {
    kind: 'bench',
    message: 'The data folder {path} is in use by another station ({holder}).',
    hint: 'Use that one, or close it first.',
  },
  'storage.from-the-future': {
    kind: 'bench',
    message:
      'The data in {path} was written by a newer version (schema {found}, this program knows {known}).',
    hint: 'Install the newer version. Nothing was changed.',
  },
  'storage.locked': {
    kind: 'refused',
    message: 'The key of the data folder {path} is not on this machine.',
    hint: 'Unlock it with the printed recovery key.',
  },
  'storage.keychain': {
    kind: 'bench',
    message: 'The system’s keychain refused to keep the key of the bench.',
    hint: 'Unlock the keychain of this computer and try again.',
  },
  'storage.wrong-recovery-key': {
    kind: 'refused',
    message: 'That is not the recovery key of this bench.',
    hint: 'Check every group; O and 0, I and 1 are the same. Each bench has a key of its own.',
  },
  'storage.damaged': {
    kind: 'bench',
    message: 'The data folder {path} is damaged: {detail}.',
    hint: 'Nothing was changed. Restore the newest backup into an empty folder with “repairbench restore”.',
  },
  'storage.not-initialised': {
    kind: 'input',
    message: 'There is no bench in {path} yet.',
    hint: 'Make one: “repairbench init --admin NAME”, or open the app.',
  },
  'storage.already-initialised': {
    kind: 'refused',
    message: 'There is a bench in {path} already.',
    hint: 'Choose another folder, or sign in.',
  },
  'storage.not-empty': {
    kind: 'refused',
    message: 'The folder {path} is not empty.',
    hint: 'Name an empty or a new folder; nothing is ever overwritten.',
  },
  'storage.not-a-backup': {
    kind: 'input',
    message: '{path} is not a complete backup of a bench: {detail}.',
    hint: 'Name a folder that “repairbench backup” wrote, whole.',
  },
  'storage.foreign': {
    kind: 'refused',
    message: 'The folder {path} is not safe for a bench: {detail}.',
    hint: 'Use a folder of your own, and let nobody else write in it (chmod go-w).',
  },
  'storage.keychain-elsewhere': {
    kind: 'refused',
    message:
      'The key of the data folder {path} lies in this user’s keychain, which only the desktop app can ask.',
    hint: 'Open the desktop app and try again while it runs, or unlock the bench with its printed recovery key.',
  },
  'storage.backup-running': {
    kind: 'refused',
    message: 'A backup is under way already.',
    hint: 'Wait until it is done.',
  },
  'storage.disk': {
    kind: 'bench',
    message: 'The disk that holds {path} does not take or give what it should ({detail}).',
    hint: 'Nothing committed is lost, the last step was not recorded. Check the disk, and back the bench up.',
  },
  'storage.full': {
    kind: 'bench',
    message: 'The disk that holds {path} is full.',
    hint: 'Free some space; nothing committed is lost, the last step was not recorded.',
  },
});
