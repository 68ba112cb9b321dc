import { z } from 'zod';
import { type CaseFilter, CaseFlag, STATUSES, Status } from '../../../shared/model/cases.ts';

/** What the address of the list holds, so that going back finds it as it was. */
export const CasesSearch = z.object({
  text: z.string().max(200).optional().catch(undefined),
  /** A status, or `all`; nothing: the open cases. */
  show: z
    .enum(['all', ...STATUSES])
    .optional()
    .catch(undefined),
  flag: CaseFlag.optional().catch(undefined),
  sort: z.enum(['changed', 'number', 'promised', 'priority']).optional().catch(undefined),
  /** `new`: the dialog for a new case is open. */
  open: z.literal('new').optional().catch(undefined),
  /** Prefills that dialog: the port with the unit, or a scanned identifier. */
  port: z.string().max(100).optional().catch(undefined),
  identifier: z.string().max(200).optional().catch(undefined),
});
export type CasesSearch = z.infer<typeof CasesSearch>;

export function filterOf({ text, show, flag }: CasesSearch): CaseFilter {
  const status = Status.safeParse(show);
  return {
    ...(text?.trim() ? { text: text.trim() } : {}),
    ...(status.success ? { statuses: [status.data] } : show === 'all' ? {} : { open: true }),
    ...(flag ? { flag } : {}),
  };
}
