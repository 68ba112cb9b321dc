import type { ContractRouterClient } from '@orpc/contract';
import { people, ports, session, station } from './station.ts';
import { artifacts, cases, causes, conflicts, hub, procedures, records, runs, verify } from './work.ts';

/**
 * Everything a window, a browser or the command line can ask of a station: name, input, output,
 * errors and permission of each call stand here and nowhere else; both ends validate against it.
 */
export const contract = {
  station,
  session,
  people,
  ports,
  cases,
  causes,
  procedures,
  runs,
  artifacts,
  records,
  verify,
  conflicts,
  hub,
};
export type Contract = typeof contract;
/** A client of the contract, whatever carries it. */
export type StationClient = ContractRouterClient<Contract>;
