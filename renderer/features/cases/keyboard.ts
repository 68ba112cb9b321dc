/** Where a key leads in a list: the new index, or null when the key means nothing here. */
export function step(key: string, index: number, total: number, page: number): number | null {
  const to = ((): number | null => {
    switch (key) {
      case 'ArrowDown':
      case 'j':
        return index + 1;
      case 'ArrowUp':
      case 'k':
        return index - 1;
      case 'PageDown':
        return index + page;
      case 'PageUp':
        return index - page;
      case 'Home':
        return 0;
      case 'End':
        return total - 1;
      default:
        return null;
    }
  })();
  return to === null ? null : Math.min(Math.max(0, to), Math.max(0, total - 1));
}
