import { stripSeparators } from '../../../shared/identity/imei.ts';
import type { CaseSummary } from '../../../shared/model/cases.ts';
import type { PortView } from '../../../shared/model/ports.ts';

/** What a scanned text leads to. */
export type Resolution =
  | { readonly kind: 'case'; readonly summary: CaseSummary }
  | { readonly kind: 'choice'; readonly found: CaseSummary[] }
  /** No case, but the unit itself is connected to a port. */
  | { readonly kind: 'port'; readonly port: PortView }
  | { readonly kind: 'unknown' };

const bare = (text: string): string => stripSeparators(text).toUpperCase();

/** A number or id names one case; an identifier may have had several, and then a person chooses. */
export function resolveScan(text: string, found: CaseSummary[], ports: readonly PortView[]): Resolution {
  const exact = found.find(({ number, id }) => bare(number) === bare(text) || id === text);
  if (exact) return { kind: 'case', summary: exact };
  const [only, ...more] = found;
  if (only) return more.length === 0 ? { kind: 'case', summary: only } : { kind: 'choice', found };
  const port = ports.find(({ identity }) =>
    [identity?.serial, identity?.imei1, identity?.imei2].some((said) => said && bare(said) === bare(text)),
  );
  return port ? { kind: 'port', port } : { kind: 'unknown' };
}
