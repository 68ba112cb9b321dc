import { errorCatalogue } from './catalogue.ts';

export const wipeErrors = errorCatalogue({});
