// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed one by one cannot be a table's
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row
import { Button } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { CaseFilter, CaseSummary } from '../../../shared/model/cases.ts';
import { asFailure } from '../../data/failures.ts';
import type { CaseSort } from '../../data/keys.ts';
import { CASE_PAGE, casePageQuery } from '../../data/queries.ts';
import { useStation } from '../../data/station.tsx';
import { formatDue } from '../../ui/format.ts';
import { markLooks, statusLook } from '../../ui/looks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { StatePill } from '../../ui/StatePill.tsx';
import { useNow, useZone, When } from '../../ui/time.tsx';
import classes from './CaseTable.module.css';
import { step } from './keyboard.ts';

const ROW = 68;
const COLUMNS = ['Case', 'Status', 'Unit', 'Customer and fault', 'Promised', 'Changed'] as const;

/** Rows are read page by page as they come into sight; a hundred thousand scroll like ten. */
export function CaseTable({ filter, sort, total }: { filter: CaseFilter; sort: CaseSort; total: number }) {
  const { client } = useStation();
  const navigate = useNavigate();
  const scroll = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const items = rows.getVirtualItems();
  const firstPage = Math.floor((items[0]?.index ?? 0) / CASE_PAGE);
  const lastPage = Math.floor((items.at(-1)?.index ?? 0) / CASE_PAGE);
  const pages = useQueries({
    queries: Array.from({ length: lastPage - firstPage + 1 }, (_, index) =>
      casePageQuery(client, filter, sort, firstPage + index),
    ),
  });
  const at = (index: number): CaseSummary | undefined =>
    pages[Math.floor(index / CASE_PAGE) - firstPage]?.data?.items[index % CASE_PAGE];

  // The list itself tells of its first page.
  const failed = pages.filter((page, index) => page.isError && firstPage + index > 0);

  const question = JSON.stringify([filter, sort]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question starts at its first answer
  useEffect(() => {
    setActive(0);
    rows.scrollToOffset(0);
  }, [question]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter') {
      const summary = at(active);
      if (summary) void navigate({ to: '/cases/$caseId', params: { caseId: summary.id } });
      return;
    }
    const pageRows = Math.max(1, Math.floor((scroll.current?.clientHeight ?? ROW) / ROW) - 1);
    const next = step(event.key, active, total, pageRows);
    if (next === null) return;
    event.preventDefault();
    setActive(next);
    rows.scrollToIndex(next);
  };

  return (
    <>
      {failed[0]?.error ? (
        <ErrorNotice failure={asFailure(failed[0].error)}>
          <Button
            variant="default"
            data-size="compact"
            onClick={() => {
              for (const page of failed) void page.refetch();
            }}
          >
            Read these cases again
          </Button>
        </ErrorNotice>
      ) : null}
      <div
        id="case-grid"
        className={classes.grid}
        role="grid"
        aria-label="Cases"
        aria-rowcount={total + 1}
        aria-colcount={COLUMNS.length}
        aria-activedescendant={at(active) ? `case-row-${active}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div className={`${classes.row} ${classes.header}`} role="row" aria-rowindex={1}>
          {COLUMNS.map((title) => (
            <span key={title} role="columnheader">
              {title}
            </span>
          ))}
        </div>
        <div ref={scroll} className={classes.scroll} role="presentation">
          <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
            {items.map(({ index, start }) => (
              <Row
                key={index}
                index={index}
                start={start}
                summary={at(index)}
                active={index === active}
                lost={pages[Math.floor(index / CASE_PAGE) - firstPage]?.isError ?? false}
                onPick={() => setActive(index)}
              />
            ))}
          </div>
        </div>
      </div>
    </>
  );
}

function Row(props: {
  index: number;
  start: number;
  summary: CaseSummary | undefined;
  active: boolean;
  /** It could not be read. */
  lost: boolean;
  onPick: () => void;
}) {
  const { summary, index } = props;
  const now = useNow();
  const zone = useZone();
  const due = summary?.promisedOn ? formatDue(summary.promisedOn, now, zone) : null;
  const ended = summary ? !summary.flags.includes('overdue') && due?.overdue : false;
  return (
    <div
      id={`case-row-${index}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={props.active}
      className={`${classes.row} ${classes.item}`}
      style={{ transform: `translateY(${props.start}px)`, height: ROW }}
      onPointerDown={props.onPick}
    >
      {summary ? (
        <>
          <span role="gridcell" className={classes.number}>
            <Link to="/cases/$caseId" params={{ caseId: summary.id }} tabIndex={-1} className={classes.link}>
              {summary.number}
            </Link>
            {summary.priority === 'P3' ? null : <span className={classes.priority}>{summary.priority}</span>}
          </span>
          <span role="gridcell" className={classes.states}>
            <StatePill look={statusLook(summary.status)} size="sm" />
            <Marks summary={summary} />
          </span>
          <span role="gridcell">
            <span className={classes.line}>
              {summary.model ?? <span className="rb-dim">not known yet</span>}
            </span>
            <span className={`${classes.line} ${classes.small} rb-mono`}>
              {summary.serial ?? summary.imei1 ?? '–'}
            </span>
          </span>
          <span role="gridcell">
            <span className={classes.line}>
              {summary.customer ?? <span className="rb-dim">no customer</span>}
            </span>
            <span className={`${classes.line} ${classes.small}`}>{summary.fault ?? '–'}</span>
          </span>
          <span role="gridcell" className={due?.overdue && !ended ? classes.overdue : classes.due}>
            {due ? (ended ? 'past' : due.text) : '–'}
          </span>
          <span role="gridcell" className={classes.due}>
            <When at={summary.changedAt} />
          </span>
        </>
      ) : (
        <span role="gridcell" className="rb-dim">
          {props.lost ? 'not read' : '…'}
        </span>
      )}
    </div>
  );
}

/** What marks a case: a row has room for one, and for how many more there are. */
function Marks({ summary }: { summary: CaseSummary }) {
  const [first, ...more] = markLooks(summary.flags);
  if (!first) return null;
  if (more.length === 0) return <StatePill look={first} size="sm" />;
  return (
    <span title={more.map(({ word }) => word).join(', ')}>
      <StatePill look={first} word={`${first.word} +${more.length}`} size="sm" />
      <span className="rb-sr">: {more.map(({ word }) => word).join(', ')}</span>
    </span>
  );
}
