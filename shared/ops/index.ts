import { caseOps } from './cases.ts';
import type { Op, OpKind } from './define.ts';
import { evidenceOps } from './evidence.ts';
import { runOps } from './runs.ts';
import { stationOps } from './station.ts';

/** Every kind of operation, by name. */
export const OPS = { ...stationOps, ...caseOps, ...evidenceOps, ...runOps } as unknown as Readonly<
  Record<string, OpKind<never>>
>;

/** An entry as one past-tense sentence; a kind from a newer version, or without readable content, is named by its code. */
export function describeOp(op: Op): string {
  const kind = Object.hasOwn(OPS, op.kind) ? OPS[op.kind] : undefined;
  return op.body === null ? op.kind : (kind?.describe(op.body as never) ?? op.kind);
}
