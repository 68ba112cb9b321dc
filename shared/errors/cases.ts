import { errorCatalogue } from './catalogue.ts';

export const caseErrors = errorCatalogue({});
