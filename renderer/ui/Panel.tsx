import { type ReactNode, useId } from 'react';
import classes from './Panel.module.css';

/** A section of a screen: a heading, what may be done with it, its content. */
export function Panel(props: {
  title: ReactNode;
  /** Short words beside the title. */
  aside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  tone?: string;
  id?: string;
}) {
  const heading = useId();
  return (
    <section className={classes.panel} aria-labelledby={heading} data-tone={props.tone} id={props.id}>
      <div className={classes.head}>
        <h2 id={heading} className={classes.title}>
          {props.title}
        </h2>
        {props.aside ? <div className={classes.aside}>{props.aside}</div> : null}
        {props.actions ? <div className={classes.actions}>{props.actions}</div> : null}
      </div>
      {props.children}
    </section>
  );
}
