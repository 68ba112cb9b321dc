import { Button, Textarea } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { CaseView, TimelineEntry } from '../../../shared/model/cases.ts';
import { asFailure } from '../../data/failures.ts';
import { useCaseAction, useTimeline } from '../../data/queries.ts';
import { entryLook, madeBy } from '../../ui/conflicts.ts';
import { Empty } from '../../ui/Empty.tsx';
import forms from '../../ui/forms.module.css';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { StatePill } from '../../ui/StatePill.tsx';
import { When } from '../../ui/time.tsx';
import classes from './History.module.css';

/** Entries that are shown before a person asks for the rest. */
const FIRST = 12;

/**
 * What people noted, and everything that happened, newest first.
 * @param props.open ids of the entries that met another bench's and that nobody has settled
 */
export function History(props: { view: CaseView; doing: boolean; open: readonly string[] }) {
  const { view, doing } = props;
  const timeline = useTimeline(view.id);
  const [all, setAll] = useState(false);
  const entries = (timeline.data ?? []).toSorted((a, b) => b.seq - a.seq);
  const shown = all ? entries : entries.slice(0, FIRST);
  return (
    <Panel title="What happened">
      {doing ? <NoteForm view={view} /> : null}
      {view.notes.length > 0 ? (
        <ul className={classes.notes} aria-label="Notes">
          {view.notes.toReversed().map((note) => (
            <li key={note.id} className={classes.note}>
              <p className={classes.noteText}>{note.text}</p>
              <p className="rb-dim">
                {note.by}, <When at={note.at} />
              </p>
            </li>
          ))}
        </ul>
      ) : null}
      {timeline.error ? <ErrorNotice failure={asFailure(timeline.error)} /> : null}
      {timeline.data && entries.length === 0 ? (
        <Empty icon={IconHistory} title="Nothing yet" small />
      ) : (
        <ol className={classes.timeline} aria-label="Timeline, newest first">
          {shown.map((entry) => (
            <Entry key={entry.id} entry={entry} open={props.open.includes(entry.id)} />
          ))}
        </ol>
      )}
      {!all && entries.length > FIRST ? (
        <Button variant="subtle" data-size="compact" onClick={() => setAll(true)}>
          Show all {entries.length}
        </Button>
      ) : null}
    </Panel>
  );
}

function Entry({ entry, open }: { entry: TimelineEntry; open: boolean }) {
  const { at, text, by, bench, outcome } = entry;
  return (
    <li className={classes.entry}>
      <span className={classes.time}>
        <When at={at} />
      </span>
      <span className={classes.what}>
        {text} <span className="rb-dim">{bench === null ? by : madeBy({ by, bench })}</span>{' '}
        {outcome === null ? null : <StatePill look={entryLook(outcome, open)} size="sm" />}
      </span>
    </li>
  );
}

function NoteForm({ view }: { view: CaseView }) {
  const [text, setText] = useState('');
  const note = useCaseAction(
    (client, written: string) => client.cases.note({ id: view.id, text: written }),
    () => setText(''),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) note.run(text.trim());
  };
  return (
    <form className={forms.form} onSubmit={submit}>
      <Textarea
        aria-label="New note"
        placeholder="Add a note"
        autosize
        minRows={1}
        maxRows={8}
        maxLength={4000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
        }}
      />
      <ErrorNotice failure={note.failure} />
      {text.trim() ? (
        <Button type="submit" variant="default" loading={note.busy}>
          Add the note
        </Button>
      ) : null}
    </form>
  );
}
