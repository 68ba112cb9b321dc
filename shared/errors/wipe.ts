import { errorCatalogue } from './catalogue.ts';

/** One code for each safety predicate of `electron/station/wipe/guards.ts`, and for how a wipe can end. */
export const wipeErrors = errorCatalogue({
  'wipe.identity-unproven': {
    kind: 'refused',
    message: 'The unit cannot be told apart from others: {detail}.',
    hint: 'Put the serial number or IMEI from its label on the case, and check that the unit reports it too.',
  },
  'wipe.identity-mismatch': {
    kind: 'refused',
    message: 'This is not the unit of the case: {detail}.',
    hint: 'Check which unit is on the port and which case is open. Nothing was wiped.',
  },
  'wipe.other-unit-after-restart': {
    kind: 'refused',
    message: 'After the restart another unit answers on this port: {detail}.',
    hint: 'Stop and check the cabling. The wipe is recorded as not verified.',
  },
  'wipe.instruction': {
    kind: 'refused',
    message: 'The data instruction of the case is “{instruction}”, not “wipe” or “destroy”.',
    hint: 'Ask the customer, and set the data instruction on the case first.',
  },
  'wipe.no-consent': {
    kind: 'refused',
    message: 'No consent to the wipe is on record for this case.',
    hint: 'Record on the case who agreed and where it is written.',
  },
  'wipe.role': {
    kind: 'refused',
    message: 'The role “{role}” may not wipe a unit.',
    hint: 'Ask a technician, QA engineer, manager or administrator.',
  },
  'wipe.not-confirmed': {
    kind: 'refused',
    message: 'A wipe must be confirmed with the last four characters of the unit’s {what}.',
    hint: 'Read them from the unit’s own label, or scan the label.',
  },
  'wipe.confirmation-wrong': {
    kind: 'refused',
    message: 'The confirmation does not match the {what} of the unit on this port.',
    hint: 'Compare the label with the unit in front of you. Nothing was wiped.',
  },
  'wipe.target-unknown': {
    kind: 'refused',
    message: 'The unit does not list “{target}” as something that can be wiped.',
    hint: 'Choose one of: {known}.',
  },
  'wipe.target-not-allowed': {
    kind: 'refused',
    message: '“{target}” may not be wiped: {reasons}.',
    hint: 'Choose another target, or remove what stands in the way (unmount it, say).',
  },
  'wipe.target-changed': {
    kind: 'refused',
    message: '“{target}” is not what it was when it was chosen: it was exchanged, resized, or is in use now.',
    hint: 'Look at the list of targets again. What was already overwritten stays overwritten.',
  },
  'wipe.locked': {
    kind: 'refused',
    message: 'The unit is locked ({lock}); a reset would not remove the lock, and may only hide the data.',
    hint: 'Ask the customer to remove the account or lock, then wipe again.',
  },
  'wipe.unverified': {
    kind: 'unit',
    message: 'The wipe is not proven: {reasons}.',
    hint: 'Wipe again with read-back, use a method with proof, or have the medium destroyed.',
  },
  'wipe.failed': {
    kind: 'unit',
    message: 'The wipe failed: {reasons}.',
    hint: 'Treat the unit as holding customer data. Wipe again, or have the medium destroyed.',
  },
  'wipe.interrupted': {
    kind: 'bench',
    message: 'The wipe was interrupted: {reasons}.',
    hint: 'Treat the unit as holding customer data. Wipe it again.',
  },
  'wipe.cannot-sanitize': {
    kind: 'unit',
    message: 'This unit cannot be wiped here: {reasons}.',
    hint: 'Treat it as holding customer data; the medium has to be destroyed or returned.',
  },
});
