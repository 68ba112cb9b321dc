import { Button, Radio } from '@mantine/core';
import { IconAlertTriangle, IconPlugConnected } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { WipeTarget } from '../../../shared/contract/work.ts';
import type { CaseView } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import type { ProcedureSummary } from '../../../shared/model/runs.ts';
import { asFailure } from '../../data/failures.ts';
import { keys } from '../../data/keys.ts';
import { useAction, usePorts, useProcedures } from '../../data/queries.ts';
import { useStation } from '../../data/station.tsx';
import { ConfirmWithDigits } from '../../ui/ConfirmWithDigits.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Disclosure } from '../../ui/Disclosure.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { formatBytes } from '../../ui/format.ts';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { RadioCard, RadioCards } from '../../ui/RadioCard.tsx';
import { Waiting } from '../../ui/Waiting.tsx';
import { offeredProcedures, portsFor, type Wanted } from './offers.ts';
import classes from './StartRun.module.css';

/** The input of a wipe that names what is overwritten; chosen from what the unit has, never typed. */
const TARGET = 'target';

interface Start {
  procedureId: string;
  portId: string | null;
  inputs: Record<string, string>;
  confirm: string | null;
}

/** What the dialog is opened for. */
export type Starting = Wanted;

/** Which procedure, on which port; for a wipe also what is overwritten, and the unit's own label. */
export function StartRun(props: {
  view: CaseView;
  what: Starting;
  onClose: () => void;
  onStarted: (runId: string) => void;
}) {
  const { view } = props;
  const navigate = useNavigate();
  const ports = portsFor(view, usePorts().data ?? []);
  const [portId, setPortId] = useState<string | null>(null);
  const port = ports.find(({ id }) => id === portId) ?? ports[0] ?? null;
  const procedures = useProcedures();
  const offered = offeredProcedures(procedures.data ?? [], port?.family ?? null, props.what);
  const [picked, setPicked] = useState<string | null>(null);
  // What the person came for comes first; of everything, they choose.
  const first = props.what !== 'any' || offered.length === 1 ? offered[0] : undefined;
  const procedure = offered.find(({ id }) => id === picked) ?? first ?? null;
  const start = useAction(
    (client, input: Start) => client.runs.start({ ...input, caseId: view.id, interactive: true }),
    {
      stale: [keys.case(view.id)],
      onDone: (run) => props.onStarted(run.id),
    },
  );

  return (
    <Dialog
      title={props.what === 'wipe' ? 'Wipe' : 'Run a procedure'}
      size="lg"
      dirty={false}
      onClose={props.onClose}
    >
      <div className={classes.form}>
        {ports.length > 1 ? (
          <Radio.Group label="On which port" value={port?.id ?? null} onChange={setPortId}>
            <RadioCards>
              {ports.map((each) => (
                <RadioCard key={each.id} value={each.id}>
                  <strong>{each.label}</strong>{' '}
                  <span className="rb-mono rb-dim">{each.identity?.serial}</span>
                </RadioCard>
              ))}
            </RadioCards>
          </Radio.Group>
        ) : null}
        {port === null ? (
          <Notice tone="working" title="The unit is not on a port.">
            Plug it in and identify it on the bench for everything that talks to it.
          </Notice>
        ) : null}
        {procedures.error ? <ErrorNotice failure={asFailure(procedures.error)} /> : null}
        {procedures.isPending && !procedures.error ? <Waiting what="Reading the procedures" /> : null}
        {procedures.data && offered.length === 0 ? (
          <Empty
            icon={IconPlugConnected}
            title="Nothing can be run now"
            small
            action={
              <Button variant="default" onClick={() => void navigate({ to: '/' })}>
                To the bench
              </Button>
            }
          >
            {props.what === 'wipe' ? 'A wipe needs the unit on a port.' : 'No procedure fits this unit.'}
          </Empty>
        ) : null}
        {offered.length > 0 ? (
          <Radio.Group label="Procedure" value={procedure?.id ?? null} onChange={setPicked}>
            <RadioCards>
              {offered.map((each) => (
                <RadioCard key={each.id} value={each.id}>
                  <span className={classes.title}>
                    {each.title}
                    {each.destructive ? (
                      <span className={classes.danger}>
                        <IconAlertTriangle size={16} aria-hidden /> erases data
                      </span>
                    ) : null}
                  </span>
                  <span className="rb-dim">{each.summary}</span>
                </RadioCard>
              ))}
            </RadioCards>
          </Radio.Group>
        ) : null}
        {procedure ? (
          <Ready
            key={procedure.id}
            view={view}
            procedure={procedure}
            port={procedure.needsPort ? port : null}
            busy={start.busy}
            onStart={(inputs, confirm) =>
              start.run({
                procedureId: procedure.id,
                portId: procedure.needsPort ? (port?.id ?? null) : null,
                inputs,
                confirm,
              })
            }
          />
        ) : null}
        <ErrorNotice failure={start.failure} />
      </div>
    </Dialog>
  );
}

function Ready(props: {
  view: CaseView;
  procedure: ProcedureSummary;
  port: PortView | null;
  busy: boolean;
  onStart: (inputs: Record<string, string>, confirm: string | null) => void;
}) {
  const { procedure, port, view } = props;
  const [target, setTarget] = useState<WipeTarget | null>(null);
  const wantsTarget = procedure.inputs?.some(({ name }) => name === TARGET) ?? false;
  if (!procedure.destructive) {
    return (
      <Button data-size="lg" data-autofocus loading={props.busy} onClick={() => props.onStart({}, null)}>
        Start: {procedure.title}
      </Button>
    );
  }
  return (
    <>
      {wantsTarget && port ? <Targets view={view} port={port} picked={target} onPick={setTarget} /> : null}
      {!wantsTarget || target ? (
        <ConfirmWithDigits
          from={port?.confirmWith ?? 'serial'}
          unit={port?.identity ?? null}
          busy={props.busy}
          action={
            target
              ? `Erase ${target.kind === 'phone' ? target.title : target.id}`
              : `Start: ${procedure.title}`
          }
          onConfirm={(confirm) => props.onStart(target ? { [TARGET]: target.id } : {}, confirm)}
        />
      ) : null}
    </>
  );
}

/** Everything that could be overwritten, and why not where it may not. */
function Targets(props: {
  view: CaseView;
  port: PortView;
  picked: WipeTarget | null;
  onPick: (target: WipeTarget) => void;
}) {
  const { client } = useStation();
  const targets = useQuery({
    queryKey: ['wipe-targets', props.port.id, props.view.id],
    queryFn: ({ signal }) =>
      client.runs.wipeTargets({ portId: props.port.id, caseId: props.view.id }, { signal }),
    // What is mounted on a unit changes without anybody telling: looked at anew each time.
    gcTime: 0,
    staleTime: 0,
  });
  if (targets.error) return <ErrorNotice failure={asFailure(targets.error)} />;
  if (!targets.data) return <Waiting what="Looking what is on the unit" />;
  if (targets.data.length === 0) {
    return <Notice tone="needs" title="The unit shows nothing that could be wiped." />;
  }
  const possible = targets.data.filter(({ allowed }) => allowed);
  const impossible = targets.data.filter(({ allowed }) => !allowed);
  return (
    <Radio.Group
      label="What is erased"
      value={props.picked?.id ?? null}
      onChange={(id) => {
        const target = targets.data.find((each) => each.id === id);
        if (target?.allowed) props.onPick(target);
      }}
    >
      <RadioCards>
        {possible.map((target) => (
          <TargetCard key={target.id} target={target} />
        ))}
        {impossible.length > 0 ? (
          <Disclosure title={`Not possible: ${impossible.length}`} open={possible.length === 0}>
            <RadioCards>
              {impossible.map((target) => (
                <TargetCard key={target.id} target={target} />
              ))}
            </RadioCards>
          </Disclosure>
        ) : null}
      </RadioCards>
    </Radio.Group>
  );
}

function TargetCard({ target }: { target: WipeTarget }) {
  return (
    <RadioCard value={target.id} disabled={!target.allowed}>
      <span className={classes.title}>{target.title}</span>
      <span className="rb-dim rb-mono rb-figures">
        {[target.bytes === null ? null : formatBytes(target.bytes), target.model, target.serial]
          .filter(Boolean)
          .join(' · ')}
      </span>
      {target.reasons.map((reason) => (
        <span key={reason} className={target.allowed ? 'rb-dim' : classes.reason}>
          {reason}
        </span>
      ))}
    </RadioCard>
  );
}
