import { errorCatalogue } from './catalogue.ts';

export const storageErrors = errorCatalogue({});
