import { Button } from '@mantine/core';
import type { PortView } from '../../shared/model/ports.ts';
import { Dialog } from './Dialog.tsx';
import forms from './forms.module.css';
import { ErrorNotice, type FailureWords } from './Notice.tsx';
import { PortForm, type PortFormValues } from './PortForm.tsx';

/** What a change of a port says; the stored password stays unless another was typed. */
export interface PortChange extends Omit<PortFormValues, 'address' | 'password'> {
  id: string;
  password?: string | null;
}

/** Changes name, family, line and login of a remembered port. Mount it only while it is open. */
export function EditPortDialog(props: {
  port: PortView;
  busy: boolean;
  failure: FailureWords | null;
  onSave: (change: PortChange) => void;
  onClose: () => void;
}) {
  const { port } = props;
  const save = ({ address, password, label, ...values }: PortFormValues) =>
    props.onSave({
      ...values,
      id: port.id,
      label: label || address.slice(-60),
      ...(password === undefined ? {} : { password }),
    });
  return (
    <Dialog title={`Settings of ${port.label}`} size="lg" onClose={props.onClose}>
      <PortForm initial={port} busy={props.busy} failure={props.failure} submitLabel="Save" onSubmit={save} />
    </Dialog>
  );
}

/** Asks before a port is forgotten. Mount it only while it is open. */
export function ForgetPortDialog(props: {
  port: PortView;
  busy: boolean;
  failure: FailureWords | null;
  onForget: (id: string) => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={`Forget ${props.port.label}?`} onClose={props.onClose}>
      <div className={forms.form}>
        <p>
          Its name, speed and login are forgotten. The unit, its case and its runs stay. Plugged in again, it
          shows up as a new port.
        </p>
        <ErrorNotice failure={props.failure} />
        <Button
          variant="danger"
          data-size="lg"
          loading={props.busy}
          onClick={() => props.onForget(props.port.id)}
        >
          Forget this port
        </Button>
      </div>
    </Dialog>
  );
}
