import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { withLocalTimes } from './format.ts';
import type { Tone } from './looks.ts';
import classes from './Notice.module.css';
import { useZone } from './time.tsx';

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

/** Says what went wrong and what to do next; brought into sight and read aloud at once. Renders nothing without a failure. */
export function ErrorNotice({ failure, children }: { failure: FailureWords | null; children?: ReactNode }) {
  const zone = useZone();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (failure) place.current?.scrollIntoView({ block: 'nearest' });
  }, [failure]);
  if (!failure) return null;
  return (
    <div ref={place}>
      <Notice tone="failed" title={withLocalTimes(failure.message, zone)} live>
        {withLocalTimes(failure.hint, zone)}
        {children}
      </Notice>
    </div>
  );
}
