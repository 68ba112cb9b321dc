import { Button, Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import classes from './Dialog.module.css';
import { useScanTarget } from './scanTargets.tsx';

/**
 * Every dialog of the page. A tap beside it does not close it, and once something was typed, closing asks first;
 * so does a scan that would lead elsewhere. Mount it only while it is open, so that nothing outlives it.
 */
export function Dialog(props: {
  title: ReactNode;
  size?: 'md' | 'lg' | 'xl';
  /** Whether something would be lost; without it, whether anything was typed or ticked here. */
  dirty?: boolean | undefined;
  /** Null: only what is in it closes it. */
  onClose: (() => void) | null;
  children: ReactNode;
}) {
  const [touched, setTouched] = useState(false);
  const [asking, setAsking] = useState(false);
  const dirty = props.dirty ?? touched;
  const closes = props.onClose !== null;
  const close = () => {
    if (asking) setAsking(false);
    else if (dirty) setAsking(true);
    else props.onClose?.();
  };
  useScanTarget(() => {
    if (!closes) return true;
    if (dirty) setAsking(true);
    return dirty;
  }, 'dialog');
  return (
    <Modal
      opened
      onClose={close}
      title={props.title}
      size={props.size ?? 'md'}
      withCloseButton={closes}
      closeOnEscape={closes}
    >
      <div onInput={() => setTouched(true)}>{props.children}</div>
      {asking && dirty && props.onClose ? (
        <div className={classes.ask} data-tone="needs" role="alertdialog" aria-label="Close without saving?">
          <p className={classes.question}>Close without saving? What you entered here is lost.</p>
          <Button variant="default" autoFocus onClick={() => setAsking(false)}>
            Keep it open
          </Button>
          <Button variant="danger-quiet" onClick={props.onClose}>
            Close and lose it
          </Button>
        </div>
      ) : null}
    </Modal>
  );
}
