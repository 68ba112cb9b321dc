import type { ContractMeta, Permission } from '../../shared/contract/base.ts';
import type { Role } from '../../shared/model/people.ts';

/** A call of the contract, as far as its permission is concerned. */
interface Guarded {
  readonly '~orpc': { readonly meta: ContractMeta };
}

/**
 * Whether a role may make a call. Only for showing what a person can do: the station checks every call itself,
 * against the same table.
 */
export function can(role: Role, call: Guarded): boolean {
  const permission: Permission = call['~orpc'].meta.permission;
  if (permission === 'anyone' || permission === 'signed-in') return true;
  return permission.includes(role);
}
