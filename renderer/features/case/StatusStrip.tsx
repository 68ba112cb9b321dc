import { IconCheck, IconMinus } from '@tabler/icons-react';
import type { CaseView } from '../../../shared/model/cases.ts';
import classes from './StatusStrip.module.css';
import { stripSteps } from './strip.ts';

/** The way of the case along the top: done, left out, here, to come. */
export function StatusStrip({ view }: { view: Pick<CaseView, 'status' | 'visited'> }) {
  return (
    <ol className={classes.strip} aria-label="Status">
      {stripSteps(view).map((step) => (
        <li
          key={step.status}
          className={classes.step}
          data-state={step.state}
          aria-current={step.state === 'current' ? 'step' : undefined}
        >
          {step.state === 'done' ? <IconCheck size={17} stroke={2.6} role="img" aria-label="done:" /> : null}
          {step.state === 'skipped' ? (
            <IconMinus size={17} stroke={2.2} role="img" aria-label="left out:" />
          ) : null}
          {step.word}
        </li>
      ))}
    </ol>
  );
}
