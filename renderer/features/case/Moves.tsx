import { Button, Modal, Textarea } from '@mantine/core';
import { IconArrowRight, IconChevronDown, IconCircleCheck, IconLock } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { CaseView, MoveOption, Status } from '../../../shared/model/cases.ts';
import { useCaseAction } from '../../data/queries.ts';
import { Empty } from '../../ui/Empty.tsx';
import { withLocalTimes } from '../../ui/format.ts';
import { statusLook } from '../../ui/looks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { useZone } from '../../ui/time.tsx';
import { EscalateDialog } from './Escalate.tsx';
import forms from './forms.module.css';
import classes from './Moves.module.css';
import { isEnding, usualMove } from './strip.ts';

/** Where the case may go: buttons for what is allowed, every reason in words for what is not. */
export function Moves({ view, doing }: { view: CaseView; doing: boolean }) {
  const [asking, setAsking] = useState<MoveOption | null>(null);
  const [escalating, setEscalating] = useState(false);
  const move = useCaseAction(
    (client, input: { to: Status; reason?: string }) =>
      client.cases.move({ id: view.id, seen: view.version, ...input }),
    () => setAsking(null),
  );
  const usual = usualMove(view);
  const ways = view.moves
    .filter(({ to }) => !isEnding(to))
    .toSorted((a, b) => Number(b.to === usual) - Number(a.to === usual));
  const endings = view.moves.filter(({ to }) => isEnding(to));
  const take = (option: MoveOption) => {
    if (option.needsReason) setAsking(option);
    else move.run({ to: option.to });
  };
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
      ) : null}
      <MoveList moves={ways} usual={usual} doing={doing} busy={move.busy} onTake={take} />
      {endings.length > 0 ? (
        <details className={classes.more}>
          <summary>
            <IconChevronDown size={18} aria-hidden className={classes.chevron} />
            Other endings
          </summary>
          <MoveList moves={endings} usual={null} doing={doing} busy={move.busy} onTake={take} />
        </details>
      ) : null}
      {asking === null ? <ErrorNotice failure={move.failure} /> : null}
      <ReasonDialog
        option={asking}
        busy={move.busy}
        failure={move.failure}
        onClose={() => {
          move.clear();
          setAsking(null);
        }}
        onGo={(to, reason) => move.run({ to, reason })}
      />
      <EscalateDialog view={view} opened={escalating} onClose={() => setEscalating(false)} />
    </Panel>
  );
}

function MoveList(props: {
  moves: readonly MoveOption[];
  usual: Status | null;
  doing: boolean;
  busy: boolean;
  onTake: (option: MoveOption) => void;
}) {
  const zone = useZone();
  return (
    <ul className={classes.moves}>
      {props.moves.map((option) => {
        const { word } = statusLook(option.to);
        if (option.allowed && props.doing) {
          return (
            <li key={option.to}>
              <Button
                fullWidth
                justify="space-between"
                variant={option.to === props.usual ? 'filled' : 'default'}
                data-size={option.to === props.usual ? 'lg' : undefined}
                disabled={props.busy}
                rightSection={<IconArrowRight size={20} aria-hidden />}
                onClick={() => props.onTake(option)}
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

function ReasonDialog(props: {
  option: MoveOption | null;
  busy: boolean;
  failure: { message: string; hint: string } | null;
  onClose: () => void;
  onGo: (to: Status, reason: string) => void;
}) {
  const [reason, setReason] = useState('');
  const { option } = props;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (option && reason.trim()) props.onGo(option.to, reason.trim());
  };
  return (
    <Modal
      opened={option !== null}
      onClose={props.onClose}
      title={option ? `${statusLook(option.to).word}: why?` : ''}
    >
      <form className={forms.form} onSubmit={submit}>
        <Textarea
          label="Reason"
          description="It stands in the case’s history."
          autosize
          minRows={3}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <ErrorNotice failure={props.failure} />
        <Button type="submit" data-size="lg" loading={props.busy} disabled={!reason.trim()}>
          {option ? statusLook(option.to).word : ''}
        </Button>
      </form>
    </Modal>
  );
}
