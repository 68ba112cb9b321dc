import type { CaseFilter } from '../../shared/model/cases.ts';

export type CaseSort = 'changed' | 'number' | 'promised' | 'priority';

/** Query keys begin with the topic that makes them stale (see `ChangeEvent`). */
export const keys = {
  hello: ['hello'],
  me: ['me'],
  ports: ['ports'],
  people: ['people'],
  settings: ['settings'],
  hub: ['hub'],
  hubFiles: ['hub', 'files'],
  doctor: ['settings', 'doctor'],
  catalogue: ['catalogue'],
  procedures: ['procedures'],
  cases: ['cases'],
  casePage: (filter: CaseFilter, sort: CaseSort, page: number) => ['cases', 'page', filter, sort, page],
  caseCounts: (filter: CaseFilter) => ['cases', 'counts', filter],
  case: (id: string) => ['case', id],
  caseGlance: (id: string) => ['case', id, 'glance'],
  timeline: (id: string) => ['case', id, 'timeline'],
  conflicts: ['conflicts'],
  caseConflicts: (id: string) => ['conflicts', id],
  run: (id: string) => ['run', id],
  artifactBytes: (id: string) => ['artifact', id],
} as const satisfies Record<string, readonly unknown[] | ((...parts: never[]) => readonly unknown[])>;

/** The query key that a topic makes stale. */
export const topicKey = (topic: string): readonly string[] => topic.split(':');
