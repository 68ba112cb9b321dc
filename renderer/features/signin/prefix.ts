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

/** `Maria Lopez` → `ML`, for the round mark beside a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}
