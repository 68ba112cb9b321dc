import { Button } from '@mantine/core';
import {
  IconAlertOctagon,
  IconArrowRight,
  IconClipboardOff,
  IconClock,
  IconDatabase,
  IconSignature,
} from '@tabler/icons-react';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { CaseView } from '../../../shared/model/cases.ts';
import { can } from '../../data/can.ts';
import type { CaseAct, CasePlace } from '../../data/caseStep.ts';
import { asFailure } from '../../data/failures.ts';
import { useCase, useCaseConflicts, usePorts } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { useKeepFocus } from '../../ui/keepFocus.ts';
import { markLooks, statusLook } from '../../ui/looks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { StatePill } from '../../ui/StatePill.tsx';
import { useSettled } from '../../ui/settled.ts';
import { useNow, useZone } from '../../ui/time.tsx';
import { Waiting } from '../../ui/Waiting.tsx';
import { DATA_WORDS } from '../../ui/words.ts';
import classes from './Case.module.css';
import { Causes } from './Causes.tsx';
import { Conflicts } from './Conflicts.tsx';
import { clocksOf } from './clocks.ts';
import { DataAndConsent } from './DataAndConsent.tsx';
import { dataState } from './dataState.ts';
import { Facts } from './Facts.tsx';
import { Files } from './Files.tsx';
import { History } from './History.tsx';
import { leadOf } from './lead.ts';
import { Moves, useMoving } from './Moves.tsx';
import { portsFor } from './offers.ts';
import { Runs } from './Runs.tsx';
import { SafetyPanel, SafetyStopDialog } from './Safety.tsx';
import type { Starting } from './StartRun.tsx';
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
  const [starting, setStarting] = useState<Starting | null>(null);
  /** Where to go on this screen; a new object each time, so that it goes there again. */
  const [place, setPlace] = useState<{ at: CasePlace } | null>(null);
  const ports = usePorts().data ?? [];
  const port = portsFor(view, ports)[0] ?? null;
  const lead = leadOf(view);
  const conflicts = useCaseConflicts(view.id);
  const open = conflicts.data ?? [];
  const choosing = open.some(({ needsChoice }) => needsChoice);
  const moving = useMoving(view);
  const noting = can(me.role, contract.cases.note);
  // A closed case is corrected by notes and by QA's analysis, not by more work on it.
  const working = can(me.role, contract.cases.edit) && view.status !== 'closed';
  const running = working && !view.safety && can(me.role, contract.runs.start);
  useKeepFocus();

  const go = useCallback(
    (to: CasePlace) => {
      if (to !== 'wipe') setPlace({ at: to });
      else if (running) setStarting('wipe');
    },
    [running],
  );
  // Once for each arrival: what changes on the case later opens nothing.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (at) go(at);
  }, [at]);

  const act = (what: CaseAct) => {
    if (what.kind === 'move') moving.take(what.to);
    else if (what.kind === 'case') {
      if (what.at) go(what.at);
    } else if (what.kind === 'run') setStarting(what.procedure);
    else setStarting({ procedureId: what.procedureId });
  };
  const focus = (on: CasePlace) => (place?.at === on ? place : null);
  return (
    <Page
      title={view.number}
      actions={
        working ? (
          <>
            {!view.safety && view.unit ? (
              <Button
                variant="danger-quiet"
                leftSection={<IconAlertOctagon size={22} aria-hidden />}
                onClick={() => setStopping(true)}
              >
                Safety stop
              </Button>
            ) : null}
            {lead.act && (running || lead.act.kind === 'case') ? (
              <LeadButton
                act={lead.act}
                // Where benches disagree, that comes first.
                quiet={choosing}
                busy={moving.busy}
                onAct={act}
              />
            ) : null}
          </>
        ) : null
      }
    >
      <InSight view={view} />
      <StatusStrip view={view} />
      <SafetyPanel view={view} />
      {conflicts.error ? <ErrorNotice failure={asFailure(conflicts.error)} /> : null}
      <Conflicts conflicts={open} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <WhoItIs view={view} port={port} doing={working} focus={focus('identity')} />
          <Runs view={view} port={port} doing={running} starting={starting} onStart={setStarting} />
          <Files view={view} doing={noting} />
          <Facts view={view} doing={working} />
        </div>
        <div className={classes.column}>
          <Causes view={view} working={working} focus={focus('cause')} />
          <Moves view={view} lead={lead} moving={moving} doing={working} />
          <DataAndConsent view={view} doing={working} focus={focus('data')} />
          <History view={view} doing={noting} open={open.map(({ id }) => id)} />
        </div>
      </div>
      {stopping ? <SafetyStopDialog view={view} onClose={() => setStopping(false)} /> : null}
    </Page>
  );
}

/** What the bench's card says is next, as the one filled button of the screen. */
function LeadButton(props: { act: CaseAct; quiet: boolean; busy: boolean; onAct: (act: CaseAct) => void }) {
  const { act } = props;
  const settled = useSettled(`${act.kind} ${act.label}`);
  return (
    <Button
      variant={props.quiet ? 'default' : 'filled'}
      loading={props.busy}
      aria-disabled={!settled || undefined}
      rightSection={<IconArrowRight size={20} aria-hidden />}
      onClick={() => {
        if (settled) props.onAct(act);
      }}
    >
      {act.label}
    </Button>
  );
}

/** Clocks, data instruction, consent, and what marks it everywhere: always in sight. */
function InSight({ view }: { view: CaseView }) {
  const now = useNow();
  const zone = useZone();
  const data = dataState(view);
  return (
    <div className={classes.insight}>
      <StatePill look={statusLook(view.status)} />
      {markLooks(view.flags).map((look) => (
        <StatePill key={look.word} look={look} />
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
