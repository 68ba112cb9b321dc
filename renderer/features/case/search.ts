import { z } from 'zod';

/** Where on the case to go at once, when a card on the bench or a link asks for it. */
export const CaseSearch = z.object({
  at: z.enum(['cause', 'wipe', 'identity', 'data']).optional().catch(undefined),
});
export type CaseSearch = z.infer<typeof CaseSearch>;
