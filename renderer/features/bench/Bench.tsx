import { Button } from '@mantine/core';
import { IconArrowRight, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { can } from '../../data/can.ts';
import { asFailure } from '../../data/failures.ts';
import { useEditPort, useForgetPort, useHello, usePortAction, usePorts } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { Chip, Chips } from '../../ui/Chip.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { useKeepFocus } from '../../ui/keepFocus.ts';
import { portLook, type Tone } from '../../ui/looks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { EditPortDialog, ForgetPortDialog } from '../../ui/PortDialogs.tsx';
import { PortForm, type PortFormValues } from '../../ui/PortForm.tsx';
import { Waiting } from '../../ui/Waiting.tsx';
import classes from './Bench.module.css';
import { ConflictStrip } from './ConflictStrip.tsx';
import { countTones, nextPort, type Round, TONE_WORDS } from './order.ts';
import { PortCard } from './PortCard.tsx';

type Asking = { kind: 'add' } | { kind: 'edit'; port: PortView } | { kind: 'forget'; port: PortView };

/** A card per port. */
export function Bench() {
  const hello = useHello().data;
  const ports = usePorts();
  const [tone, setTone] = useState<Tone | null>(null);
  const [dialog, setDialog] = useState<Asking | null>(null);
  const round = useRef<Round>(new Map());
  /** Where “Next unit” goes; a new object each time, so that it goes there again. */
  const [going, setGoing] = useState<{ id: string } | null>(null);
  const { role } = useMe();
  const mayChange = can(role, contract.ports.add);
  useKeepFocus();
  const onEdit = useCallback((port: PortView) => setDialog({ kind: 'edit', port }), []);
  const onForget = useCallback((port: PortView) => setDialog({ kind: 'forget', port }), []);

  const all = ports.data ?? [];
  const chips = countTones(all);
  const filter = chips.some((chip) => chip.tone === tone) ? tone : null;
  const shown = filter === null ? all : all.filter(({ state }) => portLook(state).tone === filter);

  const goToNext = () => {
    const next = nextPort(all, round.current);
    if (!next) return;
    ({ round: round.current } = next);
    setTone(null);
    setGoing({ id: next.port.id });
  };
  // Once its card is there: a filter may have hidden it until now.
  useEffect(() => {
    const heading = going && document.getElementById(`port-${going.id}`);
    heading?.scrollIntoView({ block: 'center' });
    heading?.focus({ preventScroll: true });
  }, [going]);

  return (
    <Page
      title={hello?.stationName ?? 'Bench'}
      actions={
        <>
          {mayChange ? (
            <Button
              variant="default"
              leftSection={<IconPlus size={20} aria-hidden />}
              onClick={() => setDialog({ kind: 'add' })}
            >
              Add a port
            </Button>
          ) : null}
          {all.length > 1 ? (
            <Button
              onClick={goToNext}
              rightSection={<IconArrowRight size={20} aria-hidden />}
              disabled={nextPort(all, new Map()) === null}
            >
              Next unit
            </Button>
          ) : null}
        </>
      }
    >
      <ConflictStrip />
      {all.length > 0 ? (
        <Chips label="Filter by state">
          <Chip label="All" count={all.length} on={filter === null} onClick={() => setTone(null)} />
          {chips.map((chip) => (
            <Chip
              key={chip.tone}
              label={TONE_WORDS[chip.tone]}
              count={chip.count}
              tone={chip.tone}
              on={filter === chip.tone}
              onClick={() => setTone(filter === chip.tone ? null : chip.tone)}
            />
          ))}
        </Chips>
      ) : null}
      {ports.error ? <ErrorNotice failure={asFailure(ports.error)} /> : null}
      {ports.isPending && !ports.error ? <Waiting /> : null}
      {ports.data && all.length === 0 ? (
        <Empty
          icon={IconPlugConnected}
          title="No ports yet"
          action={
            mayChange ? (
              <Button data-size="lg" onClick={() => setDialog({ kind: 'add' })}>
                Add a port
              </Button>
            ) : undefined
          }
        >
          {hello?.mode === 'training'
            ? 'Start the training rack: npm run repairbench -- rack, in a terminal beside this app. Its phone and its router show up here by themselves.'
            : 'Plug in a serial adapter or a unit and it shows up here by itself. A port with another kind of path is added by hand.'}
        </Empty>
      ) : null}
      <div className={classes.grid}>
        {shown.map((port) => (
          <PortCard key={port.id} port={port} onEdit={onEdit} onForget={onForget} />
        ))}
      </div>
      {dialog ? <PortDialog dialog={dialog} onClose={() => setDialog(null)} /> : null}
    </Page>
  );
}

/** Mounted only while it is open, so that no old failure shows up again. */
function PortDialog({ dialog, onClose }: { dialog: Asking; onClose: () => void }) {
  const add = usePortAction(
    (client, { password, label, ...values }: PortFormValues) =>
      client.ports.add({ ...values, ...(label ? { label } : {}), password: password ?? null }),
    onClose,
  );
  const edit = useEditPort(onClose);
  const forget = useForgetPort(onClose);
  switch (dialog.kind) {
    case 'add':
      return (
        <Dialog title="Add a port" size="lg" onClose={onClose}>
          <PortForm
            busy={add.busy}
            failure={add.failure}
            submitLabel="Add the port"
            onSubmit={(values) => add.run(values)}
          />
        </Dialog>
      );
    case 'edit':
      return (
        <EditPortDialog
          port={dialog.port}
          busy={edit.busy}
          failure={edit.failure}
          onSave={edit.run}
          onClose={onClose}
        />
      );
    case 'forget':
      return (
        <ForgetPortDialog
          port={dialog.port}
          busy={forget.busy}
          failure={forget.failure}
          onForget={forget.run}
          onClose={onClose}
        />
      );
  }
}
