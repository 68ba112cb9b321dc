import { Button, Modal, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type CaseFields,
  type CaseView,
  DATA_INSTRUCTIONS,
  PRIORITIES,
} from '../../../shared/model/cases.ts';
import { useCaseAction, usePeople } from '../../data/queries.ts';
import { formatDay } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { When } from '../../ui/time.tsx';
import { DATA_WORDS } from '../../ui/words.ts';
import { changedFields } from './changedFields.ts';
import forms from './forms.module.css';

/** What people wrote down about the case. */
export function Facts({ view, doing }: { view: CaseView; doing: boolean }) {
  const [editing, setEditing] = useState(false);
  const { fields } = view;
  const facts: [string, string | null][] = [
    ['Fault', fields.fault],
    ['Customer', fields.customer],
    ['Contact', fields.contact],
    ['Contract', fields.contract],
    ['Priority', `${fields.priority}, ${fields.tier}`],
    ['Promised', fields.promisedOn && formatDay(fields.promisedOn)],
    ['Bought', fields.purchasedOn && formatDay(fields.purchasedOn)],
    ['Assignee', view.assignee],
    ['Who has it', [fields.custodian, fields.place].filter(Boolean).join(', ') || null],
    ['Accessories', fields.accessories.join(', ') || null],
    ['Condition', fields.condition],
  ];
  return (
    <Panel
      title="Facts"
      actions={
        doing ? (
          <Button
            variant="default"
            data-size="compact"
            leftSection={<IconPencil size={20} aria-hidden />}
            onClick={() => setEditing(true)}
          >
            Edit
          </Button>
        ) : null
      }
    >
      <dl className={forms.facts}>
        {facts
          .filter(([, value]) => value)
          .map(([title, value]) => (
            <div key={title} style={{ display: 'contents' }}>
              <dt>{title}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        <dt>Opened</dt>
        <dd>
          <When at={view.openedAt} /> · policy {view.policyVersion}
        </dd>
      </dl>
      {editing ? <EditFacts view={view} onClose={() => setEditing(false)} /> : null}
    </Panel>
  );
}

function EditFacts({ view, onClose }: { view: CaseView; onClose: () => void }) {
  const people = usePeople().data ?? [];
  const { fields } = view;
  const form = useForm({
    initialValues: {
      fault: fields.fault ?? '',
      customer: fields.customer ?? '',
      contact: fields.contact ?? '',
      contract: fields.contract ?? '',
      priority: fields.priority,
      promisedOn: fields.promisedOn ?? '',
      purchasedOn: fields.purchasedOn ?? '',
      assigneeId: fields.assigneeId ?? '',
      custodian: fields.custodian ?? '',
      place: fields.place ?? '',
      accessories: fields.accessories,
      condition: fields.condition ?? '',
      dataInstruction: fields.dataInstruction,
    },
  });
  const edit = useCaseAction(
    (client, changed: Partial<CaseFields>) =>
      client.cases.edit({ id: view.id, seen: view.version, fields: changed }),
    onClose,
  );
  const save = (values: typeof form.values) => {
    const changed = changedFields(fields, values);
    if (Object.keys(changed).length === 0) onClose();
    else edit.run(changed);
  };
  return (
    <Modal opened onClose={onClose} title={`Facts of ${view.number}`} size="xl">
      <form className={forms.form} onSubmit={form.onSubmit(save)} noValidate>
        <Textarea
          label="Fault"
          autosize
          minRows={2}
          maxRows={8}
          data-autofocus
          {...form.getInputProps('fault')}
        />
        <div className={forms.pair}>
          <TextInput label="Customer" {...form.getInputProps('customer')} />
          <TextInput label="Contact" {...form.getInputProps('contact')} />
          <TextInput label="Contract" {...form.getInputProps('contract')} />
          <Select label="Priority" data={[...PRIORITIES]} {...form.getInputProps('priority')} />
          <TextInput type="date" label="Promised to the customer" {...form.getInputProps('promisedOn')} />
          <TextInput type="date" label="Bought" {...form.getInputProps('purchasedOn')} />
          <Select
            label="Assignee"
            data={[
              { value: '', label: 'Nobody' },
              ...people.filter(({ active }) => active).map(({ id, name }) => ({ value: id, label: name })),
            ]}
            {...form.getInputProps('assigneeId')}
          />
          <Select
            label="Customer’s data"
            data={DATA_INSTRUCTIONS.map((value) => ({ value, label: DATA_WORDS[value].long }))}
            {...form.getInputProps('dataInstruction')}
          />
          <TextInput label="Who has it" {...form.getInputProps('custodian')} />
          <TextInput label="Place" {...form.getInputProps('place')} />
        </div>
        <TagsInput
          label="Accessories"
          description="Enter after each one."
          maxTags={50}
          {...form.getInputProps('accessories')}
        />
        <Textarea label="Condition" autosize minRows={2} {...form.getInputProps('condition')} />
        <ErrorNotice failure={edit.failure} />
        <Button type="submit" data-size="lg" loading={edit.busy}>
          Save
        </Button>
      </form>
    </Modal>
  );
}
