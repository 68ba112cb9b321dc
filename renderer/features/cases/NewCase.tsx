import { Button, SegmentedControl, Select, Textarea, TextInput, type TextInputProps } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconBarcode, IconCircleCheck } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { DATA_INSTRUCTIONS, PRIORITIES } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { useCaseAction, usePorts } from '../../data/queries.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import forms from '../../ui/forms.module.css';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { placeScan } from '../../ui/placeScan.ts';
import { useScanTarget } from '../../ui/scanTargets.tsx';
import { DATA_WORDS, unitName } from '../../ui/words.ts';
import { type Check, checkImei, checkSerial } from './identifierChecks.ts';
import classes from './NewCase.module.css';

type Arrival = 'here' | 'announced' | 'none';

const ARRIVALS = [
  { value: 'here', label: 'The unit is here' },
  { value: 'announced', label: 'It is on its way' },
  { value: 'none', label: 'Claim without a unit' },
];
const PRIORITY_WORDS = { P1: 'P1 · critical', P2: 'P2 · high', P3: 'P3 · normal' } as const;

/** Opens a case with whatever is known; every part may be missing. */
export function NewCase(props: { portId: string | null; identifier: string | null; onClose: () => void }) {
  const ports = usePorts().data;
  const port = ports?.find(({ id }) => id === props.portId) ?? null;
  if (props.portId !== null && ports === undefined) return null;
  return <NewCaseForm {...props} port={port} />;
}

function NewCaseForm({
  port,
  identifier,
  onClose,
}: {
  port: PortView | null;
  identifier: string | null;
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const scanned = identifier ? placeScan(identifier, { imei1: '', imei2: '' }) : null;
  const form = useForm({
    initialValues: {
      arrival: 'here' as Arrival,
      serial: '',
      imei1: '',
      imei2: '',
      meid: '',
      ...(scanned ? { [scanned.field]: scanned.value } : {}),
      model: '',
      fault: '',
      customer: '',
      contact: '',
      promisedOn: '',
      priority: 'P3' as (typeof PRIORITIES)[number],
      dataInstruction: 'wipe' as (typeof DATA_INSTRUCTIONS)[number],
    },
  });
  const { values } = form;
  const unit = port?.identity ?? null;

  useScanTarget((text) => {
    const place = values.arrival === 'none' ? null : placeScan(text, values);
    if (place) form.setFieldValue(place.field, place.value);
    return place !== null;
  });

  const open = useCaseAction(
    (client, done: typeof values) => {
      const label = {
        serial: done.serial.trim() || null,
        imei1: done.imei1.trim() || null,
        imei2: done.imei2.trim() || null,
        meid: done.meid.trim() || null,
        model: done.model.trim() || null,
      };
      return client.cases.open({
        ...(port && done.arrival === 'here' ? { portId: port.id } : {}),
        ...(Object.values(label).some((said) => said !== null) ? { label } : {}),
        withoutUnit: done.arrival === 'none',
        announced: done.arrival !== 'here',
        fields: {
          fault: done.fault.trim() || null,
          customer: done.customer.trim() || null,
          contact: done.contact.trim() || null,
          promisedOn: done.promisedOn || null,
          priority: done.priority,
          dataInstruction: done.dataInstruction,
        },
      });
    },
    // Going back leads to where the case was begun, not into this dialog again.
    (view) => void navigate({ to: '/cases/$caseId', params: { caseId: view.id }, replace: true }),
  );

  return (
    <Dialog title="New case" size="xl" dirty={form.isDirty()} onClose={onClose}>
      <form className={forms.form} onSubmit={form.onSubmit((done) => open.run(done))} noValidate>
        {port ? (
          <Notice tone="working" title={`${unitName(unit) ?? 'A unit'} on ${port.label}`}>
            <span className="rb-mono">
              {[unit?.serial, unit?.imei1, unit?.imei2].filter(Boolean).join(' · ') ||
                'It says no identifier.'}
            </span>
          </Notice>
        ) : (
          <SegmentedControl
            fullWidth
            data={ARRIVALS}
            aria-label="Where the unit is"
            {...form.getInputProps('arrival')}
          />
        )}
        {values.arrival === 'none' ? null : (
          <section className={classes.group} aria-labelledby="new-label">
            <h3 id="new-label">What the label says</h3>
            <div className={forms.pair}>
              <ScannedField
                label="Serial number"
                first
                {...form.getInputProps('serial')}
                {...said(checkSerial(values.serial, unit))}
              />
              <ScannedField
                label="IMEI"
                inputMode="numeric"
                {...form.getInputProps('imei1')}
                {...said(checkImei(values.imei1, unit))}
              />
              {values.imei2 ? (
                <ScannedField
                  label="Second IMEI"
                  inputMode="numeric"
                  {...form.getInputProps('imei2')}
                  {...said(checkImei(values.imei2, unit))}
                />
              ) : null}
              {values.meid ? <ScannedField label="MEID" {...form.getInputProps('meid')} /> : null}
            </div>
            {port ? null : <TextInput label="Model" {...form.getInputProps('model')} />}
          </section>
        )}
        <Textarea
          label="Fault"
          description="What the customer reports, with the exact steps and error codes."
          autosize
          minRows={2}
          maxRows={8}
          maxLength={4000}
          {...form.getInputProps('fault')}
        />
        <div className={forms.pair}>
          <TextInput label="Customer" maxLength={200} {...form.getInputProps('customer')} />
          <TextInput
            label="Contact"
            placeholder="Phone or e-mail"
            maxLength={400}
            {...form.getInputProps('contact')}
          />
          <TextInput type="date" label="Promised to the customer" {...form.getInputProps('promisedOn')} />
        </div>
        <div className={forms.pair}>
          <Select
            label="Priority"
            data={PRIORITIES.map((value) => ({ value, label: PRIORITY_WORDS[value] }))}
            {...form.getInputProps('priority')}
          />
          <Select
            label="Customer’s data"
            data={DATA_INSTRUCTIONS.map((value) => ({ value, label: DATA_WORDS[value].long }))}
            {...form.getInputProps('dataInstruction')}
          />
        </div>
        <ErrorNotice failure={open.failure} />
        <Button type="submit" data-size="lg" loading={open.busy}>
          Open the case
        </Button>
      </form>
    </Dialog>
  );
}

/** A field of the label: a scan fills it, a hand may. */
function ScannedField({ first, ...props }: TextInputProps & { first?: boolean }) {
  return (
    <TextInput
      leftSection={<IconBarcode size={20} aria-hidden />}
      classNames={{ input: 'rb-mono' }}
      spellCheck={false}
      data-scan="fill"
      data-autofocus={first}
      {...props}
    />
  );
}

/** A live check as the words under a field; a difference warns and does not forbid, the case records it. */
function said(check: Check | null) {
  if (!check) return {};
  if (!check.ok) return { error: check.text, errorProps: { role: 'status' as const } };
  return {
    description: (
      <span className={classes.good} data-tone="passed">
        <IconCircleCheck size={16} aria-hidden /> {check.text}
      </span>
    ),
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as const satisfies string[],
  };
}
