import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link } from '@tanstack/react-router';
import { type ClipboardEvent, useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { SyncView } from '../../../shared/model/sync.ts';
import { can } from '../../data/can.ts';
import { asFailure } from '../../data/failures.ts';
import { useHello, useHub, useHubAction } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { withLocalTimes } from '../../ui/format.ts';
import forms from '../../ui/forms.module.css';
import { exchangedWords, hubLook, openWords, readWords, sentWords } from '../../ui/hub.ts';
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
  const { trouble } = state;
  return (
    <>
      <Standing state={state} />
      {trouble ? (
        <Trouble state={state} trouble={trouble} again={exchange.failure !== null && !exchange.busy} />
      ) : (
        <ErrorNotice failure={exchange.failure} />
      )}
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
      {leaving ? <LeaveDialog state={state} onClose={() => setLeaving(false)} /> : null}
    </>
  );
}

/** How far each side knows the other's work, and where they disagree. */
function Standing({ state }: { state: SyncView }) {
  const { icon: Icon, tone } = hubLook(state, useZone());
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
          <p>{sentWords(state)}</p>
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

function Trouble(props: { state: SyncView; trouble: NonNullable<SyncView['trouble']>; again: boolean }) {
  const { state, trouble } = props;
  const zone = useZone();
  return (
    <Notice tone="needs" title={withLocalTimes(trouble.message, zone)}>
      <p>{withLocalTimes(trouble.hint, zone)}</p>
      {state.troubleSince ? (
        <p>
          Since: <When at={state.troubleSince} />
        </p>
      ) : null}
      <p role="status">{props.again ? 'The last try did not go through either.' : ''}</p>
    </Notice>
  );
}

function LeaveDialog({ state, onClose }: { state: SyncView; onClose: () => void }) {
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
        {state.pending > 0 ? <p>The hub does not have everything: {sentWords(state)}</p> : null}
        <ErrorNotice failure={leave.failure} />
        <Button variant="danger" data-size="lg" loading={leave.busy} onClick={() => leave.run(null)}>
          Leave the hub
        </Button>
      </div>
    </Dialog>
  );
}
