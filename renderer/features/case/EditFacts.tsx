import { Button, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import {
  type CaseFields,
  type CaseView,
  DATA_INSTRUCTIONS,
  PRIORITIES,
} from '../../../shared/model/cases.ts';
import { useCaseAction, usePeople } from '../../data/queries.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import forms from '../../ui/forms.module.css';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { DATA_WORDS } from '../../ui/words.ts';
import { type ChangedMeanwhile, changedFields, changedMeanwhile } from './changedFields.ts';
import { FACT_WORDS, factText } from './factWords.ts';

/**
 * Changes the facts. The form's values date from when it was opened, so changes are told against that; what somebody
 * else wrote since is shown, and kept unless the person says otherwise. Mount it only while it is open.
 */
export function EditFacts({ view, onClose }: { view: CaseView; onClose: () => void }) {
  const people = usePeople().data ?? [];
  const [opened] = useState(view.fields);
  /** Clashes in which the person's own value counts, with the other value as they saw it. */
  const [mineCounts, setMineCounts] = useState<Partial<Record<keyof CaseFields, string>>>({});
  const form = useForm({
    initialValues: {
      fault: opened.fault ?? '',
      customer: opened.customer ?? '',
      contact: opened.contact ?? '',
      contract: opened.contract ?? '',
      priority: opened.priority,
      promisedOn: opened.promisedOn ?? '',
      purchasedOn: opened.purchasedOn ?? '',
      assigneeId: opened.assigneeId ?? '',
      custodian: opened.custodian ?? '',
      place: opened.place ?? '',
      accessories: opened.accessories,
      condition: opened.condition ?? '',
      dataInstruction: opened.dataInstruction,
    },
  });
  const edit = useCaseAction(
    // The newest version is what was looked at: what it changed stands below.
    (client, changed: Partial<CaseFields>) =>
      client.cases.edit({ id: view.id, seen: view.version, fields: changed }),
    onClose,
  );
  const mine = changedFields(opened, form.values);
  const meanwhile = changedMeanwhile(opened, view.fields, mine);
  const nameOf = (id: string) => people.find((person) => person.id === id)?.name ?? id;
  const isOpen = ({ field, now, clash }: ChangedMeanwhile) =>
    clash && mineCounts[field] !== factText(field, now, nameOf);
  const save = () => {
    if (meanwhile.some(isOpen)) return;
    if (Object.keys(mine).length === 0) onClose();
    else edit.run(mine);
  };
  const take = ({ field }: ChangedMeanwhile) => {
    // Back to what it was when opened: then it is not sent, and the other value stays.
    if (field in form.values) form.setFieldValue(field, (opened[field] ?? '') as never);
  };
  return (
    <Dialog title={`Facts of ${view.number}`} size="xl" dirty={form.isDirty()} onClose={onClose}>
      <form className={forms.form} onSubmit={form.onSubmit(save)} noValidate>
        <Textarea
          label="Fault"
          autosize
          minRows={2}
          maxRows={8}
          maxLength={4000}
          data-autofocus
          {...form.getInputProps('fault')}
        />
        <div className={forms.pair}>
          <TextInput label="Customer" maxLength={200} {...form.getInputProps('customer')} />
          <TextInput label="Contact" maxLength={400} {...form.getInputProps('contact')} />
          <TextInput label="Contract" maxLength={200} {...form.getInputProps('contract')} />
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
          <TextInput label="Who has it" maxLength={200} {...form.getInputProps('custodian')} />
          <TextInput label="Place" maxLength={200} {...form.getInputProps('place')} />
        </div>
        <TagsInput
          label="Accessories"
          description="Enter after each one."
          maxTags={50}
          maxLength={100}
          {...form.getInputProps('accessories')}
        />
        <Textarea
          label="Condition"
          autosize
          minRows={2}
          maxLength={2000}
          {...form.getInputProps('condition')}
        />
        {meanwhile.map((change) => (
          <Notice
            key={change.field}
            tone={isOpen(change) ? 'needs' : 'working'}
            live
            title={`${FACT_WORDS[change.field]}: somebody wrote “${factText(change.field, change.now, nameOf)}” meanwhile.`}
          >
            {isOpen(change) ? (
              <div className={forms.row}>
                <Button variant="default" data-size="compact" onClick={() => take(change)}>
                  Take theirs
                </Button>
                <Button
                  variant="default"
                  data-size="compact"
                  onClick={() =>
                    setMineCounts((before) => ({
                      ...before,
                      [change.field]: factText(change.field, change.now, nameOf),
                    }))
                  }
                >
                  Keep mine
                </Button>
              </div>
            ) : change.clash ? (
              'Yours takes its place when you save.'
            ) : (
              'It stays as they wrote it.'
            )}
          </Notice>
        ))}
        <ErrorNotice failure={edit.failure} />
        <Button type="submit" data-size="lg" loading={edit.busy} disabled={meanwhile.some(isOpen)}>
          Save
        </Button>
      </form>
    </Dialog>
  );
}
