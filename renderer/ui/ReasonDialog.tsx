import { Button, Textarea } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Dialog } from './Dialog.tsx';
import forms from './forms.module.css';
import { ErrorNotice, type FailureWords } from './Notice.tsx';

/** Asks why, before something is done. Mount it only while it is open: a reason belongs to one act. */
export function ReasonDialog(props: {
  title: string;
  /** What will happen, above the field. */
  text?: ReactNode;
  label?: string;
  description?: string;
  /** In characters, as the call takes it. */
  maxLength?: number;
  /** Nothing need be said. */
  optional?: boolean;
  danger?: boolean;
  submitLabel: string;
  busy: boolean;
  failure: FailureWords | null;
  onSubmit: (reason: string) => void;
  onClose: () => void;
}) {
  const [reason, setReason] = useState('');
  const ready = props.optional === true || reason.trim() !== '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !props.busy) props.onSubmit(reason.trim());
  };
  return (
    <Dialog title={props.title} dirty={reason.trim() !== ''} onClose={props.onClose}>
      <form className={forms.form} onSubmit={submit}>
        {props.text ? <div>{props.text}</div> : null}
        <Textarea
          label={props.label ?? 'Reason'}
          description={props.description}
          autosize
          minRows={3}
          maxRows={10}
          maxLength={props.maxLength ?? 2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <ErrorNotice failure={props.failure} />
        <Button
          type="submit"
          variant={props.danger ? 'danger' : 'filled'}
          data-size="lg"
          loading={props.busy}
          disabled={!ready}
        >
          {props.submitLabel}
        </Button>
      </form>
    </Dialog>
  );
}
