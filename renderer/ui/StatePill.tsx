import type { Look } from './looks.ts';
import classes from './StatePill.module.css';

/** A state as colour, icon and word. `word` may be more exact than the look's own. */
export function StatePill({ look, word, size = 'md' }: { look: Look; word?: string; size?: 'md' | 'sm' }) {
  const Icon = look.icon;
  return (
    <span className={classes.pill} data-tone={look.tone} data-size={size}>
      <Icon size={size === 'sm' ? 16 : 18} stroke={2.4} aria-hidden />
      <span>{word ?? look.word}</span>
    </span>
  );
}
