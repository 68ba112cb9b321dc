import { IconCheck } from '@tabler/icons-react';
import type { Status } from '../../../shared/model/cases.ts';
import classes from './StatusStrip.module.css';
import { stripSteps } from './strip.ts';

/** The way of the case along the top. */
export function StatusStrip({ status }: { status: Status }) {
  return (
    <ol className={classes.strip} aria-label="Status">
      {stripSteps(status).map((step) => (
        <li
          key={step.status}
          className={classes.step}
          data-state={step.state}
          aria-current={step.state === 'current' ? 'step' : undefined}
        >
          {step.state === 'done' ? <IconCheck size={17} stroke={2.6} role="img" aria-label="done:" /> : null}
          {step.word}
        </li>
      ))}
    </ol>
  );
}
