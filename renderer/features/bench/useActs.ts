import { useNavigate } from '@tanstack/react-router';
import type { Status } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import { PageError } from '../../data/failures.ts';
import { useAction, useCaseAction, usePortAction, useProcedures } from '../../data/queries.ts';
import type { Act } from './nextStep.ts';

/** Carries out what a card's buttons say. */
export function useActs(port: PortView, onEdit: (port: PortView) => void) {
  const navigate = useNavigate();
  const procedures = useProcedures().data;
  const identify = usePortAction((client, id: string) => client.ports.identify({ id }));
  const stop = useAction((client, id: string) => client.runs.abort({ id }));
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

  const procedureFor = (kind: 'intake' | 'diagnosis'): string | null =>
    procedures?.find(
      (procedure) =>
        procedure.kind === kind && port.family !== null && procedure.families.includes(port.family),
    )?.id ?? null;

  const run = (act: Act): void => {
    for (const action of [identify, stop, move, start]) action.clear();
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
      case 'stop':
        if (port.runId) stop.run(port.runId);
        break;
    }
  };

  const busy: Act['kind'] | null = identify.busy
    ? 'identify'
    : stop.busy
      ? 'stop'
      : move.busy
        ? 'move'
        : start.busy
          ? 'run'
          : null;
  return { run, busy, failure: identify.failure ?? stop.failure ?? move.failure ?? start.failure };
}
