import { Button, PasswordInput, Radio, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import type { Session } from '../../../shared/model/people.ts';
import { useAction, useHello } from '../../data/queries.ts';
import { benchPrefixRule, pinAgainRule, pinRule } from '../../ui/fieldRules.ts';
import forms from '../../ui/forms.module.css';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Front } from './Front.tsx';
import { suggestPrefix } from './prefix.ts';
import { RecoveryKey } from './RecoveryKey.tsx';
import classes from './signin.module.css';

interface Made {
  recoveryKey: string;
  session: Session;
}

const MODES = [
  {
    value: 'live',
    label: 'Live',
    description: 'Real units and customers’ cases. Virtual units are refused.',
  },
  {
    value: 'training',
    label: 'Training',
    description: 'For learning on the virtual rack: a stripe on every screen, no customer data.',
  },
] as const;

/** Names the bench and its first administrator; ends with the recovery key on paper. */
export function FirstStart() {
  const [made, setMade] = useState<Made | null>(null);
  const startedFor = useHello().data?.mode ?? 'live';
  const [prefixTouched, setPrefixTouched] = useState(false);
  const form = useForm({
    initialValues: {
      stationName: '',
      prefix: '',
      mode: startedFor,
      admin: '',
      pin: '',
      again: '',
    },
    validate: {
      stationName: (value) => (value.trim() ? null : 'Give the bench a name, “Bench 2” say.'),
      prefix: benchPrefixRule,
      admin: (value) => (value.trim() ? null : 'Who looks after this bench?'),
      pin: pinRule,
      again: pinAgainRule,
    },
  });
  const init = useAction(
    (client, values: typeof form.values) =>
      client.station.init({
        mode: values.mode,
        admin: { name: values.admin.trim(), pin: values.pin },
        settings: {
          stationName: values.stationName.trim(),
          benchPrefix: values.prefix,
          timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        },
      }),
    { onDone: setMade },
  );

  if (made)
    return (
      <RecoveryKey
        made={made}
        stationName={form.values.stationName.trim()}
        training={form.values.mode === 'training'}
      />
    );
  return (
    <Front title="Set up this bench" lead="Two minutes, once. Everything stays on this machine.">
      <form className={forms.form} onSubmit={form.onSubmit((values) => init.run(values))} noValidate>
        <section className={classes.group} aria-labelledby="set-up-bench">
          <h2 id="set-up-bench">The bench</h2>
          <div className={forms.pair}>
            <TextInput
              label="Name of the bench"
              placeholder="Bench 2"
              autoFocus
              {...form.getInputProps('stationName')}
              onChange={(event) => {
                const name = event.currentTarget.value;
                form.setFieldValue('stationName', name);
                if (!prefixTouched) form.setFieldValue('prefix', suggestPrefix(name));
              }}
            />
            <TextInput
              label="Prefix of case numbers"
              description={
                form.values.prefix
                  ? `Cases will be ${form.values.prefix}-1, ${form.values.prefix}-2 …`
                  : 'Unique in the lab.'
              }
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              placeholder="B2"
              classNames={{ input: 'rb-mono' }}
              {...form.getInputProps('prefix')}
              onChange={(event) => {
                setPrefixTouched(true);
                form.setFieldValue('prefix', event.currentTarget.value.toUpperCase());
              }}
            />
          </div>
          <Radio.Group
            label="What it is for"
            description="This cannot be changed later: a training bench never holds customer data."
            {...form.getInputProps('mode')}
          >
            <div className={classes.modes}>
              {MODES.map((mode) => (
                <Radio.Card key={mode.value} value={mode.value} className={classes.mode}>
                  <Radio.Indicator />
                  <span>
                    <span className={classes.modeName}>{mode.label}</span>
                    <span className="rb-dim">{mode.description}</span>
                  </span>
                </Radio.Card>
              ))}
            </div>
          </Radio.Group>
        </section>
        <section className={classes.group} aria-labelledby="set-up-admin">
          <h2 id="set-up-admin">The first administrator</h2>
          <TextInput label="Name" autoComplete="username" {...form.getInputProps('admin')} />
          <div className={forms.pair}>
            <PasswordInput label="PIN" autoComplete="new-password" {...form.getInputProps('pin')} />
            <PasswordInput label="PIN again" autoComplete="new-password" {...form.getInputProps('again')} />
          </div>
        </section>
        <ErrorNotice failure={init.failure} />
        <Button type="submit" data-size="lg" loading={init.busy}>
          Set up the bench
        </Button>
      </form>
    </Front>
  );
}
