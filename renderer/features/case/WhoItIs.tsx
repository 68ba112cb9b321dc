import { Button, Modal, PasswordInput, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconDeviceMobileQuestion, IconRefresh, IconTag } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { fieldTitle } from '../../../shared/identity/index.ts';
import type { CaseView, IdentityConflict } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import type { LabelIdentity } from '../../../shared/model/units.ts';
import { useCaseAction, usePeople, usePortAction } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { IdentityTable } from '../../ui/IdentityTable.tsx';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { useScanTarget } from '../../ui/scanTargets.tsx';
import { unitName } from '../../ui/words.ts';
import { EscalateDialog } from './Escalate.tsx';
import { identityRows } from './identityRows.ts';
import { placeScan } from './placeScan.ts';
import classes from './WhoItIs.module.css';

type WayOut = IdentityConflict['waysOut'][number];
type Dialog =
  | { kind: 'label'; swap: boolean }
  | { kind: 'change'; conflict: IdentityConflict }
  | { kind: 'escalate' };

const WAY_WORDS: Readonly<Record<WayOut, string>> = {
  're-read': 'Read the unit again',
  'other-imei': 'It is the other SIM slot',
  'correct-label': 'Correct what the label says',
  'identity-change': 'Record a board swap',
  escalate: 'Escalate',
};

/** Who the unit is, from three sides, and what to do when they disagree. */
export function WhoItIs(props: { view: CaseView; port: PortView | null; doing: boolean; focus: boolean }) {
  const { view, port } = props;
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const region = useRef<HTMLDivElement>(null);
  const reread = usePortAction((client, id: string) => client.ports.identify({ id }));
  const rows = identityRows(view);

  useEffect(() => {
    if (props.focus) region.current?.scrollIntoView({ block: 'start' });
  }, [props.focus]);

  const take = (way: WayOut, conflict: IdentityConflict) => {
    if (way === 're-read') {
      if (port) reread.run(port.id);
    } else if (way === 'identity-change') setDialog({ kind: 'change', conflict });
    else if (way === 'escalate') setDialog({ kind: 'escalate' });
    else setDialog({ kind: 'label', swap: way === 'other-imei' });
  };

  return (
    <div ref={region}>
      <Panel
        title="Who it is"
        aside={unitName(view.unit?.identity ?? null) ?? view.model ?? undefined}
        actions={
          props.doing && view.unit ? (
            <Button
              variant="default"
              data-size="compact"
              leftSection={<IconTag size={20} aria-hidden />}
              onClick={() => setDialog({ kind: 'label', swap: false })}
            >
              Label
            </Button>
          ) : null
        }
      >
        {rows.length > 0 ? (
          <IdentityTable rows={rows} caption="What unit, label and case say" />
        ) : (
          <Empty
            icon={IconDeviceMobileQuestion}
            title={view.withoutUnit ? 'A claim without a unit' : 'No unit yet'}
            small
          >
            {view.withoutUnit
              ? 'Nothing will arrive; the case is decided on its papers.'
              : 'Identify the unit on the bench, or enter what its label says.'}
          </Empty>
        )}
        {view.conflicts.map((conflict) => (
          <Notice key={conflict.field} tone="failed" title={conflict.message}>
            <p>Nothing destructive and no shipping until this is settled.</p>
            {props.doing ? (
              <div className={classes.ways}>
                {conflict.waysOut.map((way) => (
                  <Button
                    key={way}
                    variant="default"
                    data-size="compact"
                    disabled={way === 're-read' && !port}
                    loading={way === 're-read' && reread.busy}
                    leftSection={way === 're-read' ? <IconRefresh size={18} aria-hidden /> : null}
                    onClick={() => take(way, conflict)}
                  >
                    {WAY_WORDS[way]}
                  </Button>
                ))}
              </div>
            ) : null}
          </Notice>
        ))}
        <ErrorNotice failure={reread.failure} />
      </Panel>
      {dialog?.kind === 'label' ? (
        <LabelDialog view={view} swap={dialog.swap} onClose={() => setDialog(null)} />
      ) : null}
      {dialog?.kind === 'change' ? (
        <ChangeDialog view={view} conflict={dialog.conflict} onClose={() => setDialog(null)} />
      ) : null}
      <EscalateDialog view={view} opened={dialog?.kind === 'escalate'} onClose={() => setDialog(null)} />
    </div>
  );
}

/** What the label says, scanned or typed. `swap`: the label's IMEI belongs to the unit's other slot. */
function LabelDialog({ view, swap, onClose }: { view: CaseView; swap: boolean; onClose: () => void }) {
  const label = view.unit?.label;
  const form = useForm({
    initialValues: {
      serial: label?.serial ?? '',
      imei1: (swap ? label?.imei2 : label?.imei1) ?? '',
      imei2: (swap ? label?.imei1 : label?.imei2) ?? '',
      meid: label?.meid ?? '',
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
  return (
    <Modal opened onClose={onClose} title="What the label says" size="lg">
      <form className={classes.form} onSubmit={form.onSubmit((values) => save.run(values))}>
        <p className="rb-dim">Scan the barcodes on the label, in any order, or type them.</p>
        <div className={classes.pair}>
          <TextInput
            label="Serial number"
            classNames={{ input: 'rb-mono' }}
            data-autofocus
            data-scan="fill"
            {...form.getInputProps('serial')}
          />
          <TextInput label="Model" {...form.getInputProps('model')} />
          <TextInput
            label="IMEI 1"
            classNames={{ input: 'rb-mono' }}
            data-scan="fill"
            {...form.getInputProps('imei1')}
          />
          <TextInput
            label="IMEI 2"
            classNames={{ input: 'rb-mono' }}
            data-scan="fill"
            {...form.getInputProps('imei2')}
          />
        </div>
        <ErrorNotice failure={save.failure} />
        <Button type="submit" data-size="lg" loading={save.busy}>
          Save
        </Button>
      </form>
    </Modal>
  );
}

/** A board swap: old and new identifier, the part, the reason, and a second person who signs. */
function ChangeDialog({
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
    <Modal opened onClose={onClose} title="Record a board swap" size="lg">
      <form className={classes.form} onSubmit={form.onSubmit((values) => change.run(values))} noValidate>
        <p className="rb-dim">
          The case’s {title} becomes another one, because the part that carries it was replaced. Both stay in
          the history; two people sign.
        </p>
        <div className={classes.pair}>
          <TextInput
            label={`Until now: ${title}`}
            value={conflict.caseSays ?? 'none'}
            readOnly
            classNames={{ input: 'rb-mono' }}
          />
          <TextInput
            label={`From now on: ${title}`}
            classNames={{ input: 'rb-mono' }}
            data-autofocus
            {...form.getInputProps('to')}
          />
        </div>
        <TextInput
          label="Serial number of the new part"
          classNames={{ input: 'rb-mono' }}
          data-scan="fill"
          {...form.getInputProps('partSerial')}
        />
        <Textarea label="Reason" autosize minRows={2} {...form.getInputProps('reason')} />
        <div className={classes.pair}>
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
    </Modal>
  );
}
