import { IconChevronDown } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './Disclosure.module.css';

/** What is there when somebody wants it: a line to open, and what it opens. */
export function Disclosure(props: { title: ReactNode; open?: boolean; children: ReactNode }) {
  return (
    <details className={classes.disclosure} open={props.open}>
      <summary>
        <IconChevronDown size={18} aria-hidden className={classes.chevron} />
        {props.title}
      </summary>
      {props.children}
    </details>
  );
}
