import { Button, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertOctagon } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { CaseView } from '../../../shared/model/cases.ts';
import { can } from '../../data/can.ts';
import { useCaseAction, useSettings } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import forms from '../../ui/forms.module.css';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { ReasonDialog } from '../../ui/ReasonDialog.tsx';
import { useNow, When } from '../../ui/time.tsx';
import { countdown } from './clocks.ts';
import classes from './Safety.module.css';

const SEEN = ['Swollen battery', 'Heat', 'Smoke or smell', 'Leaking'];

/** Stops everything on this unit: one reason, one press. Mount it only while it is open. */
export function SafetyStopDialog({ view, onClose }: { view: CaseView; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const stop = useCaseAction(
    (client, why: string) => client.cases.safetyStop({ id: view.id, reason: why }),
    onClose,
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim()) stop.run(reason.trim());
  };
  return (
    <Dialog title="Safety stop" size="lg" dirty={false} onClose={onClose}>
      <form className={forms.form} onSubmit={submit}>
        <p>
          Unplug the unit if that is safe, and keep away from it. Every further step is blocked, and product
          safety must be told within the hour.
        </p>
        <div className={classes.seen}>
          {SEEN.map((what) => (
            <Button
              key={what}
              variant={reason === what ? 'filled' : 'default'}
              data-size="lg"
              aria-pressed={reason === what}
              onClick={() => setReason(what)}
            >
              {what}
            </Button>
          ))}
        </div>
        <Textarea
          label="What is seen"
          autosize
          minRows={2}
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ErrorNotice failure={stop.failure} />
        <Button
          type="submit"
          variant="danger"
          data-size="lg"
          loading={stop.busy}
          disabled={!reason.trim()}
          leftSection={<IconAlertOctagon size={24} aria-hidden />}
        >
          Stop everything on this unit
        </Button>
      </form>
    </Dialog>
  );
}

/** The standing stop: since when, who must be told until when, and how it ends. */
export function SafetyPanel({ view }: { view: CaseView }) {
  const me = useMe();
  const now = useNow();
  const contact = useSettings().data?.productSafetyContact ?? null;
  const [dialog, setDialog] = useState<'report' | 'release' | null>(null);
  const safety = view.safety ?? view.unit?.blocked ?? null;
  if (!safety) return null;
  const due = countdown(safety.reportDueAt, now);
  return (
    <section className={classes.panel} aria-label="Safety stop" data-tone="failed">
      <IconAlertOctagon size={40} aria-hidden className={classes.icon} />
      <div className={classes.body}>
        <h2 className={classes.title}>Safety stop: {safety.reason}</h2>
        <p>
          By {safety.by}, <When at={safety.since} />. No further step on this unit.{' '}
          {safety.reportedAt ? (
            <>
              Product safety was told <When at={safety.reportedAt} />.
            </>
          ) : (
            <strong>
              Product safety must be told {due.past ? `(${due.text})` : due.text}
              {contact ? `: ${contact}` : ''}.
            </strong>
          )}
        </p>
        <div className={forms.row}>
          {!safety.reportedAt && can(me.role, contract.cases.safetyReported) ? (
            <Button variant="danger" data-size="lg" onClick={() => setDialog('report')}>
              Product safety was told
            </Button>
          ) : null}
          {safety.reportedAt && can(me.role, contract.cases.safetyRelease) ? (
            <Button variant="default" onClick={() => setDialog('release')}>
              Release the unit
            </Button>
          ) : null}
          {safety.reportedAt && !can(me.role, contract.cases.safetyRelease) ? (
            <p>A manager releases the unit.</p>
          ) : null}
        </div>
      </div>
      {dialog === 'report' ? (
        <ReportDialog view={view} contact={contact} onClose={() => setDialog(null)} />
      ) : null}
      {dialog === 'release' ? <ReleaseDialog view={view} onClose={() => setDialog(null)} /> : null}
    </section>
  );
}

function ReportDialog({
  view,
  contact,
  onClose,
}: {
  view: CaseView;
  contact: string | null;
  onClose: () => void;
}) {
  const form = useForm({
    initialValues: { to: contact ?? '', ref: '' },
    validate: {
      to: (value) => (value.trim() ? null : 'Who was told?'),
      ref: (value) => (value.trim() ? null : 'The incident number, or how they were told.'),
    },
  });
  const report = useCaseAction(
    (client, values: typeof form.values) =>
      client.cases.safetyReported({ id: view.id, to: values.to.trim(), ref: values.ref.trim() }),
    onClose,
  );
  return (
    <Dialog title="Product safety was told" onClose={onClose}>
      <form className={forms.form} onSubmit={form.onSubmit((values) => report.run(values))} noValidate>
        <TextInput label="Who was told" maxLength={200} {...form.getInputProps('to')} />
        <TextInput
          label="Reference"
          description="Incident number, or call and time."
          maxLength={200}
          data-autofocus
          {...form.getInputProps('ref')}
        />
        <ErrorNotice failure={report.failure} />
        <Button type="submit" data-size="lg" loading={report.busy}>
          Record it
        </Button>
      </form>
    </Dialog>
  );
}

function ReleaseDialog({ view, onClose }: { view: CaseView; onClose: () => void }) {
  const release = useCaseAction(
    (client, reason: string) => client.cases.safetyRelease({ id: view.id, reason }),
    onClose,
  );
  return (
    <ReasonDialog
      title="Release the unit"
      label="Why it is safe again"
      submitLabel="Release"
      busy={release.busy}
      failure={release.failure}
      onSubmit={release.run}
      onClose={onClose}
    />
  );
}
