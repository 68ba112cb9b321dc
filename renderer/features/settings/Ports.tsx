import { Button } from '@mantine/core';
import { IconPlug } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { can } from '../../data/can.ts';
import { asFailure } from '../../data/failures.ts';
import { useEditPort, useForgetPort, usePorts } from '../../data/queries.ts';
import { useMe } from '../../data/station.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { portLook } from '../../ui/looks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { EditPortDialog, ForgetPortDialog } from '../../ui/PortDialogs.tsx';
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
  const edit = useEditPort(() => setEditing(null));
  const forget = useForgetPort(() => setForgetting(null));
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
      {editing ? (
        <EditPortDialog
          port={editing}
          busy={edit.busy}
          failure={edit.failure}
          onSave={(change) => edit.run(change)}
          onClose={() => {
            edit.clear();
            setEditing(null);
          }}
        />
      ) : null}
      {forgetting ? (
        <ForgetPortDialog
          port={forgetting}
          busy={forget.busy}
          failure={forget.failure}
          onForget={(id) => forget.run(id)}
          onClose={() => {
            forget.clear();
            setForgetting(null);
          }}
        />
      ) : null}
    </Panel>
  );
}
