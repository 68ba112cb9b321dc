import { Button } from '@mantine/core';
import { IconChevronDown, IconFlask, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import type { CaseView } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import type { RunSummary } from '../../../shared/model/runs.ts';
import { Empty } from '../../ui/Empty.tsx';
import { outcomeLook } from '../../ui/looks.ts';
import { Panel } from '../../ui/Panel.tsx';
import { StatePill } from '../../ui/StatePill.tsx';
import { When } from '../../ui/time.tsx';
import { RunDetail } from './RunDetail.tsx';
import classes from './Runs.module.css';
import { type Starting, StartRun } from './StartRun.tsx';

/** What was run on the unit, with what it showed; the latest one open. */
export function Runs(props: {
  view: CaseView;
  port: PortView | null;
  doing: boolean;
  /** What is about to be started; null: nothing. */
  starting: Starting | null;
  onStart: (what: Starting | null) => void;
}) {
  const { view, port, doing, starting, onStart } = props;
  const runs = view.runs.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  const [opened, setOpened] = useState<string | null | undefined>(undefined);
  const open = opened === undefined ? (runs[0]?.id ?? null) : opened;
  return (
    <Panel
      title="Runs"
      aside={port ? `unit on ${port.label}` : view.unit ? 'unit not on a port' : undefined}
      actions={
        doing ? (
          <Button
            variant="default"
            data-size="compact"
            leftSection={<IconPlayerPlay size={20} aria-hidden />}
            onClick={() => onStart('any')}
          >
            Run
          </Button>
        ) : null
      }
    >
      {runs.length === 0 ? (
        <Empty icon={IconFlask} title="Nothing was run yet" small>
          Intake reads identity, firmware and logs. A unit that does not start is inspected by hand.
        </Empty>
      ) : (
        <ul className={classes.runs}>
          {runs.map((run) => (
            <Run
              key={run.id}
              run={run}
              view={view}
              doing={doing}
              open={run.id === open}
              onToggle={() => setOpened(run.id === open ? null : run.id)}
            />
          ))}
        </ul>
      )}
      {starting && doing ? (
        <StartRun
          view={view}
          what={starting}
          onClose={() => onStart(null)}
          onStarted={(id) => {
            onStart(null);
            setOpened(id);
          }}
        />
      ) : null}
    </Panel>
  );
}

function Run(props: {
  run: RunSummary;
  view: CaseView;
  doing: boolean;
  open: boolean;
  onToggle: () => void;
}) {
  const { run } = props;
  return (
    <li className={classes.run}>
      <button type="button" className={classes.head} aria-expanded={props.open} onClick={props.onToggle}>
        <IconChevronDown size={20} aria-hidden className={classes.chevron} />
        <span className={classes.title}>{run.procedureTitle}</span>
        <StatePill look={outcomeLook(run.state === 'running' ? null : run.outcome)} size="sm" />
        <span className={classes.meta}>
          <When at={run.startedAt} /> · {run.startedBy}
        </span>
      </button>
      {props.open ? <RunDetail id={run.id} view={props.view} doing={props.doing} /> : null}
    </li>
  );
}
