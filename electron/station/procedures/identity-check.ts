import { BenchError } from '../../../shared/errors/index.ts';
import { compareIdentity } from '../../../shared/identity/index.ts';
import type { Identity } from '../../../shared/model/units.ts';
import type { RunCase } from './types.ts';

/**
 * Compares what the unit just said with its case, before anything else is asked of it. Throws
 * `run.identity-conflict` with every disagreement in words; what somebody does not say is none.
 */
export function refuseOtherUnit(rmaCase: RunCase, identity: Identity): void {
  const { identifiers } = rmaCase;
  const now = identifiers ? compareIdentity(identity, null, identifiers) : [];
  // The case's own list also knows its label, and what a recorded board swap has replaced.
  const conflicts = now.length > 0 ? now : rmaCase.conflicts;
  if (conflicts.length === 0) return;
  const detail = conflicts.map(({ message }) => message).join(' ');
  throw new BenchError('run.identity-conflict', { caseNumber: rmaCase.number, detail });
}
