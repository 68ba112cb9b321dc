import { Button, PasswordInput, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { fieldTitle } from '../../../shared/identity/index.ts';
import type { CaseView, IdentityConflict } from '../../../shared/model/cases.ts';
import type { LabelIdentity } from '../../../shared/model/units.ts';
import { useCaseAction, usePeople } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import forms from '../../ui/forms.module.css';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { placeScan } from '../../ui/placeScan.ts';
import { ReasonDialog } from '../../ui/ReasonDialog.tsx';
import { useScanTarget } from '../../ui/scanTargets.tsx';

/** What the label says, scanned or typed. `swap`: the label's IMEI belongs to the unit's other slot. */
export function LabelDialog({ view, swap, onClose }: { view: CaseView; swap: boolean; onClose: () => void }) {
  const label = view.unit?.label;
  const form = useForm({
    initialValues: {
      serial: label?.serial ?? '',
      imei1: (swap ? label?.imei2 : label?.imei1) ?? '',
      imei2: (swap ? label?.imei1 : label?.imei2) ?? '',
      meid: label?.meid ?? '',
      maker: label?.maker ?? '',
      model: label?.model ?? '',
    },
  });
  const save = useCaseAction((client, values: typeof form.values) => {
    const said = Object.fromEntries(
      Object.entries(values).map(([field, text]) => [field, text.trim() || null]),
    );
    return client.cases.label({ id: view.id, label: said as LabelIdentity });
  }, onClose);
  useScanTarget((text) => {
    const place = placeScan(text, form.values);
    if (place) form.setFieldValue(place.field, place.value);
    return place !== null;
  });
  const numbers = [
    { field: 'serial', label: 'Serial number' },
    { field: 'meid', label: 'MEID' },
    { field: 'imei1', label: 'IMEI 1' },
    { field: 'imei2', label: 'IMEI 2' },
  ] as const;
  return (
    <Dialog title="What the label says" size="lg" dirty={swap ? undefined : form.isDirty()} onClose={onClose}>
      <form className={forms.form} onSubmit={form.onSubmit((values) => save.run(values))}>
        <p className="rb-dim">Scan the barcodes on the label, in any order, or type them.</p>
        <div className={forms.pair}>
          {numbers.map((each) => (
            <TextInput
              key={each.field}
              label={each.label}
              classNames={{ input: 'rb-mono' }}
              spellCheck={false}
              data-autofocus={each.field === 'serial' || undefined}
              data-scan="fill"
              {...form.getInputProps(each.field)}
            />
          ))}
          <TextInput label="Maker" {...form.getInputProps('maker')} />
          <TextInput label="Model" {...form.getInputProps('model')} />
        </div>
        <ErrorNotice failure={save.failure} />
        <Button type="submit" data-size="lg" loading={save.busy}>
          Save
        </Button>
      </form>
    </Dialog>
  );
}

/** The unit was taken for this case's by mistake: it is taken off, with what was done on it. */
export function WrongUnitDialog({ view, onClose }: { view: CaseView; onClose: () => void }) {
  const take = useCaseAction(
    (client, reason: string) => client.cases.wrongUnit({ id: view.id, reason }),
    onClose,
  );
  return (
    <ReasonDialog
      title="That is the wrong unit"
      text="The unit is taken off this case, and what was run on it stays with the unit. The case waits for its own."
      label="How it came to this case"
      submitLabel="Take the unit off"
      busy={take.busy}
      failure={take.failure}
      onSubmit={take.run}
      onClose={onClose}
    />
  );
}

/** A board swap: old and new identifier, the part, the reason, and a second person who signs. */
export function ChangeDialog({
  view,
  conflict,
  onClose,
}: {
  view: CaseView;
  conflict: IdentityConflict;
  onClose: () => void;
}) {
  const me = useMe();
  const people = usePeople().data ?? [];
  const form = useForm({
    initialValues: {
      to: conflict.unitSays ?? conflict.labelSays ?? '',
      reason: '',
      partSerial: '',
      witness: '',
      pin: '',
    },
    validate: {
      to: (value) => (value.trim() ? null : 'The identifier that counts from now on.'),
      reason: (value) => (value.trim() ? null : 'Why did the identity change?'),
      witness: (value) => (value ? null : 'Who signs beside you?'),
      pin: (value) => (value.length >= 4 ? null : 'The PIN of the second person.'),
    },
  });
  const change = useCaseAction(
    (client, values: typeof form.values) =>
      client.cases.identityChange({
        id: view.id,
        field: conflict.field,
        to: values.to.trim(),
        reason: values.reason.trim(),
        partSerial: values.partSerial.trim() || null,
        witness: { name: values.witness, pin: values.pin },
      }),
    onClose,
  );
  const title = fieldTitle(conflict.field);
  return (
    <Dialog title="Record a board swap" size="lg" dirty={form.isDirty()} onClose={onClose}>
      <form className={forms.form} onSubmit={form.onSubmit((values) => change.run(values))} noValidate>
        <p className="rb-dim">
          The case’s {title} becomes another one, because the part that carries it was replaced. Both stay in
          the history; two people sign.
        </p>
        <div className={forms.pair}>
          <TextInput
            label={`Until now: ${title}`}
            value={conflict.caseSays ?? 'none'}
            readOnly
            classNames={{ input: 'rb-mono' }}
          />
          <TextInput
            label={`From now on: ${title}`}
            classNames={{ input: 'rb-mono' }}
            maxLength={40}
            data-autofocus
            {...form.getInputProps('to')}
          />
        </div>
        <TextInput
          label="Serial number of the new part"
          classNames={{ input: 'rb-mono' }}
          maxLength={100}
          data-scan="fill"
          {...form.getInputProps('partSerial')}
        />
        <Textarea label="Reason" autosize minRows={2} maxLength={2000} {...form.getInputProps('reason')} />
        <div className={forms.pair}>
          <Select
            label="Second person"
            data={people.filter((person) => person.active && person.id !== me.id).map(({ name }) => name)}
            searchable
            {...form.getInputProps('witness')}
          />
          <PasswordInput label="Their PIN" autoComplete="off" {...form.getInputProps('pin')} />
        </div>
        <ErrorNotice failure={change.failure} />
        <Button type="submit" data-size="lg" loading={change.busy}>
          Record the change
        </Button>
      </form>
    </Dialog>
  );
}
