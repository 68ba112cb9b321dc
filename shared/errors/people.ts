import { errorCatalogue } from './catalogue.ts';

export const peopleErrors = errorCatalogue({});
