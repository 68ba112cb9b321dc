import { z } from 'zod';

const TABS = ['station', 'ports', 'people', 'pin', 'look'] as const;
export const SettingsSearch = z.object({ tab: z.enum(TABS).optional().catch(undefined) });
