import type { CaseView } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';
import type { ProcedureSummary } from '../../../shared/model/runs.ts';

/** Ports with this case's unit on them that nothing else is using, the unit's own first. */
export function portsFor(view: Pick<CaseView, 'id' | 'unit'>, ports: readonly PortView[]): PortView[] {
  return ports.filter(
    (port) =>
      port.identity !== null &&
      port.state !== 'absent' &&
      (port.caseId === view.id || (view.unit !== null && port.unitId === view.unit.id)),
  );
}

const ORDER: readonly ProcedureSummary['kind'][] = ['intake', 'diagnosis', 'inspection', 'wipe'];

/** Procedures that can be run now, in the order of the work; destructive ones last. */
export function offeredProcedures(
  procedures: readonly ProcedureSummary[],
  family: string | null,
  only: 'wipe' | null,
): ProcedureSummary[] {
  return procedures
    .filter((procedure) =>
      procedure.needsPort ? family !== null && procedure.families.includes(family) : true,
    )
    .filter((procedure) => only === null || procedure.kind === only)
    .toSorted(
      (a, b) =>
        Number(a.destructive) - Number(b.destructive) ||
        ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) ||
        a.title.localeCompare(b.title),
    );
}
