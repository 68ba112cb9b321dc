import { Button, TextInput } from '@mantine/core';
import { IconBarcode } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { Identifiers } from '../../shared/identity/index.ts';
import classes from './ConfirmWithDigits.module.css';
import { confirmationOf } from './confirm.ts';
import { useScanTarget } from './scanTargets.tsx';

/**
 * Guards a destructive act: the unit's own label is scanned, or the last four of the identifier are typed.
 * The station checks it again; here it only keeps a hand from slipping.
 */
export function ConfirmWithDigits(props: {
  /** From which identifier: what the person looks for on the unit. */
  from: 'imei' | 'serial';
  /** What the unit says, so that any of its labels can be scanned. */
  unit: Identifiers | null;
  busy: boolean;
  action: string;
  onConfirm: (confirm: string) => void;
}) {
  const [typed, setTyped] = useState('');
  const confirm = confirmationOf(typed, props.unit);
  const what = props.from === 'imei' ? 'IMEI' : 'serial number';
  useScanTarget((text) => {
    setTyped(text);
    return true;
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (confirm && !props.busy) props.onConfirm(confirm);
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <TextInput
        label={`Scan the label on this unit, or type the last four of its ${what}`}
        description="This is the step that keeps the wrong unit from being erased. Look at the unit, not at the screen."
        leftSection={<IconBarcode size={22} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        className={classes.input}
        autoComplete="off"
        spellCheck={false}
        data-scan="fill"
        data-autofocus
      />
      <Button type="submit" variant="danger" data-size="lg" disabled={!confirm} loading={props.busy}>
        {props.action}
      </Button>
    </form>
  );
}
