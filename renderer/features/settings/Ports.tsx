import { Button, Modal } from '@mantine/core';
import { IconPlug } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { can } from '../../data/can.ts';
import { asFailure } from '../../data/failures.ts';
import { keys } from '../../data/keys.ts';
import { useAction, usePortAction, usePorts } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { portLook } from '../../ui/looks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { PortForm, type PortFormValues } from '../../ui/PortForm.tsx';
import { StatePill } from '../../ui/StatePill.tsx';
import { FAMILY_WORDS } from '../../ui/words.ts';
import classes from './Settings.module.css';

/** All ports this bench remembers. */
export function Ports() {
  const ports = usePorts();
  const me = useMe();
  const doing = can(me.role, contract.ports.update);
  const [editing, setEditing] = useState<PortView | null>(null);
  const [forgetting, setForgetting] = useState<PortView | null>(null);
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
    () => setEditing(null),
  );
  const forget = useAction((client, id: string) => client.ports.forget({ id }), {
    stale: [keys.ports],
    onDone: () => setForgetting(null),
  });
  return (
    <Panel title="Ports" aside="added on the bench">
      {ports.error ? <ErrorNotice failure={asFailure(ports.error)} /> : null}
      {ports.data?.length === 0 ? (
        <Empty icon={IconPlug} title="No ports yet" small action={<Link to="/">To the bench</Link>}>
          Plug something in, or add a port on the bench.
        </Empty>
      ) : null}
      <ul className={classes.list}>
        {ports.data?.map((port) => (
          <li key={port.id} className={classes.item}>
            <div className={classes.grow}>
              <p className={classes.name}>{port.label}</p>
              <p className="rb-dim rb-mono">{port.address}</p>
              <p className="rb-dim">
                {port.family ? FAMILY_WORDS[port.family] : 'worked out when asked'} · {port.line.baudRate}{' '}
                baud
                {port.login ? ` · login ${port.login}` : ''}
              </p>
            </div>
            <StatePill look={portLook(port.state)} size="sm" />
            {doing ? (
              <>
                <Button variant="default" data-size="compact" onClick={() => setEditing(port)}>
                  Edit
                </Button>
                <Button
                  variant="subtle"
                  data-size="compact"
                  disabled={port.runId !== null}
                  onClick={() => setForgetting(port)}
                >
                  Forget
                </Button>
              </>
            ) : null}
          </li>
        ))}
      </ul>
      <Modal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        title={`Settings of ${editing?.label ?? ''}`}
        size="lg"
      >
        {editing ? (
          <PortForm
            key={editing.id}
            initial={editing}
            busy={edit.busy}
            failure={edit.failure}
            submitLabel="Save"
            onSubmit={(values) => edit.run({ id: editing.id, values })}
          />
        ) : null}
      </Modal>
      <Modal
        opened={forgetting !== null}
        onClose={() => setForgetting(null)}
        title={`Forget ${forgetting?.label ?? ''}?`}
      >
        <div className={classes.form}>
          <p>Its name, speed and login are forgotten. Units, cases and runs stay.</p>
          <ErrorNotice failure={forget.failure} />
          <Button
            variant="danger"
            data-size="lg"
            loading={forget.busy}
            onClick={() => forgetting && forget.run(forgetting.id)}
          >
            Forget this port
          </Button>
        </div>
      </Modal>
    </Panel>
  );
}
