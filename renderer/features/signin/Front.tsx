import { IconTool } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { TrainingStripe } from '../../ui/TrainingStripe.tsx';
import classes from './signin.module.css';

/** The frame of every screen before sign-in. */
export function Front(props: {
  title: string;
  lead?: ReactNode;
  training?: boolean;
  wide?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={classes.front}>
      {props.training ? <TrainingStripe /> : null}
      <main className={classes.stage} data-wide={props.wide || undefined}>
        <header className={classes.head}>
          <span className={classes.mark} aria-hidden>
            <IconTool size={26} stroke={2} />
          </span>
          <div>
            <h1 className={classes.title}>{props.title}</h1>
            {props.lead ? <p className={classes.lead}>{props.lead}</p> : null}
          </div>
        </header>
        {props.children}
      </main>
    </div>
  );
}
