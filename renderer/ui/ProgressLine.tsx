import type { Progress } from '../../shared/model/ports.ts';
import { progressParts, progressShare } from './format.ts';
import classes from './ProgressLine.module.css';

/** How much, of how much, how fast, how long: a bar with its figures underneath. */
export function ProgressLine({ progress }: { progress: Progress }) {
  const share = progressShare(progress);
  const figures = progressParts(progress).join(' · ');
  return (
    <div className={classes.root}>
      <div className={classes.label}>{progress.label}</div>
      <div
        className={classes.track}
        role="progressbar"
        aria-label={progress.label || 'Progress'}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share === null ? undefined : Math.round(share * 100)}
        aria-valuetext={figures || undefined}
        data-indeterminate={share === null || undefined}
      >
        <div className={classes.bar} style={{ width: share === null ? undefined : `${share * 100}%` }} />
      </div>
      <div className={`${classes.figures} rb-figures`}>{figures || 'Working…'}</div>
    </div>
  );
}
