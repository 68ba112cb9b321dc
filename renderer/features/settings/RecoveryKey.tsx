import { Button, PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useAction, useHello } from '../../data/queries.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { pinRule } from '../../ui/fieldRules.ts';
import forms from '../../ui/forms.module.css';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RecoveryKeyPaper } from '../../ui/RecoveryKeyPaper.tsx';

/** Another printed key, where the one in the safe was lost or seen. */
export function RecoveryKey() {
  const [making, setMaking] = useState(false);
  const [kept, setKept] = useState(false);
  return (
    <Panel title="Recovery key">
      <p className="rb-dim">
        When this machine or its keychain is lost, the printed key alone opens the data again. Make a new one
        when it was lost, or seen by somebody who should not.
      </p>
      <div>
        <Button
          variant="default"
          onClick={() => {
            setKept(false);
            setMaking(true);
          }}
        >
          Make a new one
        </Button>
      </div>
      {kept ? (
        <Notice tone="passed" title="The new recovery key is on paper." live>
          Back the bench up anew, then destroy the old paper: backups made before still open with it.
        </Notice>
      ) : null}
      {making ? (
        <NewKey
          onClose={() => setMaking(false)}
          onKept={() => {
            setMaking(false);
            setKept(true);
          }}
        />
      ) : null}
    </Panel>
  );
}

function NewKey({ onClose, onKept }: { onClose: () => void; onKept: () => void }) {
  const hello = useHello().data;
  const form = useForm({ initialValues: { pin: '' }, validate: { pin: pinRule } });
  const make = useAction((client, { pin }: { pin: string }) => client.station.newRecoveryKey({ pin }), {
    onDone: () => form.reset(),
  });
  if (make.output) {
    return (
      <Dialog title="Print the recovery key" size="lg" onClose={null}>
        <RecoveryKeyPaper
          recoveryKey={make.output.recoveryKey}
          stationName={hello?.stationName ?? 'this bench'}
          training={hello?.mode === 'training'}
          onKept={onKept}
        />
      </Dialog>
    );
  }
  return (
    // A key that is being made is shown to nobody else: it must not be made behind a closed dialog.
    <Dialog title="Make a new recovery key" dirty={false} onClose={make.busy ? null : onClose}>
      <form className={forms.form} onSubmit={form.onSubmit((values) => make.run(values))} noValidate>
        <p>
          It is shown once: have the printer ready, or pen and paper. The old one then opens this bench no
          more.
        </p>
        <PasswordInput
          label="Your PIN"
          description="So that an open window alone is not enough."
          autoComplete="current-password"
          data-autofocus
          {...form.getInputProps('pin')}
        />
        <ErrorNotice failure={make.failure}>
          {make.failure?.code === 'offline' ? (
            <p>The old key may open nothing any more: make a new one in any case.</p>
          ) : null}
        </ErrorNotice>
        <Button type="submit" data-size="lg" loading={make.busy}>
          Make the key
        </Button>
      </form>
    </Dialog>
  );
}
