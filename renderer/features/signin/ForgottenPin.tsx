import { Button, PasswordInput, Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useAction } from '../../data/queries.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { pinAgainRule, pinRule } from '../../ui/fieldRules.ts';
import forms from '../../ui/forms.module.css';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { RecoveryKeyField } from './RecoveryKeyField.tsx';
import classes from './signin.module.css';

/** What leads back in: for administrators the printed recovery key, for everybody else an administrator. */
export function ForgottenPin({
  administrators,
  name,
  onClose,
  onDone,
}: {
  administrators: readonly string[];
  /** Who is about to sign in, as far as known. */
  name: string;
  onClose: () => void;
  /** `name` has a new PIN. */
  onDone: (name: string) => void;
}) {
  const wanted = name.trim().toLowerCase();
  const form = useForm({
    initialValues: {
      name:
        administrators.find((each) => each.toLowerCase() === wanted) ??
        (administrators.length === 1 ? (administrators[0] ?? '') : ''),
      recoveryKey: '',
      pin: '',
      again: '',
    },
    validate: {
      name: (value) => (value ? null : 'Whose PIN is it?'),
      recoveryKey: (value) => (value.trim() ? null : 'The printed key lies in the safe.'),
      pin: pinRule,
      again: pinAgainRule,
    },
  });
  const reset = useAction(
    (client, values: typeof form.values) =>
      client.session.resetPin({
        name: values.name,
        recoveryKey: values.recoveryKey.trim(),
        pin: values.pin,
      }),
    { onDone: (_, values) => onDone(values.name) },
  );
  return (
    <Dialog title="Forgot the PIN?" size="lg" dirty={form.isDirty()} onClose={onClose}>
      <form className={forms.form} onSubmit={form.onSubmit((values) => reset.run(values))} noValidate>
        <p>An administrator sets you a new one under Settings › People.</p>
        <h3 className={classes.subheading}>For administrators</h3>
        <p className="rb-dim">With the printed recovery key an administrator sets a new PIN here.</p>
        <Select label="Administrator" data={administrators} {...form.getInputProps('name')} />
        <RecoveryKeyField
          value={form.values.recoveryKey}
          onChange={(value) => form.setFieldValue('recoveryKey', value)}
          error={form.errors.recoveryKey}
        />
        <div className={forms.pair}>
          <PasswordInput label="New PIN" autoComplete="new-password" {...form.getInputProps('pin')} />
          <PasswordInput label="New PIN again" autoComplete="new-password" {...form.getInputProps('again')} />
        </div>
        <ErrorNotice failure={reset.failure} />
        <Button type="submit" data-size="lg" loading={reset.busy}>
          Set the new PIN
        </Button>
      </form>
    </Dialog>
  );
}
