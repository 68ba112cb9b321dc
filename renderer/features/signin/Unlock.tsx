import { Button } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { keys } from '../../data/keys.ts';
import { useAction } from '../../data/queries.ts';
import forms from '../../ui/forms.module.css';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { Front } from './Front.tsx';
import { RecoveryKeyField } from './RecoveryKeyField.tsx';

/** The bench's key is not at hand for this program: the printed one opens it. */
export function Unlock({
  stationName,
  training,
  keyElsewhere,
}: {
  stationName: string | null;
  training: boolean;
  /** The key lies in the user's keychain, which only the desktop app can ask. */
  keyElsewhere: boolean;
}) {
  const [recoveryKey, setRecoveryKey] = useState('');
  const unlock = useAction((client, key: string) => client.station.unlock({ recoveryKey: key }), {
    stale: [keys.hello],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (recoveryKey.trim()) unlock.run(recoveryKey.trim());
  };
  return (
    <Front
      title={`${stationName ?? 'This bench'} is locked`}
      lead={
        keyElsewhere
          ? 'Its key lies in this user’s keychain, which only the desktop app can ask.'
          : 'Its key is not on this machine, after a move or a lost keychain, say. Nothing is lost: the printed recovery key opens it.'
      }
      training={training}
    >
      {keyElsewhere ? (
        <Notice tone="working" title="Open the desktop app.">
          End this program first: only one at a time has the bench. The printed recovery key opens it here,
          too.
        </Notice>
      ) : null}
      <form className={forms.form} onSubmit={submit}>
        <RecoveryKeyField value={recoveryKey} onChange={setRecoveryKey} autoFocus />
        <ErrorNotice failure={unlock.failure} />
        <Button type="submit" data-size="lg" loading={unlock.busy} disabled={!recoveryKey.trim()}>
          Open the bench
        </Button>
      </form>
    </Front>
  );
}
