import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './Empty.module.css';

/** An empty place that says what to do next. */
export function Empty(props: {
  icon: Icon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  small?: boolean;
}) {
  const IconOf = props.icon;
  return (
    <div className={classes.empty} data-small={props.small || undefined}>
      <IconOf size={props.small ? 30 : 52} stroke={1.5} aria-hidden className={classes.icon} />
      <p className={classes.title}>{props.title}</p>
      {props.children ? <p className={classes.text}>{props.children}</p> : null}
      {props.action}
    </div>
  );
}
