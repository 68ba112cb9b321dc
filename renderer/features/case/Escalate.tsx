import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { CaseView } from '../../../shared/model/cases.ts';
import { useCaseAction } from '../../data/queries.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import forms from '../../ui/forms.module.css';
import { ErrorNotice } from '../../ui/Notice.tsx';

/** Hands the case to a higher tier, with everything the next person needs. Mount it only while it is open. */
export function EscalateDialog({ view, onClose }: { view: CaseView; onClose: () => void }) {
  const form = useForm({
    initialValues: {
      tier: view.tier === 'L1' ? ('L2' as 'L2' | 'L3') : ('L3' as const),
      reason: '',
      summary: '',
    },
    validate: {
      reason: (value) => (value.trim() ? null : 'Why does it need a higher tier?'),
      summary: (value) => (value.trim() ? null : 'What was done and found so far?'),
    },
  });
  const escalate = useCaseAction(
    (client, values: { tier: 'L2' | 'L3'; reason: string; summary: string }) =>
      client.cases.escalate({ id: view.id, ...values }),
    onClose,
  );
  return (
    <Dialog title="Escalate" size="lg" dirty={form.isDirty()} onClose={onClose}>
      <form className={forms.form} onSubmit={form.onSubmit((values) => escalate.run(values))} noValidate>
        <SegmentedControl
          fullWidth
          aria-label="Tier"
          data={[
            { value: 'L2', label: 'L2 · in-depth diagnostics', disabled: view.tier !== 'L1' },
            { value: 'L3', label: 'L3 · hardware lab' },
          ]}
          {...form.getInputProps('tier')}
        />
        <Textarea
          label="Reason"
          autosize
          minRows={2}
          maxLength={2000}
          data-autofocus
          {...form.getInputProps('reason')}
        />
        <Textarea
          label="Handover"
          description="What was done and found, what to look at first."
          autosize
          minRows={3}
          maxLength={4000}
          {...form.getInputProps('summary')}
        />
        <ErrorNotice failure={escalate.failure} />
        <Button type="submit" data-size="lg" loading={escalate.busy}>
          Escalate
        </Button>
      </form>
    </Dialog>
  );
}
