import { caseOps } from './cases.ts';
import type { Op, OpKind } from './define.ts';
import { evidenceOps } from './evidence.ts';
import { runOps } from './runs.ts';
import { stationOps } from './station.ts';

/** Every kind of operation, by name. */
export const OPS = { ...stationOps, ...caseOps, ...evidenceOps, ...runOps } as unknown as Readonly<
  Record<string, OpKind<never>>
>;

/** An entry as one past-tense sentence; a kind from a newer version is named by its code. */
export function describeOp(op: Op): string {
  return OPS[op.kind]?.describe(op.body as never) ?? op.kind;
}
