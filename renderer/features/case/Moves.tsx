import { Button } from '@mantine/core';
import { IconArrowRight, IconCircleCheck, IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import type { CaseView, MoveOption, Status } from '../../../shared/model/cases.ts';
import { moveWord } from '../../data/caseStep.ts';
import { useCaseAction } from '../../data/queries.ts';
import { Disclosure } from '../../ui/Disclosure.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { withLocalTimes } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { ReasonDialog } from '../../ui/ReasonDialog.tsx';
import { useSettled } from '../../ui/settled.ts';
import { useZone } from '../../ui/time.tsx';
import { EscalateDialog } from './Escalate.tsx';
import type { Lead } from './lead.ts';
import classes from './Moves.module.css';
import { isEnding } from './strip.ts';

/** Moves the case, asking for a reason where one is due; for the screen's lead and its list alike. */
export function useMoving(view: CaseView) {
  const [asking, setAsking] = useState<MoveOption | null>(null);
  const move = useCaseAction(
    (client, input: { to: Status; reason?: string }) =>
      client.cases.move({ id: view.id, seen: view.version, ...input }),
    () => setAsking(null),
  );
  return {
    asking,
    busy: move.busy,
    failure: move.failure,
    take: (to: Status): void => {
      const option = view.moves.find((each) => each.to === to);
      move.clear();
      if (option?.needsReason) setAsking(option);
      else move.run({ to });
    },
    give: (to: Status, reason: string): void => move.run({ to, reason }),
    leave: (): void => {
      move.clear();
      setAsking(null);
    },
  };
}
export type Moving = ReturnType<typeof useMoving>;

/** Where the case may go: buttons for what is allowed, every reason in words for what is not. */
export function Moves(props: { view: CaseView; lead: Lead; moving: Moving; doing: boolean }) {
  const { view, lead, moving, doing } = props;
  const [escalating, setEscalating] = useState(false);
  const ways = view.moves
    .filter(({ to }) => !isEnding(to))
    .toSorted((a, b) => Number(b.to === lead.usual) - Number(a.to === lead.usual));
  const endings = view.moves.filter(({ to }) => isEnding(to));
  const { asking } = moving;
  return (
    <Panel
      title="What next"
      actions={
        doing && view.tier !== 'L3' && view.moves.length > 0 ? (
          <Button variant="default" data-size="compact" onClick={() => setEscalating(true)}>
            Escalate
          </Button>
        ) : null
      }
    >
      {view.moves.length === 0 ? (
        <Empty icon={IconCircleCheck} title="The case is closed" small>
          Corrections are new notes; a new fault is a new case.
        </Empty>
      ) : (
        <p>{lead.say}</p>
      )}
      <MoveList from={view.status} moves={ways} doing={doing} moving={moving} />
      {endings.length > 0 ? (
        <Disclosure title="Other endings">
          <MoveList from={view.status} moves={endings} doing={doing} moving={moving} />
        </Disclosure>
      ) : null}
      {asking === null ? <ErrorNotice failure={moving.failure} /> : null}
      {asking ? (
        <ReasonDialog
          title={`${moveWord(view.status, asking.to)}: why?`}
          description="It stands in the case’s history."
          submitLabel={moveWord(view.status, asking.to)}
          busy={moving.busy}
          failure={moving.failure}
          onSubmit={(reason) => moving.give(asking.to, reason)}
          onClose={moving.leave}
        />
      ) : null}
      {escalating ? <EscalateDialog view={view} onClose={() => setEscalating(false)} /> : null}
    </Panel>
  );
}

function MoveList(props: { from: Status; moves: readonly MoveOption[]; doing: boolean; moving: Moving }) {
  const zone = useZone();
  // Each state has its own list: a second tap must not make the next move too.
  const settled = useSettled(props.from);
  return (
    <ul className={classes.moves}>
      {props.moves.map((option) => {
        const word = moveWord(props.from, option.to);
        if (option.allowed && props.doing) {
          return (
            <li key={option.to}>
              <Button
                fullWidth
                justify="space-between"
                variant="default"
                disabled={props.moving.busy}
                aria-disabled={!settled || undefined}
                rightSection={<IconArrowRight size={20} aria-hidden />}
                onClick={() => {
                  if (settled) props.moving.take(option.to);
                }}
              >
                {word}
              </Button>
            </li>
          );
        }
        return (
          <li key={option.to} className={classes.blocked}>
            <p className={classes.blockedHead}>
              <IconLock size={18} aria-hidden />
              <span>
                {word} <span className="rb-dim">{option.allowed ? 'possible' : 'not yet'}</span>
              </span>
            </p>
            {option.reasons.map((reason) => (
              <p key={reason.code} className={classes.reason}>
                {withLocalTimes(reason.message, zone)}{' '}
                <span className="rb-dim">{withLocalTimes(reason.hint, zone)}</span>
              </p>
            ))}
          </li>
        );
      })}
    </ul>
  );
}
