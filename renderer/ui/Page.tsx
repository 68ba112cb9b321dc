import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import classes from './Page.module.css';

/** Where a screen's heading and actions go: to the left and right of the scan field. */
export interface HeaderSlots {
  readonly title: HTMLElement | null;
  readonly actions: HTMLElement | null;
}
const SlotsContext = createContext<HeaderSlots>({ title: null, actions: null });
export const HeaderSlotsProvider = SlotsContext;

/** A screen: its one main heading, what may be done on it, its content. */
export function Page(props: { title: string; actions?: ReactNode; children: ReactNode; fill?: boolean }) {
  const slots = useContext(SlotsContext);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${props.title} · Repairbench`;
  }, [props.title]);
  useEffect(() => {
    // Going to another screen must be heard; a dialog that opened with it keeps the focus.
    if (document.activeElement === document.body) heading.current?.focus();
  }, []);
  return (
    <>
      {slots.title
        ? createPortal(
            <h1 className={classes.title} tabIndex={-1} ref={heading}>
              {props.title}
            </h1>,
            slots.title,
          )
        : null}
      {slots.actions && props.actions
        ? createPortal(<div className={classes.actions}>{props.actions}</div>, slots.actions)
        : null}
      <div className={classes.page} data-fill={props.fill || undefined}>
        {props.children}
      </div>
    </>
  );
}
