import { Button, PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useAction } from '../../data/queries.ts';
import { pinAgainRule, pinRule } from '../../ui/fieldRules.ts';
import forms from '../../ui/forms.module.css';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';

/** A person's own PIN. */
export function MyPin() {
  const form = useForm({
    initialValues: { current: '', pin: '', again: '' },
    validate: {
      current: (value) => (value ? null : 'The PIN you use now.'),
      pin: pinRule,
      again: pinAgainRule,
    },
  });
  const set = useAction(
    (client, values: typeof form.values) =>
      client.session.setMyPin({ current: values.current, next: values.pin }),
    { onDone: () => form.reset() },
  );
  return (
    <Panel title="My PIN">
      <form className={forms.form} onSubmit={form.onSubmit((values) => set.run(values))} noValidate>
        <PasswordInput
          label="PIN until now"
          autoComplete="current-password"
          {...form.getInputProps('current')}
        />
        <div className={forms.pair}>
          <PasswordInput label="New PIN" autoComplete="new-password" {...form.getInputProps('pin')} />
          <PasswordInput label="New PIN again" autoComplete="new-password" {...form.getInputProps('again')} />
        </div>
        <ErrorNotice failure={set.failure} />
        {set.done ? <Notice tone="passed" title="Your PIN is changed." live /> : null}
        <div>
          <Button type="submit" loading={set.busy}>
            Change my PIN
          </Button>
        </div>
      </form>
    </Panel>
  );
}
