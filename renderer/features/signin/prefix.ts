/** A prefix for case numbers worked out of a bench's name: `Bench 2` → `B2`, `Lab North` → `LN`. */
export function suggestPrefix(name: string): string {
  const words = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .match(/[A-Z]+|\d+/g);
  const text = (words ?? []).map((word) => (/\d/.test(word) ? word : word.charAt(0))).join('');
  return text.replace(/^\d+/, '').slice(0, 6);
}

/** The part of the printed key that a person types to show that the paper is in their hand. */
export function lastGroup(recoveryKey: string): string {
  return recoveryKey.split(/[-\s]+/).at(-1) ?? recoveryKey;
}

/** Whether the typed text is that part, whatever its case, spaces and the letters that look like digits. */
export function isLastGroup(recoveryKey: string, typed: string): boolean {
  const plain = (text: string) =>
    text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return plain(typed) !== '' && plain(typed) === plain(lastGroup(recoveryKey));
}

/** `Maria Lopez` → `ML`, for the round mark beside a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}
