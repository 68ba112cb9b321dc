import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconAlertTriangle, IconDots } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { useAnswer } from '../../data/answers.ts';
import { can } from '../../data/can.ts';
import type { Glance } from '../../data/caseStep.ts';
import { useAction, useCaseGlance } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { formatDue } from '../../ui/format.ts';
import { markLooks, portLook, statusLook } from '../../ui/looks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { ProgressLine } from '../../ui/ProgressLine.tsx';
import { PromptForm } from '../../ui/PromptForm.tsx';
import { StatePill } from '../../ui/StatePill.tsx';
import { StopRun } from '../../ui/StopRun.tsx';
import { useSettled } from '../../ui/settled.ts';
import { useNow, useZone, When } from '../../ui/time.tsx';
import { unitName } from '../../ui/words.ts';
import { type Act, nextStep } from './nextStep.ts';
import classes from './PortCard.module.css';
import { mayAct, useActs } from './useActs.ts';

/** What the card is called: the unit, or what is known instead of one. */
function titleOf(port: PortView): string {
  const name = unitName(port.identity);
  if (name) return name;
  if (port.state === 'absent') return 'Nothing here';
  if (port.state === 'silent') return 'Nothing answers';
  return port.identity ? 'Unknown model' : 'Unknown unit';
}

function Identifiers({ port }: { port: PortView }) {
  const { identity, address } = port;
  const parts = [
    identity?.serial ?? null,
    identity?.imei1 ? `IMEI …${identity.imei1.slice(-4)}` : null,
  ].filter((part): part is string => part !== null);
  return (
    <p className={`${classes.ids} rb-mono`}>
      {parts.length > 0 ? parts.join(' · ') : address}
      {port.state === 'absent' && parts.length > 0 ? ' (was here)' : ''}
    </p>
  );
}

function CaseLine({ port, glance }: { port: PortView; glance: ReturnType<typeof useCaseGlance>['data'] }) {
  const now = useNow();
  const zone = useZone();
  if (!port.caseId || !port.caseNumber) return null;
  const summary = glance?.summary ?? null;
  const due = summary?.promisedOn ? formatDue(summary.promisedOn, now, zone) : null;
  const marks = markLooks(summary?.flags ?? []);
  return (
    <div className={classes.case}>
      <Link to="/cases/$caseId" params={{ caseId: port.caseId }} className={classes.number}>
        {port.caseNumber}
      </Link>
      {summary ? (
        <span>
          {statusLook(summary.status).word}
          {due ? (
            <span className={due.overdue ? classes.overdue : 'rb-dim'}>
              {' · '}
              {due.overdue ? <IconAlertTriangle size={16} className={classes.inline} aria-hidden /> : null}
              {due.text}
            </span>
          ) : null}
        </span>
      ) : null}
      {marks.map((look) => (
        <StatePill key={look.word} look={look} size="sm" />
      ))}
    </div>
  );
}

interface CardProps {
  port: PortView;
  onEdit: (port: PortView) => void;
  onForget: (port: PortView) => void;
}

/** Which port, which unit, which state, what next: readable from two metres. */
export const PortCard = memo(function PortCard({ port, onEdit, onForget }: CardProps) {
  const glance = useCaseGlance(port.caseId).data;
  const known: Glance | null = glance?.summary ? { summary: glance.summary, lastRun: glance.lastRun } : null;
  const { role } = useMe();
  const next = nextStep(port, known);
  const acts = useActs(port, onEdit);
  const offered = [next.primary, next.secondary].filter(
    (act): act is Act => act !== null && mayAct(role, act),
  );
  const answer = useAnswer(port);
  const stop = useAction((client, id: string) => client.runs.abort({ id }));
  const look = portLook(port.state);
  const asking = port.state === 'needs-you' && port.prompt !== null && port.runId !== null;
  const mayRun = can(role, contract.runs.start);
  // Until it is known what runs, it may be a wipe.
  const wiping = glance?.lastRun?.id !== port.runId || glance?.lastRun?.kind === 'wipe';

  return (
    <article
      className={classes.card}
      data-tone={look.tone}
      data-state={port.state}
      aria-labelledby={`port-${port.id}`}
    >
      <header className={classes.head}>
        <h2 id={`port-${port.id}`} className={classes.port} tabIndex={-1}>
          {port.label}
          <span className="rb-sr">: {titleOf(port)}</span>
        </h2>
        <StatePill look={look} />
        {mayRun ? (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon
                variant="subtle"
                size={44}
                aria-label={`More for ${port.label}`}
                className={classes.more}
              >
                <IconDots size={22} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                onClick={() => acts.run({ kind: 'identify', label: 'Identify' })}
                disabled={port.state === 'working' || port.state === 'needs-you'}
              >
                Identify again
              </Menu.Item>
              <Menu.Item onClick={() => onEdit(port)}>Port settings</Menu.Item>
              <Menu.Item onClick={() => onForget(port)} disabled={port.runId !== null}>
                Forget this port
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ) : null}
      </header>
      <div className={classes.body}>
        <div>
          <p className={classes.title}>{titleOf(port)}</p>
          <Identifiers port={port} />
        </div>
        <CaseLine port={port} glance={glance} />
        {port.progress ? <ProgressLine progress={port.progress} /> : null}
        {port.state === 'working' && !port.progress ? (
          <p className={classes.say}>{port.runTitle ?? 'Asking the unit who it is…'}</p>
        ) : null}
        {asking && port.prompt ? (
          mayRun ? (
            <PromptForm key={port.prompt.id} prompt={port.prompt} {...answer} />
          ) : (
            <p className={classes.say}>{port.prompt.text}</p>
          )
        ) : null}
        {port.runId && mayRun ? (
          <StopRun
            runId={port.runId}
            wipe={wiping}
            busy={stop.busy}
            failure={stop.failure}
            onStop={(id) => stop.run(id)}
          />
        ) : null}
        {next.say ? <p className={classes.say}>{next.say}</p> : null}
        {port.state === 'absent' && port.lastSeenAt ? (
          <p className="rb-dim">
            Last seen <When at={port.lastSeenAt} />
          </p>
        ) : null}
        {/* What the port's own trouble says already is not said twice. */}
        <ErrorNotice failure={acts.failure?.message === port.trouble?.message ? null : acts.failure} />
      </div>
      <footer className={classes.foot}>
        {offered.map((act, index) => (
          <ActButton
            key={index === 0 ? 'primary' : 'secondary'}
            act={act}
            primary={index === 0}
            acts={acts}
          />
        ))}
      </footer>
    </article>
  );
});

/** One place on the card, whose act changes with the unit: a tap meant for the last act must not start the next. */
function ActButton({ act, primary, acts }: { act: Act; primary: boolean; acts: ReturnType<typeof useActs> }) {
  const settled = useSettled(`${act.kind} ${act.label}`);
  const busy = acts.busy?.kind === act.kind && acts.busy.label === act.label;
  return (
    <Button
      variant={primary ? 'filled' : 'default'}
      data-size={primary ? 'lg' : undefined}
      loading={busy}
      disabled={acts.busy !== null && !busy}
      aria-disabled={!settled || undefined}
      onClick={() => {
        if (settled) acts.run(act);
      }}
    >
      {act.label}
    </Button>
  );
}
