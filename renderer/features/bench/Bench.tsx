import { Button, Modal } from '@mantine/core';
import { IconArrowRight, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useCallback, useRef, useState } from 'react';
import type { PortView } from '../../../shared/model/ports.ts';
import { asFailure } from '../../data/failures.ts';
import { keys } from '../../data/keys.ts';
import { useAction, useHello, usePortAction, usePorts } from '../../data/queries.ts';
import { Empty } from '../../ui/Empty.tsx';
import { portLook, type Tone } from '../../ui/looks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { PortForm, type PortFormValues } from '../../ui/PortForm.tsx';
import { Waiting } from '../../ui/Waiting.tsx';
import classes from './Bench.module.css';
import { countTones, nextPort, TONE_WORDS } from './order.ts';
import { PortCard } from './PortCard.tsx';

type Dialog = { kind: 'add' } | { kind: 'edit'; port: PortView } | { kind: 'forget'; port: PortView };

/** A card per port. */
export function Bench() {
  const ports = usePorts();
  const [tone, setTone] = useState<Tone | null>(null);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const visited = useRef<string | null>(null);
  const onEdit = useCallback((port: PortView) => setDialog({ kind: 'edit', port }), []);
  const onForget = useCallback((port: PortView) => setDialog({ kind: 'forget', port }), []);

  const all = ports.data ?? [];
  const chips = countTones(all);
  const filter = chips.some((chip) => chip.tone === tone) ? tone : null;
  const shown = filter === null ? all : all.filter(({ state }) => portLook(state).tone === filter);

  const goToNext = () => {
    const next = nextPort(all, visited.current);
    if (!next) return;
    visited.current = next.id;
    setTone(null);
    const heading = document.getElementById(`port-${next.id}`);
    heading?.scrollIntoView({ block: 'center' });
    heading?.focus({ preventScroll: true });
  };

  return (
    <Page
      title={useHello().data?.stationName ?? 'Bench'}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconPlus size={20} aria-hidden />}
            onClick={() => setDialog({ kind: 'add' })}
          >
            Add a port
          </Button>
          {all.length > 1 ? (
            <Button
              onClick={goToNext}
              rightSection={<IconArrowRight size={20} aria-hidden />}
              disabled={nextPort(all, null) === null}
            >
              Next unit
            </Button>
          ) : null}
        </>
      }
    >
      {all.length > 0 ? (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields, these are filters
        <div className={classes.chips} role="group" aria-label="Filter by state">
          <button
            type="button"
            className={classes.chip}
            aria-pressed={filter === null}
            onClick={() => setTone(null)}
          >
            All <span className="rb-figures">{all.length}</span>
          </button>
          {chips.map((chip) => (
            <button
              key={chip.tone}
              type="button"
              className={classes.chip}
              data-tone={chip.tone}
              aria-pressed={filter === chip.tone}
              onClick={() => setTone(filter === chip.tone ? null : chip.tone)}
            >
              <span className={classes.dot} aria-hidden />
              {TONE_WORDS[chip.tone]} <span className="rb-figures">{chip.count}</span>
            </button>
          ))}
        </div>
      ) : null}
      {ports.error ? <ErrorNotice failure={asFailure(ports.error)} /> : null}
      {ports.isPending && !ports.error ? <Waiting /> : null}
      {ports.data && all.length === 0 ? (
        <Empty
          icon={IconPlugConnected}
          title="No ports yet"
          action={
            <Button data-size="lg" onClick={() => setDialog({ kind: 'add' })}>
              Add a port
            </Button>
          }
        >
          Plug in a serial adapter or a unit and it shows up here by itself. A port with another kind of path
          is added by hand.
        </Empty>
      ) : null}
      <div className={classes.grid}>
        {shown.map((port) => (
          <PortCard key={port.id} port={port} onEdit={onEdit} onForget={onForget} />
        ))}
      </div>
      <PortDialog dialog={dialog} onClose={() => setDialog(null)} />
    </Page>
  );
}

function PortDialog({ dialog, onClose }: { dialog: Dialog | null; onClose: () => void }) {
  const add = usePortAction(
    (client, { password, label, ...values }: PortFormValues) =>
      client.ports.add({ ...values, ...(label ? { label } : {}), password: password ?? null }),
    onClose,
  );
  const edit = usePortAction(
    (client, { id, values }: { id: string; values: PortFormValues }) =>
      client.ports.update({
        id,
        label: values.label || values.address.slice(-60),
        family: values.family,
        line: values.line,
        login: values.login,
        ...(values.password === undefined ? {} : { password: values.password }),
      }),
    onClose,
  );
  const forget = useAction((client, id: string) => client.ports.forget({ id }), {
    stale: [keys.ports],
    onDone: onClose,
  });
  const close = () => {
    for (const action of [add, edit, forget]) action.clear();
    onClose();
  };
  const title =
    dialog?.kind === 'add'
      ? 'Add a port'
      : dialog?.kind === 'edit'
        ? `Settings of ${dialog.port.label}`
        : `Forget ${dialog?.port.label ?? ''}?`;
  return (
    <Modal opened={dialog !== null} onClose={close} title={dialog ? title : ''} size="lg">
      {dialog?.kind === 'add' ? (
        <PortForm
          busy={add.busy}
          failure={add.failure}
          submitLabel="Add the port"
          onSubmit={(values) => add.run(values)}
        />
      ) : null}
      {dialog?.kind === 'edit' ? (
        <PortForm
          key={dialog.port.id}
          initial={dialog.port}
          busy={edit.busy}
          failure={edit.failure}
          submitLabel="Save"
          onSubmit={(values) => edit.run({ id: dialog.port.id, values })}
        />
      ) : null}
      {dialog?.kind === 'forget' ? (
        <div className={classes.forget}>
          <p>
            Its name, speed and login are forgotten. The unit, its case and its runs stay. Plugged in again,
            it shows up as a new port.
          </p>
          <ErrorNotice failure={forget.failure} />
          <Button
            variant="danger"
            data-size="lg"
            loading={forget.busy}
            onClick={() => forget.run(dialog.port.id)}
          >
            Forget this port
          </Button>
        </div>
      ) : null}
    </Modal>
  );
}
