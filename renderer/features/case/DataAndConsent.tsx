import { Button, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCircleCheck, IconCircleDashed, IconSignature } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { CaseView, ConsentSubject, DataInstruction } from '../../../shared/model/cases.ts';
import type { RecordSummary } from '../../../shared/model/evidence.ts';
import { can } from '../../data/can.ts';
import { useAction, useCaseAction } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { saveBlob } from '../../data/transfer.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import forms from '../../ui/forms.module.css';
import { verdictLook } from '../../ui/looks.ts';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { StatePill } from '../../ui/StatePill.tsx';
import { When } from '../../ui/time.tsx';
import { DATA_WORDS } from '../../ui/words.ts';
import { PAPERS } from './dataState.ts';
import lists from './lists.module.css';

/** How the paper of each instruction comes about. */
const PAPER: Readonly<Record<DataInstruction, { action: string; help: string }>> = {
  wipe: {
    action: 'Sign an exception',
    help: 'The unit may then leave without a verified wipe. Say why, and which paper the customer signed.',
  },
  keep: {
    action: 'Record the waiver',
    help: 'The customer’s signed waiver to keep the data.',
  },
  destroy: {
    action: 'Record the destruction',
    help: 'The paper that says how and when the medium was destroyed.',
  },
  'media-returned': {
    action: 'Record the receipt',
    help: 'The customer’s receipt for the medium handed over.',
  },
};

/**
 * What must happen to the customer's data, who agreed, and what is signed. `focus`: a new object each time it is
 * to be brought into sight.
 */
export function DataAndConsent(props: { view: CaseView; doing: boolean; focus: object | null }) {
  const { view, doing, focus } = props;
  const me = useMe();
  const [consenting, setConsenting] = useState<ConsentSubject | null>(null);
  const [signing, setSigning] = useState(false);
  const paper = PAPER[view.dataInstruction];
  const maySign = can(me.role, contract.cases.dataException);
  const region = useRef<HTMLDivElement>(null);
  const { settled, media } = view.dataState;
  useEffect(() => {
    if (!focus) return;
    region.current?.scrollIntoView({ block: 'start' });
    region.current?.querySelector('button')?.focus({ preventScroll: true });
  }, [focus]);
  return (
    <div ref={region}>
      <Panel title="Data and consent">
        <dl className={lists.facts}>
          <dt>Instruction</dt>
          <dd>{DATA_WORDS[view.dataInstruction].long}</dd>
          {view.dataInstruction === 'wipe' ? (
            <>
              <dt>Consent to wipe</dt>
              <dd>
                {view.consent ? (
                  <>
                    {view.consent.by} ({view.consent.ref}), <When at={view.consent.at} />
                  </>
                ) : settled ? (
                  'none, and none is needed now'
                ) : (
                  'none yet: no wipe without it'
                )}
              </dd>
            </>
          ) : null}
          {media.length > 0 ? (
            <>
              <dt>Media</dt>
              <dd>
                <ul className={lists.list}>
                  {media.map((medium) => (
                    <li
                      key={medium.path}
                      data-tone={medium.wiped ? 'passed' : 'needs'}
                      className={lists.medium}
                    >
                      {medium.wiped ? (
                        <IconCircleCheck size={20} aria-hidden />
                      ) : (
                        <IconCircleDashed size={20} aria-hidden />
                      )}
                      <span>
                        {medium.label} <span className="rb-mono rb-dim">{medium.path}</span>:{' '}
                        {medium.wiped ? 'wiped, verified' : 'not wiped'}
                      </span>
                    </li>
                  ))}
                </ul>
              </dd>
            </>
          ) : null}
          {view.approval ? (
            <>
              <dt>Repair approved</dt>
              <dd>
                {view.approval.by} ({view.approval.ref}), <When at={view.approval.at} />
              </dd>
            </>
          ) : null}
          {view.dataException ? (
            <>
              <dt>{PAPERS[view.dataException.instruction ?? view.dataInstruction]}</dt>
              <dd>
                {view.dataException.reason} ({view.dataException.ref}), {view.dataException.by},{' '}
                <When at={view.dataException.at} />
              </dd>
            </>
          ) : null}
        </dl>
        {doing ? (
          <div className={forms.row}>
            {view.dataInstruction === 'wipe' && !view.consent ? (
              <Button
                variant="default"
                leftSection={<IconSignature size={20} aria-hidden />}
                onClick={() => setConsenting('wipe')}
              >
                Record consent
              </Button>
            ) : null}
            {view.status === 'awaiting-approval' && !view.approval ? (
              <Button
                variant="default"
                leftSection={<IconSignature size={20} aria-hidden />}
                onClick={() => setConsenting('repair')}
              >
                Record approval
              </Button>
            ) : null}
            {maySign && !settled ? (
              <Button variant="default" onClick={() => setSigning(true)}>
                {paper.action}
              </Button>
            ) : null}
          </div>
        ) : null}
        {view.records.map((record) => (
          <WipeRecord key={record.id} record={record} number={view.number} />
        ))}
        {consenting ? (
          <ConsentDialog view={view} about={consenting} onClose={() => setConsenting(null)} />
        ) : null}
        {signing ? <PaperDialog view={view} onClose={() => setSigning(false)} /> : null}
      </Panel>
    </div>
  );
}

/** A signed statement about a wipe: what it says, whether it still proves it, and the file itself. */
function WipeRecord({ record, number }: { record: RecordSummary; number: string }) {
  const verify = useAction((client, id: string) => client.verify.record({ id }));
  const save = useAction((client, id: string) => client.records.get({ id }), {
    onDone: ({ envelope }) =>
      saveBlob(
        new Blob([envelope], { type: 'application/json' }),
        `${number}-wipe-${record.id.slice(-8)}.json`,
      ),
  });
  return (
    <div className={forms.form}>
      <div className={forms.row}>
        <strong>Wipe record</strong>
        <StatePill look={verdictLook(record.verdict)} size="sm" />
        <span className="rb-dim">
          {record.by}, <When at={record.at} />
        </span>
      </div>
      <p className="rb-mono rb-dim" title="SHA-256 of the signed statement">
        {record.sha256.slice(0, 32)}…
      </p>
      <div className={forms.row}>
        <Button
          variant="default"
          data-size="compact"
          loading={verify.busy}
          onClick={() => verify.run(record.id)}
        >
          Verify the signature
        </Button>
        <Button variant="subtle" data-size="compact" loading={save.busy} onClick={() => save.run(record.id)}>
          Save
        </Button>
      </div>
      {verify.output ? (
        <Notice tone={verify.output.ok ? 'passed' : 'failed'} title={verify.output.summary} live>
          {verify.output.findings.map((finding) => `${finding.where}: ${finding.detail}`).join(' ')}
        </Notice>
      ) : null}
      <ErrorNotice failure={verify.failure ?? save.failure} />
    </div>
  );
}

function ConsentDialog({
  view,
  about,
  onClose,
}: {
  view: CaseView;
  about: ConsentSubject;
  onClose: () => void;
}) {
  const form = useForm({
    initialValues: { by: view.customer ?? '', ref: '' },
    validate: {
      by: (value) => (value.trim() ? null : 'Who agreed?'),
      ref: (value) => (value.trim() ? null : 'Where is it written: a form, an e-mail, a ticket?'),
    },
  });
  const consent = useCaseAction(
    (client, values: typeof form.values) =>
      client.cases.consent({ id: view.id, by: values.by.trim(), ref: values.ref.trim(), about }),
    onClose,
  );
  return (
    <Dialog
      title={about === 'wipe' ? 'Consent to the wipe' : 'Approval of the repair'}
      dirty={form.isDirty()}
      onClose={onClose}
    >
      <form className={forms.form} onSubmit={form.onSubmit((values) => consent.run(values))} noValidate>
        <TextInput label="Who agreed" maxLength={200} data-autofocus {...form.getInputProps('by')} />
        <TextInput
          label="Reference"
          description="Number of the form, e-mail or ticket it is written in."
          maxLength={200}
          {...form.getInputProps('ref')}
        />
        <ErrorNotice failure={consent.failure} />
        <Button type="submit" data-size="lg" loading={consent.busy}>
          {about === 'wipe' ? 'Record the consent' : 'Record the approval'}
        </Button>
      </form>
    </Dialog>
  );
}

function PaperDialog({ view, onClose }: { view: CaseView; onClose: () => void }) {
  const paper = PAPER[view.dataInstruction];
  const form = useForm({
    initialValues: { reason: '', ref: '' },
    validate: {
      reason: (value) => (value.trim() ? null : 'Say why, or what was done.'),
      ref: (value) => (value.trim() ? null : 'Which paper?'),
    },
  });
  const sign = useCaseAction(
    (client, values: typeof form.values) =>
      client.cases.dataException({ id: view.id, reason: values.reason.trim(), ref: values.ref.trim() }),
    onClose,
  );
  return (
    <Dialog title={paper.action} dirty={form.isDirty()} onClose={onClose}>
      <form className={forms.form} onSubmit={form.onSubmit((values) => sign.run(values))} noValidate>
        <p className="rb-dim">{paper.help}</p>
        <Textarea
          label="Reason"
          autosize
          minRows={2}
          maxLength={2000}
          data-autofocus
          {...form.getInputProps('reason')}
        />
        <TextInput label="Reference of the paper" maxLength={200} {...form.getInputProps('ref')} />
        <ErrorNotice failure={sign.failure} />
        <Button type="submit" data-size="lg" loading={sign.busy}>
          Sign as yourself
        </Button>
      </form>
    </Dialog>
  );
}
