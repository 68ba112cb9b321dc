import { z } from 'zod';

export const TABS = ['station', 'ports', 'people', 'pin', 'look'] as const;
export type Tab = (typeof TABS)[number];
export const SettingsSearch = z.object({ tab: z.enum(TABS).optional().catch(undefined) });
