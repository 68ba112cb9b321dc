import { Button } from '@mantine/core';
import { IconChevronRight, IconCircleCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Conflict } from '../../../shared/model/sync.ts';
import { asFailure } from '../../data/failures.ts';
import { useConflicts } from '../../data/queries.ts';
import { conflictLook, madeBy } from '../../ui/conflicts.ts';
import { Empty } from '../../ui/Empty.tsx';
import { formatCount, withLocalTimes } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { StatePill } from '../../ui/StatePill.tsx';
import { useZone, When } from '../../ui/time.tsx';
import { Waiting } from '../../ui/Waiting.tsx';
import classes from './Conflicts.module.css';

/** Where benches disagree, of all cases: what wants a choice first, then what wants a look, the oldest on top. */
export function Conflicts() {
  const conflicts = useConflicts();
  const open = conflicts.data ?? [];
  return (
    <Page title="Conflicts">
      {conflicts.error ? <ErrorNotice failure={asFailure(conflicts.error)} /> : null}
      {conflicts.isPending && !conflicts.error ? <Waiting what="Reading the conflicts" /> : null}
      {conflicts.data && open.length === 0 ? (
        <Empty
          icon={IconCircleCheck}
          title="All benches agree"
          action={
            <Button component={Link} to="/cases" variant="default">
              All cases
            </Button>
          }
        >
          When two benches change the same while they are apart, it stands here until somebody has chosen.
        </Empty>
      ) : null}
      <List title="To choose" conflicts={open.filter(({ needsChoice }) => needsChoice)} />
      <List title="To look at" conflicts={open.filter(({ needsChoice }) => !needsChoice)} />
    </Page>
  );
}

function List({ title, conflicts }: { title: string; conflicts: readonly Conflict[] }) {
  if (conflicts.length === 0) return null;
  return (
    <Panel title={title} aside={formatCount(conflicts.length)}>
      <ul className={classes.list}>
        {conflicts.map((conflict) => (
          <li key={conflict.id}>
            <Row conflict={conflict} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Row({ conflict }: { conflict: Conflict }) {
  const zone = useZone();
  const { change } = conflict;
  return (
    <Link to="/cases/$caseId" params={{ caseId: conflict.caseId }} className={classes.row}>
      <span className={classes.number}>{conflict.caseNumber}</span>
      <span className={classes.what}>
        <span className={classes.title}>{withLocalTimes(conflict.title, zone)}</span>
        <span className="rb-dim">
          {madeBy(change)}, <When at={change.at} />
        </span>
      </span>
      <StatePill look={conflictLook(conflict)} size="sm" />
      <IconChevronRight size={22} aria-hidden className={classes.on} />
    </Link>
  );
}
