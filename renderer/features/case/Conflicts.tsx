import { Button, Radio, Textarea } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { ChangeMade, Conflict, ConflictPart } from '../../../shared/model/sync.ts';
import { can } from '../../data/can.ts';
import { useSettle } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { useAnnounce } from '../../ui/announce.tsx';
import { conflictLook, madeBy } from '../../ui/conflicts.ts';
import { withLocalTimes } from '../../ui/format.ts';
import forms from '../../ui/forms.module.css';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RadioCard, RadioCards } from '../../ui/RadioCard.tsx';
import { StatePill } from '../../ui/StatePill.tsx';
import { useSettled } from '../../ui/settled.ts';
import { useZone, When } from '../../ui/time.tsx';
import classes from './Conflicts.module.css';
import { settledWords, settleWords, sideWords, takenOf, valueWords } from './choices.ts';

/** Where this case's work met another bench's: both sides, and what is to be decided. */
export function Conflicts({ conflicts }: { conflicts: readonly Conflict[] }) {
  // What a press would do now: after a bounce another card may stand there, and another value.
  const settled = useSettled(JSON.stringify(conflicts.map(({ id, parts }) => [id, parts])));
  return conflicts.map((conflict) => (
    <ConflictCard key={conflict.id} conflict={conflict} settled={settled} />
  ));
}

function ConflictCard({ conflict, settled }: { conflict: Conflict; settled: boolean }) {
  const { needsChoice, other } = conflict;
  const zone = useZone();
  const { role } = useMe();
  const look = conflictLook(conflict);
  const words = sideWords(conflict);
  return (
    <Panel title={withLocalTimes(conflict.title, zone)} tone={look.tone} actions={<StatePill look={look} />}>
      <div className={classes.sides}>
        {conflict.before.length > 0 ? <Side title={words.before} made={conflict.before} /> : null}
        <Side title={words.change} made={[conflict.change]} />
      </div>
      {other ? (
        <p>
          The other case:{' '}
          <Link to="/cases/$caseId" params={{ caseId: other.id }} className={classes.other}>
            {other.number}
          </Link>
        </p>
      ) : null}
      {can(role, contract.conflicts.settle) ? (
        <Settle conflict={conflict} settled={settled} />
      ) : (
        <>
          {conflict.parts.map((part) => (
            <Values key={part.key} part={part} />
          ))}
          <p className="rb-dim">
            {needsChoice ? 'Whoever works on the case chooses.' : 'Whoever works on the case looks at it.'}
          </p>
        </>
      )}
    </Panel>
  );
}

/** One side: what was done, by whom, where and when. */
function Side({ title, made }: { title: string; made: readonly ChangeMade[] }) {
  const zone = useZone();
  return (
    <div className={classes.side}>
      <h3 className={classes.sideTitle}>{title}</h3>
      {made.map((change) => (
        <div key={`${change.at} ${change.text}`}>
          <p className={classes.said}>{withLocalTimes(change.text, zone)}</p>
          <p className="rb-dim">
            {madeBy(change)}, <When at={change.at} />
          </p>
        </div>
      ))}
    </div>
  );
}

const KEEP = 'keep';
const TAKE = 'take';

/** What is chosen for each part, why, and the one button that does it. */
function Settle({ conflict, settled }: { conflict: Conflict; settled: boolean }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState('');
  const announce = useAnnounce();
  const taken = takenOf(conflict, chosen);
  const settle = useSettle(conflict.caseId, () => announce(settledWords(conflict, taken)));
  const choose = (key: string, value: string) => {
    if (settle.busy) return;
    const next = new Set(chosen);
    if (value === TAKE) next.add(key);
    else next.delete(key);
    setChosen(next);
    settle.clear();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!settled || settle.busy) return;
    settle.run({ id: conflict.id, take: taken.map(({ key }) => key), reason: reason.trim() || null });
  };
  return (
    <form className={forms.form} onSubmit={submit}>
      {conflict.parts.map((part) => (
        <PartChoice
          key={part.key}
          part={part}
          value={taken.includes(part) ? TAKE : KEEP}
          onChange={(value) => choose(part.key, value)}
        />
      ))}
      <ErrorNotice failure={settle.failure} />
      <div className={classes.end}>
        {conflict.needsChoice ? (
          <Textarea
            label="Why (may be left out)"
            className={classes.why}
            autosize
            minRows={1}
            maxRows={6}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        ) : null}
        <Button
          type="submit"
          data-size="lg"
          className={classes.button}
          variant={conflict.needsChoice ? 'filled' : 'default'}
          loading={settle.busy}
          aria-disabled={!settled || undefined}
        >
          {settleWords(conflict, taken)}
        </Button>
      </div>
    </form>
  );
}

const titleOf = ({ title }: ConflictPart): string => title.charAt(0).toUpperCase() + title.slice(1);

function PartChoice(props: { part: ConflictPart; value: string; onChange: (value: string) => void }) {
  const { part } = props;
  return (
    <Radio.Group label={titleOf(part)} value={props.value} onChange={props.onChange}>
      <RadioCards beside>
        <RadioCard value={KEEP}>
          <Value part={part} text={part.stands}>
            Keep what stands
          </Value>
        </RadioCard>
        <RadioCard value={TAKE} disabled={part.blocked !== null}>
          <Value part={part} text={part.wanted}>
            {part.blocked === null ? 'Take over what was wanted' : <Blocked reason={part.blocked} />}
          </Value>
        </RadioCard>
      </RadioCards>
    </Radio.Group>
  );
}

function Value({ part, text, children }: { part: ConflictPart; text: string; children: ReactNode }) {
  return (
    <>
      <span className={classes.value}>{valueWords(part, text)}</span>
      <span className="rb-dim">{children}</span>
    </>
  );
}

function Blocked({ reason }: { reason: string }) {
  const zone = useZone();
  return (
    <span className={classes.blocked}>
      <IconLock size={18} aria-hidden />
      <span>Cannot be taken over now. {withLocalTimes(reason, zone)}</span>
    </span>
  );
}

/** A part for those who do not decide. */
function Values({ part }: { part: ConflictPart }) {
  return (
    <div className={classes.values}>
      <h3 className={classes.sideTitle}>{titleOf(part)}</h3>
      <div className={classes.sides}>
        <p className={classes.side}>
          <Value part={part} text={part.stands}>
            Stands
          </Value>
        </p>
        <p className={classes.side}>
          <Value part={part} text={part.wanted}>
            Was wanted
          </Value>
        </p>
      </div>
    </div>
  );
}
