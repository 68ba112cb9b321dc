import { Button } from '@mantine/core';
import {
  IconAlertOctagon,
  IconClipboardOff,
  IconClock,
  IconDatabase,
  IconSignature,
} from '@tabler/icons-react';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { CaseView } from '../../../shared/model/cases.ts';
import { can } from '../../data/can.ts';
import { asFailure } from '../../data/failures.ts';
import { useCase, usePorts } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { flagLook, statusLook } from '../../ui/looks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { StatePill } from '../../ui/StatePill.tsx';
import { useNow, useZone } from '../../ui/time.tsx';
import { Waiting } from '../../ui/Waiting.tsx';
import { DATA_WORDS } from '../../ui/words.ts';
import classes from './Case.module.css';
import { Causes } from './Causes.tsx';
import { clocksOf } from './clocks.ts';
import { DataAndConsent } from './DataAndConsent.tsx';
import { dataState } from './dataState.ts';
import { Facts } from './Facts.tsx';
import { Files } from './Files.tsx';
import { History } from './History.tsx';
import { Moves } from './Moves.tsx';
import { Runs } from './Runs.tsx';
import { SafetyPanel, SafetyStopDialog } from './Safety.tsx';
import { StatusStrip } from './StatusStrip.tsx';
import { WhoItIs } from './WhoItIs.tsx';

/** One case, left to right: where it stands, what is known, what is to be decided, what happened. */
export function Case() {
  const { caseId } = useParams({ from: '/shell/cases/$caseId' });
  const query = useCase(caseId);
  if (query.data) return <CaseScreen view={query.data} key={query.data.id} />;
  return (
    <Page title="Case">
      {query.error ? (
        asFailure(query.error).code === 'input.not-found' ? (
          <Empty
            icon={IconClipboardOff}
            title="There is no such case"
            action={<Link to="/cases">All cases</Link>}
          >
            The address may be old, or of another bench.
          </Empty>
        ) : (
          <ErrorNotice failure={asFailure(query.error)} />
        )
      ) : (
        <Waiting what="Reading the case" />
      )}
    </Page>
  );
}

function CaseScreen({ view }: { view: CaseView }) {
  const { at } = useSearch({ from: '/shell/cases/$caseId' });
  const me = useMe();
  const [stopping, setStopping] = useState(false);
  const port = usePorts().data?.find((each) => each.caseId === view.id) ?? null;
  const doing = can(me.role, contract.cases.edit);
  // A closed case is corrected by notes and by QA's analysis, not by more work on it.
  const working = doing && view.status !== 'closed';
  return (
    <Page
      title={view.number}
      actions={
        working && !view.safety && view.unit ? (
          <Button
            variant="danger-quiet"
            leftSection={<IconAlertOctagon size={22} aria-hidden />}
            onClick={() => setStopping(true)}
          >
            Safety stop
          </Button>
        ) : null
      }
    >
      <InSight view={view} />
      <StatusStrip status={view.status} />
      <SafetyPanel view={view} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <WhoItIs view={view} port={port} doing={working} focus={at === 'identity'} />
          <Runs view={view} port={port} doing={working && !view.safety} wipeAtOnce={at === 'wipe'} />
          <Files view={view} doing={doing} />
          <Facts view={view} doing={doing} />
        </div>
        <div className={classes.column}>
          <Moves view={view} doing={doing} />
          <Causes view={view} doing={doing} working={working} focus={at === 'cause'} />
          <DataAndConsent view={view} doing={working} />
          <History view={view} doing={doing} />
        </div>
      </div>
      <SafetyStopDialog view={view} opened={stopping} onClose={() => setStopping(false)} />
    </Page>
  );
}

/** Clocks, data instruction and consent: always in sight. */
function InSight({ view }: { view: CaseView }) {
  const now = useNow();
  const zone = useZone();
  const data = dataState(view);
  const flags = view.flags.filter((flag) => flag === 'identity-conflict' || flag === 'safety-stop');
  return (
    <div className={classes.insight}>
      <StatePill look={statusLook(view.status)} />
      {flags.map((flag) => (
        <StatePill key={flag} look={flagLook(flag)} />
      ))}
      {clocksOf(view, now, zone).map((clock) => (
        <StatePill key={clock.id} look={{ tone: clock.tone, word: clock.text, icon: IconClock }} />
      ))}
      <StatePill
        look={{
          tone: 'ready',
          word: `Data: ${DATA_WORDS[view.dataInstruction].short.toLowerCase()}`,
          icon: IconDatabase,
        }}
      />
      {data ? <StatePill look={{ ...data, icon: IconSignature }} /> : null}
    </div>
  );
}
