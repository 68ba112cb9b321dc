import { Button, Modal, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconBarcode, IconCircleCheck } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { DATA_INSTRUCTIONS, PRIORITIES } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { useCaseAction, usePorts } from '../../data/queries.ts';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { useScanTarget } from '../../ui/scanTargets.tsx';
import { DATA_WORDS, unitName } from '../../ui/words.ts';
import { type Check, checkImei, checkSerial, fieldFor } from './identifierChecks.ts';
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
  const scanned = identifier ? fieldFor(identifier) : null;
  const form = useForm({
    initialValues: {
      arrival: 'here' as Arrival,
      serial: scanned?.field === 'serial' ? scanned.value : '',
      imei1: scanned?.field === 'imei1' ? scanned.value : '',
      model: '',
      fault: '',
      customer: '',
      contact: '',
      priority: 'P3' as (typeof PRIORITIES)[number],
      dataInstruction: 'wipe' as (typeof DATA_INSTRUCTIONS)[number],
    },
  });
  const { values } = form;
  const unit = port?.identity ?? null;
  const checks = { serial: checkSerial(values.serial, unit), imei1: checkImei(values.imei1, unit) };

  useScanTarget((text) => {
    const found = fieldFor(text);
    if (found) form.setFieldValue(found.field, found.value);
    return found !== null;
  });

  const open = useCaseAction(
    (client, done: typeof values) => {
      const label = {
        serial: done.serial.trim() || null,
        imei1: done.imei1.trim() || null,
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
          priority: done.priority,
          dataInstruction: done.dataInstruction,
        },
      });
    },
    (view) => void navigate({ to: '/cases/$caseId', params: { caseId: view.id } }),
  );

  return (
    <Modal opened onClose={onClose} title="New case" size="xl">
      <form className={classes.form} onSubmit={form.onSubmit((done) => open.run(done))} noValidate>
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
            <div className={classes.pair}>
              <TextInput
                label="Serial number"
                leftSection={<IconBarcode size={20} aria-hidden />}
                classNames={{ input: 'rb-mono' }}
                spellCheck={false}
                data-scan="fill"
                data-autofocus
                {...form.getInputProps('serial')}
                {...said(checks.serial)}
              />
              <TextInput
                label="IMEI"
                leftSection={<IconBarcode size={20} aria-hidden />}
                classNames={{ input: 'rb-mono' }}
                spellCheck={false}
                data-scan="fill"
                inputMode="numeric"
                {...form.getInputProps('imei1')}
                {...said(checks.imei1)}
              />
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
          {...form.getInputProps('fault')}
        />
        <div className={classes.pair}>
          <TextInput label="Customer" {...form.getInputProps('customer')} />
          <TextInput
            label="Contact"
            description=""
            placeholder="Phone or e-mail"
            {...form.getInputProps('contact')}
          />
        </div>
        <div className={classes.pair}>
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
    </Modal>
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
