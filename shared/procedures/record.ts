/**
 * Where an answer goes in the case, beside the run that asked:
 * - `label.…`: what the unit's label says; checked, and compared with unit and case
 * - `fields.…`: a fact of the case; it is added to what stands there, never put in its place
 * - `note`: a note on the case
 * - `safety-stop`: “yes” raises the safety stop when the run has ended
 */
export const RECORD_TARGETS = [
  'label.serial',
  'label.imei1',
  'label.imei2',
  'label.meid',
  'label.maker',
  'label.model',
  'fields.fault',
  'fields.condition',
  'fields.accessories',
  'note',
  'safety-stop',
] as const;
export type RecordTarget = (typeof RECORD_TARGETS)[number];
