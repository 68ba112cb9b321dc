import { Button } from '@mantine/core';
import { IconDeviceMobileQuestion, IconRefresh, IconTag } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { CaseView, IdentityConflict } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { usePortAction } from '../../data/queries.ts';
import { Empty } from '../../ui/Empty.tsx';
import forms from '../../ui/forms.module.css';
import { IdentityTable } from '../../ui/IdentityTable.tsx';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { unitName } from '../../ui/words.ts';
import { EscalateDialog } from './Escalate.tsx';
import { ChangeDialog, LabelDialog, WrongUnitDialog } from './IdentityDialogs.tsx';
import { identityRows } from './identityRows.ts';

type WayOut = IdentityConflict['waysOut'][number];
type Dialog =
  | { kind: 'label'; swap: boolean }
  | { kind: 'change'; conflict: IdentityConflict }
  | { kind: 'wrong-unit' }
  | { kind: 'escalate' };

const WAY_WORDS: Readonly<Record<WayOut, string>> = {
  're-read': 'Read the unit again',
  'other-imei': 'It is the other SIM slot',
  'correct-label': 'Correct what the label says',
  'identity-change': 'Record a board swap',
  'wrong-unit': 'That is the wrong unit',
  escalate: 'Escalate',
};

/**
 * Who the unit is, from three sides, and what to do when they disagree. `focus`: a new object each time it is to be
 * brought into sight.
 */
export function WhoItIs(props: {
  view: CaseView;
  port: PortView | null;
  doing: boolean;
  focus: object | null;
}) {
  const { view, port } = props;
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const region = useRef<HTMLDivElement>(null);
  const reread = usePortAction((client, id: string) => client.ports.identify({ id }));
  const rows = identityRows(view);

  useEffect(() => {
    if (!props.focus) return;
    region.current?.scrollIntoView({ block: 'start' });
    region.current?.querySelector<HTMLElement>('[data-ways] button:enabled')?.focus({ preventScroll: true });
  }, [props.focus]);

  const take = (way: WayOut, conflict: IdentityConflict) => {
    if (way === 're-read') {
      if (port) reread.run(port.id);
    } else if (way === 'identity-change') setDialog({ kind: 'change', conflict });
    else if (way === 'escalate' || way === 'wrong-unit') setDialog({ kind: way });
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
              <div className={forms.row} data-ways>
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
      {dialog?.kind === 'wrong-unit' ? <WrongUnitDialog view={view} onClose={() => setDialog(null)} /> : null}
      {dialog?.kind === 'escalate' ? <EscalateDialog view={view} onClose={() => setDialog(null)} /> : null}
    </div>
  );
}
