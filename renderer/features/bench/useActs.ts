import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { contract } from '../../../shared/contract/index.ts';
import type { Status } from '../../../shared/model/cases.ts';
import type { Role } from '../../../shared/model/people.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { can } from '../../data/can.ts';
import { PageError } from '../../data/failures.ts';
import { useAction, useCaseAction, usePortAction, useProcedures } from '../../data/queries.ts';
import type { Act } from './nextStep.ts';

const CALLS = {
  identify: contract.ports.identify,
  'port-settings': contract.ports.update,
  'open-case': contract.cases.open,
  run: contract.runs.start,
  again: contract.runs.start,
  move: contract.cases.move,
} as const satisfies Partial<Record<Act['kind'], unknown>>;

/** Whether a person's role may do what a button says; looking at the case is everybody's. */
export const mayAct = (role: Role, { kind }: Act): boolean => kind === 'case' || can(role, CALLS[kind]);

/** Carries out what a card's buttons say, one at a time. */
export function useActs(port: PortView, onEdit: (port: PortView) => void) {
  const navigate = useNavigate();
  const procedures = useProcedures().data;
  const [started, setStarted] = useState<Act | null>(null);
  const identify = usePortAction((client, id: string) => client.ports.identify({ id }));
  const move = useCaseAction((client, to: Status) => client.cases.move({ id: port.caseId ?? '', to }));
  const start = useAction(async (client, procedureId: string | null) => {
    if (procedureId === null) {
      throw new PageError(
        'There is no procedure of this kind for this unit.',
        'Set the port’s family, or run a manual inspection from the case.',
      );
    }
    return client.runs.start({ procedureId, caseId: port.caseId ?? '', portId: port.id, interactive: true });
  });
  const actions = [identify, move, start] as const;
  const working = actions.some(({ busy }) => busy);

  const procedureFor = (kind: 'intake' | 'diagnosis'): string | null =>
    procedures?.find(
      (procedure) =>
        procedure.kind === kind && port.family !== null && procedure.families.includes(port.family),
    )?.id ?? null;

  const run = (act: Act): void => {
    if (working) return;
    for (const action of actions) action.clear();
    setStarted(act);
    switch (act.kind) {
      case 'identify':
        identify.run(port.id);
        break;
      case 'port-settings':
        onEdit(port);
        break;
      case 'open-case':
        void navigate({ to: '/cases', search: { open: 'new', port: port.id } });
        break;
      case 'run':
        start.run(procedureFor(act.procedure));
        break;
      case 'again':
        start.run(act.procedureId);
        break;
      case 'move':
        move.run(act.to);
        break;
      case 'case':
        void navigate({
          to: '/cases/$caseId',
          params: { caseId: port.caseId ?? '' },
          search: act.at ? { at: act.at } : {},
        });
        break;
    }
  };

  return {
    run,
    /** The act under way; nothing else begins meanwhile. */
    busy: working ? started : null,
    failure: identify.failure ?? move.failure ?? start.failure,
  };
}
