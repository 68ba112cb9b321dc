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

/** What a person came to start: anything, a kind, or one procedure. */
export type Wanted = 'any' | ProcedureSummary['kind'] | { readonly procedureId: string };

const isWanted = ({ id, kind }: ProcedureSummary, wanted: Wanted): boolean =>
  wanted === 'any' ||
  (typeof wanted === 'string' ? kind === wanted : id === wanted.procedureId) ||
  // A unit that does not start is looked at by hand instead.
  (wanted === 'diagnosis' && kind === 'inspection');

/** Procedures that can be run now, in the order of the work; destructive ones last. */
export function offeredProcedures(
  procedures: readonly ProcedureSummary[],
  family: string | null,
  wanted: Wanted,
): ProcedureSummary[] {
  return procedures
    .filter((procedure) =>
      procedure.needsPort ? family !== null && procedure.families.includes(family) : true,
    )
    .filter((procedure) => isWanted(procedure, wanted))
    .toSorted(
      (a, b) =>
        Number(a.destructive) - Number(b.destructive) ||
        ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) ||
        a.title.localeCompare(b.title),
    );
}
