import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Tone } from './looks.ts';
import classes from './Notice.module.css';

/** A failure in words: what is wrong and what to do. */
export interface FailureWords {
  message: string;
  hint: string;
}

export function Notice(props: { tone: Tone; title: ReactNode; children?: ReactNode; live?: boolean }) {
  const Icon =
    props.tone === 'passed' ? IconCircleCheck : props.tone === 'working' ? IconInfoCircle : IconAlertTriangle;
  return (
    <div className={classes.notice} data-tone={props.tone} role={props.live ? 'alert' : undefined}>
      <Icon size={24} stroke={2} aria-hidden className={classes.icon} />
      <div className={classes.body}>
        <div className={classes.title}>{props.title}</div>
        {props.children ? <div className={classes.text}>{props.children}</div> : null}
      </div>
    </div>
  );
}

/** Says what went wrong and what to do next; read aloud at once. Renders nothing without a failure. */
export function ErrorNotice({ failure, children }: { failure: FailureWords | null; children?: ReactNode }) {
  if (!failure) return null;
  return (
    <Notice tone="failed" title={failure.message} live>
      {failure.hint}
      {children}
    </Notice>
  );
}
