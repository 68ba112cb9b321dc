import { Button } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useState } from 'react';
import { Dialog } from './Dialog.tsx';
import forms from './forms.module.css';
import { ErrorNotice, type FailureWords } from './Notice.tsx';
import { useSettled } from './settled.ts';

/** Stops a run. A wipe is asked about first: what is erased stays erased, and nothing is certified. */
export function StopRun(props: {
  runId: string;
  /** Whether it is a wipe, or may be one. */
  wipe: boolean;
  busy: boolean;
  failure: FailureWords | null;
  onStop: (runId: string) => void;
}) {
  const [asking, setAsking] = useState(false);
  const settled = useSettled(props.runId);
  return (
    <>
      <div>
        <Button
          variant="default"
          loading={props.busy}
          aria-disabled={!settled || undefined}
          leftSection={<IconPlayerStop size={20} aria-hidden />}
          onClick={() => {
            if (!settled) return;
            if (props.wipe) setAsking(true);
            else props.onStop(props.runId);
          }}
        >
          Stop
        </Button>
      </div>
      {asking ? null : <ErrorNotice failure={props.failure} />}
      {asking ? (
        <Dialog title="Stop the wipe?" onClose={() => setAsking(false)}>
          <div className={forms.form}>
            <p>
              What is erased so far stays erased, nothing is certified, and the unit may not start. It can be
              wiped again from the beginning.
            </p>
            <ErrorNotice failure={props.failure} />
            <div className={forms.row}>
              <Button data-size="lg" data-autofocus onClick={() => setAsking(false)}>
                Let it go on
              </Button>
              <Button
                variant="danger"
                data-size="lg"
                loading={props.busy}
                onClick={() => {
                  props.onStop(props.runId);
                  setAsking(false);
                }}
              >
                Stop the wipe
              </Button>
            </div>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
