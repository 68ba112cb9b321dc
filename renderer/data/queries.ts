import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { StationClient } from '../../shared/contract/index.ts';
import { PROTOCOL } from '../../shared/contract/station.ts';
import type { CaseFilter, CaseView } from '../../shared/model/cases.ts';
import type { PortView } from '../../shared/model/ports.ts';
import type { Conflict, SyncView } from '../../shared/model/sync.ts';
import { asFailure, isSignedOut } from './failures.ts';
import { type CaseSort, keys } from './keys.ts';
import { useStation } from './station.tsx';

/** Cases that one call of the list brings. */
export const CASE_PAGE = 100;

export function useHello() {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.hello,
    queryFn: ({ signal }) => client.station.hello({ protocol: PROTOCOL, client: 'window' }, { signal }),
  });
}

export function usePorts() {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.ports,
    queryFn: ({ signal }) => client.ports.list(undefined, { signal }),
  });
}

export function useSettings() {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.settings,
    queryFn: ({ signal }) => client.station.settings(undefined, { signal }),
  });
}

/** How bench and hub stand; null when the bench belongs to none. */
export function useHub() {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.hub,
    queryFn: ({ signal }) => client.hub.state(undefined, { signal }),
  });
}

/** The content of files that waits to be sent to the hub; null when the bench belongs to none. */
export function useHubFiles() {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.hubFiles,
    queryFn: ({ signal }) => client.hub.blobs(undefined, { signal }),
  });
}

export function usePeople() {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.people,
    queryFn: ({ signal }) => client.people.list(undefined, { signal }),
  });
}

export function useProcedures() {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.procedures,
    queryFn: ({ signal }) => client.procedures.list(undefined, { signal }),
  });
}

export function useCatalogue() {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.catalogue,
    queryFn: ({ signal }) => client.causes.catalogue(undefined, { signal }),
  });
}

/** One page of the list; for use with `useQueries`. */
export const casePageQuery = (client: StationClient, filter: CaseFilter, sort: CaseSort, page: number) => ({
  queryKey: keys.casePage(filter, sort, page),
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    client.cases.list({ filter, sort, offset: page * CASE_PAGE, limit: CASE_PAGE }, { signal }),
  gcTime: 60_000,
});

export function useCase(id: string) {
  const { client } = useStation();
  return useQuery({ queryKey: keys.case(id), queryFn: ({ signal }) => client.cases.get({ id }, { signal }) });
}

export function useTimeline(id: string) {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.timeline(id),
    queryFn: ({ signal }) => client.cases.timeline({ id }, { signal }),
  });
}

/** Changes that met changes of other benches and nobody has settled, of all cases. */
export function useConflicts() {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.conflicts,
    queryFn: ({ signal }) => client.conflicts.list({}, { signal }),
  });
}

/** The same of one case. */
export function useCaseConflicts(id: string) {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.caseConflicts(id),
    queryFn: ({ signal }) => client.conflicts.list({ caseId: id }, { signal }),
  });
}

/** The little of a case that a card on the bench shows: its summary and its latest run. */
export function useCaseGlance(id: string | null) {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.caseGlance(id ?? ''),
    enabled: id !== null,
    queryFn: async ({ signal }) => {
      const [found, runs] = await Promise.all([
        client.cases.find({ text: id ?? '' }, { signal }),
        client.runs.list({ caseId: id ?? '', limit: 1 }, { signal }),
      ]);
      return { summary: found.find((summary) => summary.id === id) ?? null, lastRun: runs[0] ?? null };
    },
  });
}

export function useRun(id: string | null) {
  const { client } = useStation();
  return useQuery({
    queryKey: keys.run(id ?? ''),
    enabled: id !== null,
    queryFn: ({ signal }) => client.runs.get({ id: id ?? '' }, { signal }),
  });
}

/** A call that changes something, with its failure in words. */
export function useAction<Input, Output>(
  call: (client: StationClient, input: Input) => Promise<Output>,
  options: { onDone?: (output: Output, input: Input) => void; stale?: readonly (readonly unknown[])[] } = {},
) {
  const { client } = useStation();
  const cache = useQueryClient();
  const mutation = useMutation({
    mutationFn: (input: Input) => call(client, input),
    onSuccess: (output, input) => {
      for (const queryKey of options.stale ?? []) void cache.invalidateQueries({ queryKey });
      options.onDone?.(output, input);
    },
  });
  return {
    run: mutation.mutate,
    runAsync: mutation.mutateAsync,
    busy: mutation.isPending,
    // Whoever signs in again finds what they typed, not yesterday's refusal.
    failure: mutation.error && !isSignedOut(mutation.error) ? asFailure(mutation.error, 'change') : null,
    clear: mutation.reset,
    done: mutation.isSuccess,
    output: mutation.data,
  };
}

/** A change of a case: the answer is the case as it is now, and goes straight into the cache. */
export function useCaseAction<Input>(
  call: (client: StationClient, input: Input) => Promise<CaseView>,
  onDone?: (view: CaseView) => void,
) {
  const cache = useQueryClient();
  return useAction(call, {
    onDone: (view) => {
      cache.setQueryData(keys.case(view.id), view);
      onDone?.(view);
    },
  });
}

/** Settles a conflict of a case: it is gone at once, and the case is read again. */
export function useSettle(caseId: string, onDone: () => void) {
  const cache = useQueryClient();
  return useAction(
    (client, input: Parameters<StationClient['conflicts']['settle']>[0]) => client.conflicts.settle(input),
    {
      stale: [keys.conflicts, keys.case(caseId), keys.hub],
      onDone: (_ok, { id }) => {
        cache.setQueryData<Conflict[]>(keys.caseConflicts(caseId), (open) =>
          open?.filter((conflict) => conflict.id !== id),
        );
        onDone();
      },
    },
  );
}

/** A change of a port: the answer is the port as it is now. */
export function usePortAction<Input>(
  call: (client: StationClient, input: Input) => Promise<PortView>,
  onDone?: (port: PortView) => void,
) {
  const cache = useQueryClient();
  return useAction(call, {
    onDone: (port) => {
      cache.setQueryData<PortView[]>(keys.ports, (ports) =>
        ports?.some(({ id }) => id === port.id)
          ? ports.map((other) => (other.id === port.id ? port : other))
          : [...(ports ?? []), port],
      );
      onDone?.(port);
    },
  });
}

/** What bench and hub do with each other: the answer is how they stand now. */
export function useHubAction<Input, Output extends SyncView | null>(
  call: (client: StationClient, input: Input) => Promise<Output>,
) {
  const cache = useQueryClient();
  return useAction(call, { onDone: (view) => cache.setQueryData<SyncView | null>(keys.hub, view) });
}

/** Changes a remembered port. */
export const useEditPort = (onDone: () => void) =>
  usePortAction(
    (client, change: Parameters<StationClient['ports']['update']>[0]) => client.ports.update(change),
    onDone,
  );

/** Forgets a port; its unit, case and runs stay. */
export const useForgetPort = (onDone: () => void) =>
  useAction((client, id: string) => client.ports.forget({ id }), { stale: [keys.ports], onDone });
