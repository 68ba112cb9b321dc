import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link } from '@tanstack/react-router';
import { type ClipboardEvent, type ReactNode, useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { BlobsView, SyncView } from '../../../shared/model/sync.ts';
import { can } from '../../data/can.ts';
import { asFailure } from '../../data/failures.ts';
import { useHello, useHub, useHubAction, useHubFiles } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { withLocalTimes } from '../../ui/format.ts';
import forms from '../../ui/forms.module.css';
import { exchangedWords, filesTrouble, hubLook, openWords, readWords, sentWords } from '../../ui/hub.ts';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { useScanTarget } from '../../ui/scanTargets.tsx';
import { useZone, When } from '../../ui/time.tsx';
import { Waiting } from '../../ui/Waiting.tsx';
import { readInvitation } from './invitation.ts';
import classes from './Settings.module.css';

/** The hub this bench belongs to, or how to join one. */
export function Hub() {
  const hub = useHub();
  return (
    <Panel title="Hub">
      {hub.error ? <ErrorNotice failure={asFailure(hub.error)} /> : null}
      {hub.data ? <Joined state={hub.data} /> : hub.data === null ? <NotJoined /> : <Waiting />}
    </Panel>
  );
}

function NotJoined() {
  const me = useMe();
  const training = useHello().data?.mode === 'training';
  return (
    <>
      <p className="rb-dim">
        Sends every change of this bench to the lab’s hub, exactly once, and reads those of the other benches.
        Work goes on without it.
      </p>
      {training ? (
        <p>A training bench joins no hub: what it holds is not real.</p>
      ) : can(me.role, contract.hub.enrol) ? (
        <JoinForm />
      ) : (
        <p>An administrator can join a hub.</p>
      )}
    </>
  );
}

function JoinForm() {
  const form = useForm({
    initialValues: { url: '', code: '' },
    validate: {
      url: (value) => (value.trim() ? null : 'Where is the hub? https://hub.example:7420, say.'),
      code: (value) => (value.trim() ? null : 'The code that was made at the hub.'),
    },
  });
  const join = useHubAction((client, { url, code }: typeof form.values) =>
    client.hub.enrol({ url: url.trim(), code: code.trim() }),
  );
  const take = (text: string): boolean => {
    const said = readInvitation(text);
    if (said) form.setValues(said);
    return said !== null;
  };
  useScanTarget(take);
  const paste = (event: ClipboardEvent) => {
    if (take(event.clipboardData.getData('text'))) event.preventDefault();
  };
  return (
    <form className={forms.form} onSubmit={form.onSubmit((values) => join.run(values))} noValidate>
      <div className={forms.pair} onPaste={paste}>
        <TextInput
          label="Address of the hub"
          description="As the hub’s administrator gives it."
          placeholder="https://hub.example:7420"
          classNames={{ input: 'rb-mono' }}
          maxLength={400}
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps('url')}
        />
        <TextInput
          label="One-time code"
          description="Made at the hub; scanned, pasted or typed."
          placeholder="ABCD-EFGH-JKLM-NPQR"
          classNames={{ input: 'rb-mono' }}
          maxLength={64}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          {...form.getInputProps('code')}
        />
      </div>
      <ErrorNotice failure={join.failure} />
      <div>
        <Button type="submit" loading={join.busy}>
          Join the hub
        </Button>
      </div>
    </form>
  );
}

function Joined({ state }: { state: SyncView }) {
  const me = useMe();
  const [leaving, setLeaving] = useState(false);
  const exchange = useHubAction((client, _input: null) => client.hub.sync());
  const files = useHubFiles().data ?? null;
  const { trouble, troubleSince } = state;
  const stuck = filesTrouble(state, files);
  const isRepeated = exchange.failure !== null && !exchange.busy;
  return (
    <>
      <Standing state={state} files={files} />
      {trouble ? (
        <Trouble trouble={trouble} since={troubleSince}>
          <p role="status">{isRepeated ? 'The last try did not go through either.' : ''}</p>
        </Trouble>
      ) : (
        <ErrorNotice failure={exchange.failure} />
      )}
      {stuck && files ? <Trouble trouble={stuck} since={files.troubleSince} /> : null}
      <div className={forms.row}>
        {can(me.role, contract.hub.sync) ? (
          <Button variant="default" loading={exchange.busy} onClick={() => exchange.run(null)}>
            Exchange now
          </Button>
        ) : null}
        {can(me.role, contract.hub.leave) ? (
          <Button variant="subtle" onClick={() => setLeaving(true)}>
            Leave the hub
          </Button>
        ) : null}
        <p role="status" className="rb-dim">
          {exchange.output && !exchange.busy ? exchangedWords(exchange.output) : ''}
        </p>
      </div>
      {leaving ? <LeaveDialog state={state} files={files} onClose={() => setLeaving(false)} /> : null}
    </>
  );
}

/** How far each side knows the other's work, and where they disagree. */
function Standing({ state, files }: { state: SyncView; files: BlobsView | null }) {
  const { icon: Icon, tone } = hubLook(state, files, useZone());
  const open = openWords(state);
  return (
    <div className={classes.check}>
      <span className={classes.checkIcon} data-tone={tone}>
        <Icon size={24} aria-hidden />
      </span>
      <div>
        <p className={classes.name}>{state.siteName}</p>
        <p className="rb-dim rb-mono">{state.url}</p>
        <div role="status">
          <p>{sentWords(state, files)}</p>
          <p>{readWords(state)}</p>
        </div>
        {open ? (
          <p>
            <Link to="/cases/conflicts" className={classes.link}>
              {open}
            </Link>
          </p>
        ) : null}
        <p className="rb-dim">
          {state.talkedAt ? (
            <>
              Last contact: <When at={state.talkedAt} />
            </>
          ) : (
            'No contact yet.'
          )}
        </p>
      </div>
    </div>
  );
}

/** What is wrong, what to do about it, and since when it is. */
function Trouble(props: {
  trouble: NonNullable<SyncView['trouble']>;
  since: string | null;
  children?: ReactNode;
}) {
  const { trouble, since } = props;
  const zone = useZone();
  return (
    <Notice tone="needs" title={withLocalTimes(trouble.message, zone)}>
      <p>{withLocalTimes(trouble.hint, zone)}</p>
      {since ? (
        <p>
          Since: <When at={since} />
        </p>
      ) : null}
      {props.children}
    </Notice>
  );
}

function LeaveDialog(props: { state: SyncView; files: BlobsView | null; onClose: () => void }) {
  const { state, files, onClose } = props;
  const leave = useHubAction(async (client, _input: null) => {
    await client.hub.leave();
    return null;
  });
  return (
    <Dialog title={`Leave the hub of ${state.siteName}?`} onClose={onClose}>
      <div className={forms.form}>
        <p>
          The hub keeps what it has, and this bench keeps everything that is here. Nothing more is sent or
          read; joining again takes a new code.
        </p>
        {state.pending > 0 || (files?.pending ?? 0) > 0 ? (
          <p>The hub does not have everything: {sentWords(state, files)}</p>
        ) : null}
        <ErrorNotice failure={leave.failure} />
        <Button variant="danger" data-size="lg" loading={leave.busy} onClick={() => leave.run(null)}>
          Leave the hub
        </Button>
      </div>
    </Dialog>
  );
}
