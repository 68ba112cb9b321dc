import { IconArrowRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { SyncView } from '../../../shared/model/sync.ts';
import { useConflicts, useHub } from '../../data/queries.ts';
import { conflictLook } from '../../ui/conflicts.ts';
import { openCounts, openReason } from '../../ui/hub.ts';
import { When } from '../../ui/time.tsx';
import classes from './ConflictStrip.module.css';

/**
 * What waits for a person because benches disagree, and how long; leads to all of it, and each count to its cases.
 * Nothing while they agree.
 */
export function ConflictStrip() {
  const hub = useHub().data;
  return hub && openCounts(hub).length > 0 ? <Strip state={hub} /> : null;
}

function Strip({ state }: { state: SyncView }) {
  const [oldest] = useConflicts().data ?? [];
  const { icon: Icon, tone } = conflictLook({ needsChoice: state.conflicts > 0 });
  return (
    <section className={classes.strip} data-tone={tone} aria-label="Where benches disagree">
      <Icon size={26} stroke={2} aria-hidden className={classes.icon} />
      <p className={classes.text}>
        {openCounts(state).map(({ review, words }, index) => (
          <Fragment key={review}>
            {index > 0 ? ' and ' : null}
            <Link to="/cases" search={{ flag: review, show: 'all' }} className={classes.count}>
              {words}
            </Link>
          </Fragment>
        ))}{' '}
        {oldest ? (
          <span className="rb-dim">
            · the oldest <When at={oldest.change.at} />
          </span>
        ) : null}
        <span className={classes.why}>{openReason(state)}</span>
      </p>
      <Link to="/cases/conflicts" className={classes.go}>
        {state.conflicts > 0 ? 'Settle them' : 'Look at them'}
        <IconArrowRight size={20} aria-hidden />
      </Link>
    </section>
  );
}
