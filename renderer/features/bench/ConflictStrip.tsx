import { IconArrowRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { SyncView } from '../../../shared/model/sync.ts';
import { useConflicts, useHub } from '../../data/queries.ts';
import { conflictLook } from '../../ui/conflicts.ts';
import { openReason, openWords } from '../../ui/hub.ts';
import { When } from '../../ui/time.tsx';
import classes from './ConflictStrip.module.css';

/** What waits for a person because benches disagree, and how long; leads to all of it. Nothing while they agree. */
export function ConflictStrip() {
  const hub = useHub().data;
  const words = hub && openWords(hub);
  return hub && words ? <Strip state={hub} words={words} /> : null;
}

function Strip({ state, words }: { state: SyncView; words: string }) {
  const [oldest] = useConflicts().data ?? [];
  const { icon: Icon, tone } = conflictLook({ needsChoice: state.conflicts > 0 });
  return (
    <Link to="/cases/conflicts" className={classes.strip} data-tone={tone}>
      <Icon size={26} stroke={2} aria-hidden className={classes.icon} />
      <span className={classes.text}>
        <strong>{words}</strong>{' '}
        {oldest ? (
          <span className="rb-dim">
            · the oldest <When at={oldest.change.at} />
          </span>
        ) : null}
        <span className={classes.why}>{openReason(state)}</span>
      </span>
      <span className={classes.go}>
        {state.conflicts > 0 ? 'Settle them' : 'Look at them'}
        <IconArrowRight size={20} aria-hidden />
      </span>
    </Link>
  );
}
