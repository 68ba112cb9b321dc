import { type ReactNode, useEffect, useRef } from 'react';
import classes from './Page.module.css';

/** A screen: its one main heading, what may be done on it, its content. Focus starts at the heading. */
export function Page(props: {
  title: string;
  actions?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  fill?: boolean;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${props.title} · Repairbench`;
  }, [props.title]);
  useEffect(() => {
    // Going to another screen must be heard; a dialog that opened with it keeps the focus.
    if (document.activeElement === document.body) heading.current?.focus();
  }, []);
  return (
    <div className={classes.page} data-fill={props.fill || undefined}>
      <div className={classes.head}>
        <h1 className={classes.title} tabIndex={-1} ref={heading}>
          {props.title}
        </h1>
        {props.aside}
        {props.actions ? <div className={classes.actions}>{props.actions}</div> : null}
      </div>
      {props.children}
    </div>
  );
}
