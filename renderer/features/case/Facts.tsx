import { Button } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import type { CaseView } from '../../../shared/model/cases.ts';
import { formatDay } from '../../ui/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import { When } from '../../ui/time.tsx';
import { EditFacts } from './EditFacts.tsx';
import lists from './lists.module.css';

/** What people wrote down about the case. */
export function Facts({ view, doing }: { view: CaseView; doing: boolean }) {
  const [editing, setEditing] = useState(false);
  const { fields } = view;
  const facts: [string, string | null][] = [
    ['Fault', fields.fault],
    ['Customer', fields.customer],
    ['Contact', fields.contact],
    ['Contract', fields.contract],
    ['Priority', `${fields.priority}, ${fields.tier}`],
    ['Promised', fields.promisedOn && formatDay(fields.promisedOn)],
    ['Bought', fields.purchasedOn && formatDay(fields.purchasedOn)],
    ['Assignee', view.assignee],
    ['Who has it', [fields.custodian, fields.place].filter(Boolean).join(', ') || null],
    ['Accessories', fields.accessories.join(', ') || null],
    ['Condition', fields.condition],
  ];
  return (
    <Panel
      title="Facts"
      actions={
        doing ? (
          <Button
            variant="default"
            data-size="compact"
            leftSection={<IconPencil size={20} aria-hidden />}
            onClick={() => setEditing(true)}
          >
            Edit
          </Button>
        ) : null
      }
    >
      <dl className={lists.facts}>
        {facts
          .filter(([, value]) => value)
          .map(([title, value]) => (
            <div key={title} style={{ display: 'contents' }}>
              <dt>{title}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        <dt>Opened</dt>
        <dd>
          <When at={view.openedAt} />
        </dd>
        <dt>Terms</dt>
        <dd>
          Warranty, prices and clocks by policy <span className="rb-mono">{view.policyVersion}</span>
        </dd>
      </dl>
      {editing ? <EditFacts view={view} onClose={() => setEditing(false)} /> : null}
    </Panel>
  );
}
