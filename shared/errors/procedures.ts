import { errorCatalogue } from './catalogue.ts';

export const procedureErrors = errorCatalogue({});
