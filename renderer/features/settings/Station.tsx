import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useEffectEvent, useRef, useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { StationSettings } from '../../../shared/contract/station.ts';
import { can } from '../../data/can.ts';
import { asFailure } from '../../data/failures.ts';
import { keys } from '../../data/keys.ts';
import { useAction, useSettings } from '../../data/queries.ts';
import { useMe, useStation } from '../../data/station.tsx';
import { benchPrefixRule } from '../../ui/fieldRules.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';
import forms from '../../ui/forms.module.css';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Waiting } from '../../ui/Waiting.tsx';
import { Hub } from './Hub.tsx';
import { RecoveryKey } from './RecoveryKey.tsx';
import classes from './Settings.module.css';

/** Names, times, check-up, log and backup of this bench. */
export function Station() {
  const settings = useSettings();
  const me = useMe();
  const mayChange = can(me.role, contract.station.setSettings);
  return (
    <>
      <Panel title="This bench" aside={mayChange ? undefined : 'changed by administrators'}>
        {settings.error ? <ErrorNotice failure={asFailure(settings.error)} /> : null}
        {settings.data ? <StationForm settings={settings.data} mayChange={mayChange} /> : <Waiting />}
      </Panel>
      <Hub />
      <CheckUp />
      <LogCheck />
      {can(me.role, contract.station.newRecoveryKey) ? <RecoveryKey /> : null}
      {can(me.role, contract.station.backup) ? <Backup /> : null}
    </>
  );
}

type Values = Omit<StationSettings, 'productSafetyContact'> & { productSafetyContact: string };
const valuesOf = (settings: StationSettings): Values => ({
  ...settings,
  productSafetyContact: settings.productSafetyContact ?? '',
});

function StationForm({ settings, mayChange }: { settings: StationSettings; mayChange: boolean }) {
  const known = useRef(valuesOf(settings));
  const form = useForm({
    initialValues: known.current,
    validate: {
      stationName: (value) => (value.trim() ? null : 'The bench needs a name.'),
      benchPrefix: benchPrefixRule,
      sessionMinutes: (value) =>
        Number.isInteger(value) && value >= 5 && value <= 1440 ? null : 'Whole minutes, from 5 to 1440.',
    },
  });
  /** What was saved, here or elsewhere, is shown; what was typed meanwhile stays. */
  const show = useEffectEvent((next: Values) => {
    form.setValues({ ...next, ...changedFrom(known.current, form.getValues()) });
    form.resetDirty(next);
    known.current = next;
  });
  useEffect(() => show(valuesOf(settings)), [settings]);
  const save = useAction(
    (client, { productSafetyContact, ...values }: Partial<Values>) =>
      client.station.setSettings({
        ...values,
        ...(productSafetyContact === undefined
          ? {}
          : { productSafetyContact: productSafetyContact.trim() || null }),
      }),
    { stale: [keys.settings, keys.hello] },
  );
  return (
    <form
      className={forms.form}
      onSubmit={form.onSubmit((values) => save.run(changedFrom(known.current, values)))}
      noValidate
    >
      <div className={forms.pair}>
        <TextInput label="Name" disabled={!mayChange} {...form.getInputProps('stationName')} />
        <TextInput
          label="Prefix of case numbers"
          classNames={{ input: 'rb-mono' }}
          disabled={!mayChange}
          {...form.getInputProps('benchPrefix')}
          onChange={(event) => form.setFieldValue('benchPrefix', event.currentTarget.value.toUpperCase())}
        />
        <Select
          label="Time zone of the site"
          data={
            Intl.supportedValuesOf('timeZone').includes(settings.timeZone)
              ? Intl.supportedValuesOf('timeZone')
              : [settings.timeZone, ...Intl.supportedValuesOf('timeZone')]
          }
          searchable
          disabled={!mayChange}
          {...form.getInputProps('timeZone')}
        />
        <NumberInput
          label="Minutes without use until sign-out"
          min={5}
          max={1440}
          disabled={!mayChange}
          {...form.getInputProps('sessionMinutes')}
        />
      </div>
      <TextInput
        label="Product safety contact"
        description="Who is told within the hour after a safety stop."
        disabled={!mayChange}
        {...form.getInputProps('productSafetyContact')}
      />
      <ErrorNotice failure={save.failure} />
      {mayChange ? (
        <div className={forms.row}>
          <Button type="submit" loading={save.busy} disabled={!form.isDirty()}>
            Save
          </Button>
          {save.done && !form.isDirty() ? <span role="status">Saved.</span> : null}
        </div>
      ) : null}
    </form>
  );
}

/** The members that differ: only these are saved, so that two people can change two things at once. */
function changedFrom(before: Values, now: Values): Partial<Values> {
  const names = Object.keys(now) as (keyof Values)[];
  return Object.fromEntries(
    names.filter((name) => now[name] !== before[name]).map((name) => [name, now[name]]),
  );
}

function CheckUp() {
  const { client } = useStation();
  const doctor = useQuery({
    queryKey: keys.doctor,
    queryFn: ({ signal }) => client.station.doctor(undefined, { signal }),
    staleTime: 0,
  });
  return (
    <Panel
      title="Check-up"
      actions={
        <Button
          variant="default"
          data-size="compact"
          loading={doctor.isFetching}
          onClick={() => void doctor.refetch()}
        >
          Check again
        </Button>
      }
    >
      {doctor.error ? <ErrorNotice failure={asFailure(doctor.error)} /> : null}
      {doctor.data ? (
        <ul className={classes.list}>
          {doctor.data.checks.map((check) => (
            <li key={check.id} className={classes.check}>
              <span className={classes.checkIcon} data-tone={check.ok ? 'passed' : 'failed'}>
                {check.ok ? (
                  <IconCircleCheck size={24} role="img" aria-label="good" />
                ) : (
                  <IconCircleX size={24} role="img" aria-label="not good" />
                )}
              </span>
              <div>
                <p className={classes.name}>{check.title}</p>
                <p className="rb-dim">{check.detail}</p>
                {!check.ok && check.hint ? <p>{check.hint}</p> : null}
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <Waiting what="Checking" />
      )}
    </Panel>
  );
}

function LogCheck() {
  const verify = useAction((client, _input: null) => client.verify.log());
  return (
    <Panel title="Signed log">
      <p className="rb-dim">
        Everything that happened on this bench stands in one signed, chained log. Verifying reads it whole and
        checks every link.
      </p>
      <div>
        <Button variant="default" loading={verify.busy} onClick={() => verify.run(null)}>
          Verify the log
        </Button>
      </div>
      {verify.output ? (
        <Notice tone={verify.output.ok ? 'passed' : 'failed'} title={verify.output.summary} live>
          {formatCount(verify.output.checked)} entries checked.
          {verify.output.findings.map((finding) => (
            <p key={`${finding.where}${finding.code}`}>
              {finding.where}: {finding.detail}
            </p>
          ))}
        </Notice>
      ) : null}
      <ErrorNotice failure={verify.failure} />
    </Panel>
  );
}

function Backup() {
  const [path, setPath] = useState('');
  const backup = useAction((client, to: string) => client.station.backup({ path: to }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (path.trim()) backup.run(path.trim());
  };
  return (
    <Panel title="Backup">
      <form className={forms.form} onSubmit={submit}>
        <TextInput
          label="Path on this machine"
          description="A complete, encrypted copy of everything; the recovery key opens it."
          placeholder="/media/backup/bench-2"
          classNames={{ input: 'rb-mono' }}
          spellCheck={false}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
        />
        <ErrorNotice failure={backup.failure} />
        {backup.output ? (
          <Notice tone="passed" title={`Written to ${backup.output.path}`} live>
            {formatBytes(backup.output.bytes)}, {formatCount(backup.output.artifacts)} artifacts, SHA-256{' '}
            <span className="rb-mono">{backup.output.sha256.slice(0, 16)}…</span>
          </Notice>
        ) : null}
        <div>
          <Button type="submit" variant="default" loading={backup.busy} disabled={!path.trim()}>
            Back up now
          </Button>
        </div>
      </form>
    </Panel>
  );
}
