/** What is the same of a key however it was typed: capitals, spaces, dashes and the letters that look like digits. */
const plain = (text: string): string =>
  text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');

/** The groups in which a recovery key is printed. */
export const groupsOf = (recoveryKey: string): string[] => recoveryKey.split(/[-\s]+/);

/** Whether the typed text is the key's last group, which shows that the paper is in somebody's hand. */
export const isLastGroup = (recoveryKey: string, typed: string): boolean =>
  plain(typed) !== '' && plain(typed) === plain(groupsOf(recoveryKey).at(-1) ?? '');

/** Whether a scanned text has the shape of a recovery key: seven groups of five. */
export const looksLikeRecoveryKey = (text: string): boolean => /^[0-9A-Z]{35}$/.test(plain(text));
