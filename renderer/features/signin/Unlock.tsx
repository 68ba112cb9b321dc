import { Button, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { keys } from '../../data/keys.ts';
import { useAction } from '../../data/queries.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { useScanTarget } from '../../ui/scanTargets.tsx';
import { Front } from './Front.tsx';
import classes from './signin.module.css';

/** The bench's key is not at hand on this machine: the printed one opens it. */
export function Unlock({ stationName, training }: { stationName: string | null; training: boolean }) {
  const [recoveryKey, setRecoveryKey] = useState('');
  const unlock = useAction((client, key: string) => client.station.unlock({ recoveryKey: key }), {
    stale: [keys.hello],
  });
  useScanTarget((text) => {
    setRecoveryKey(text);
    return true;
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (recoveryKey.trim()) unlock.run(recoveryKey.trim());
  };
  return (
    <Front
      title={`${stationName ?? 'This bench'} is locked`}
      lead="Its key is not on this machine, after a move or a lost keychain, say. Nothing is lost: the printed recovery key opens it."
      training={training}
    >
      <form className={classes.form} onSubmit={submit}>
        <Textarea
          label="Recovery key"
          description="Seven groups of five; capitals, spaces and dashes do not matter."
          value={recoveryKey}
          onChange={(event) => setRecoveryKey(event.currentTarget.value)}
          autosize
          minRows={2}
          autoFocus
          autoComplete="off"
          spellCheck={false}
          classNames={{ input: 'rb-mono' }}
        />
        <ErrorNotice failure={unlock.failure} />
        <Button type="submit" data-size="lg" loading={unlock.busy} disabled={!recoveryKey.trim()}>
          Open the bench
        </Button>
      </form>
    </Front>
  );
}
