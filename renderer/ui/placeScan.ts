import { classifyIdentifier } from '../../shared/identity/index.ts';

interface LabelFields {
  readonly imei1: string;
  readonly imei2: string;
}

/** The field of a label that a scanned code belongs to: a second IMEI goes to the second slot. */
export function placeScan(
  text: string,
  fields: LabelFields,
): { field: 'serial' | 'imei1' | 'imei2' | 'meid'; value: string } | null {
  const found = classifyIdentifier(text);
  switch (found.kind) {
    case 'case-number':
      return null;
    case 'meid':
      return { field: 'meid', value: found.value };
    case 'serial':
      return { field: 'serial', value: found.display };
    default: {
      const taken = fields.imei1.trim() !== '' && classifyIdentifier(fields.imei1).value !== found.value;
      return { field: taken ? 'imei2' : 'imei1', value: found.value };
    }
  }
}
