import { errorCatalogue } from './catalogue.ts';

export const evidenceErrors = errorCatalogue({});
