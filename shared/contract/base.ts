import { oc } from '@orpc/contract';
import { z } from 'zod';
import type { Role } from '../model/people.ts';

/**
 * Who may call a procedure.
 * - `anyone`: before sign-in (hello, first start, sign-in)
 * - `signed-in`: every role, auditors included: reading
 * - a list of roles: changing
 */
export type Permission = 'anyone' | 'signed-in' | readonly Role[];

export interface ContractMeta {
  permission: Permission;
  [key: string]: unknown;
}

/** The one error of the contract: the domain's code with its words, ready to show. */
export const BenchErrorData = z.object({
  code: z.string(),
  kind: z.enum(['unit', 'input', 'bench', 'refused', 'aborted']),
  hint: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

const base = oc.$meta<ContractMeta>({ permission: [] }).errors({
  BENCH: { status: 400, data: BenchErrorData },
  /** No session, or one that ended: sign in again. */
  SIGNED_OUT: { status: 401, data: z.object({ code: z.literal('people.signed-out'), hint: z.string() }) },
});

const DOING = ['technician', 'qa', 'manager', 'administrator'] as const;
/** Who may confirm a cause; and take a confirmed one back. */
export const CONFIRMING = ['qa', 'manager', 'administrator'] as const;
const MANAGING = ['manager', 'administrator'] as const;
const ADMINISTERING = ['administrator'] as const;

/** Callable before sign-in. */
export const open = base.meta({ permission: 'anyone' });
/** Reading: every signed-in person. */
export const reading = base.meta({ permission: 'signed-in' });
/** Bench work: technicians, QA, managers, administrators. */
export const doing = base.meta({ permission: DOING });
/** Confirming causes, signing exceptions: QA, managers, administrators. */
export const confirming = base.meta({ permission: CONFIRMING });
/** Managing: managers and administrators. */
export const managing = base.meta({ permission: MANAGING });
/** Station and people: administrators. */
export const administering = base.meta({ permission: ADMINISTERING });
