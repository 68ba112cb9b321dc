import { errorCatalogue } from './catalogue.ts';

export const caseErrors = errorCatalogue({
  // What a guard of the RMA's states says (`shared/rma`).
  'case.no-such-move': {
    kind: 'input',
    message: 'A case cannot go from “{from}” to “{to}”.',
    hint: '{next}',
  },
  'case.reason-needed': {
    kind: 'input',
    message: 'Moving a case to “{to}” needs a reason.',
    hint: 'Say in a sentence why; it stays on the case.',
  },
  'case.claim-without-unit': {
    kind: 'refused',
    message: 'This is a claim without a unit: nothing will arrive.',
    hint: 'Decide the claim (replaced, refunded or cancelled), or open a case with a unit if one did arrive.',
  },
  'case.unit-expected': {
    kind: 'refused',
    message: 'A unit belongs to this case and has not been received yet.',
    hint: 'Receive and diagnose the unit first. Only claims without a unit are decided before.',
  },
  'case.identity-conflict': {
    kind: 'refused',
    message: 'Unit, label and case do not agree. {detail}',
    hint: 'Read the unit again, correct the label, record an identity change with a second person, or escalate.',
  },
  'case.wipe-not-instructed': {
    kind: 'refused',
    message: 'The data instruction of this case is “{instruction}”: nothing may be wiped.',
    hint: 'If the customer now wants a wipe, change the data instruction and record their consent.',
  },
  'case.no-wipe-consent': {
    kind: 'refused',
    message: 'The customer’s consent to the wipe is not on record.',
    hint: 'Record who consented and where it is written.',
  },
  'case.no-approval': {
    kind: 'refused',
    message: 'The customer’s approval of the repair and its price is not on record.',
    hint: 'Record who approved and where it is written, or return the unit unrepaired.',
  },
  'case.not-wiped': {
    kind: 'refused',
    message:
      'The data instruction is “wipe”, and no verified wipe of the whole unit is on record: {missing}.',
    hint: 'Wipe every medium of the unit, each verified, or have QA sign a data exception.',
  },
  'case.no-waiver': {
    kind: 'refused',
    message: 'The data instruction is “keep”, and the customer’s signed waiver is not on record.',
    hint: 'Have QA record the waiver’s reference as the data exception.',
  },
  'case.not-destroyed': {
    kind: 'refused',
    message: 'The data instruction is “destroy”, and the record of the destruction is missing.',
    hint: 'Destroy the media, then have QA record the reference of the destruction as the data exception.',
  },
  'case.media-not-returned': {
    kind: 'refused',
    message: 'The data instruction is “media returned”, and the receipt for the media is missing.',
    hint: 'Hand the media over, then have QA record the receipt’s reference as the data exception.',
  },
  'case.run-under-way': {
    kind: 'refused',
    message: '“{title}” is still under way for this case.',
    hint: 'Wait until it has ended, or stop it, before the unit leaves the lab.',
  },
  'case.no-cause': {
    kind: 'refused',
    message: 'The case has no primary root-cause code.',
    hint: 'Add one from the cause catalogue; “suspected” is enough.',
  },
  'case.no-test-evidence': {
    kind: 'refused',
    message: '“No fault found” needs a passed diagnosis or inspection of this unit as evidence.',
    hint: 'Run a diagnosis or the manual inspection until it passes, or choose another cause.',
  },
  'safety.not-reported': {
    kind: 'refused',
    message: 'A safety stop blocks this unit ({reason}), and product safety has not been told yet.',
    hint: 'Tell product safety at once and record it: due {due}.',
  },
  'safety.not-released': {
    kind: 'refused',
    message: 'A safety stop blocks this unit ({reason}). Product safety was told.',
    hint: 'A manager must release it before anything else is done.',
  },

  // What the service itself refuses.
  'safety.none': {
    kind: 'refused',
    message: 'No safety stop stands on case {number}.',
    hint: 'Look at the case again; somebody may have released it.',
  },
  'safety.stands': {
    kind: 'refused',
    message: 'A safety stop stands on this unit already: {reason}.',
    hint: 'Keep away from it, tell product safety, and note what you saw on the case.',
  },
  'safety.already-reported': {
    kind: 'refused',
    message: 'Product safety was told at {at} already.',
    hint: 'Add a note if there is more to say.',
  },
  'case.closed': {
    kind: 'refused',
    message: 'Case {number} is closed.',
    hint: 'Open a new case for this unit; notes can still be added.',
  },
  'case.unit-left': {
    kind: 'refused',
    message:
      'Case {number} is “{status}”: its unit is no longer the lab’s to work on, and its data instruction stands.',
    hint: 'If a shipped unit came back, move the case to “ready”. Otherwise open a new case, or add a note.',
  },
  'case.open-already': {
    kind: 'refused',
    message: 'This unit is on case {number} already, which is {status}.',
    hint: 'Go on with that case; a unit in the lab has one open case.',
  },
  'case.serial-in-use': {
    kind: 'refused',
    message:
      'Case {number}, which is {status}, has a unit with the serial number {serial} already (maker: {maker}).',
    hint: 'If it is that unit, go on with that case. If not, give the makers: of this unit here, and on the label of that case.',
  },
  'case.unit-unread': {
    kind: 'refused',
    message: 'Nobody has read a unit for case {number}: it knows its unit by hand only.',
    hint: 'Correct what its label says instead.',
  },
  'case.tier-escalates': {
    kind: 'refused',
    message: 'Case {number} is with {tier}; it goes to a higher tier by escalating only.',
    hint: 'Escalate it with a reason and a summary, so that the higher tier knows what was tried.',
  },
  'case.policy-missing': {
    kind: 'bench',
    message: 'The policy “{policy}” of case {number} is not on this bench.',
    hint: 'Put its file back into resources/policies, or correct it: “repairbench doctor” says what is wrong.',
  },
  'case.no-default-policy': {
    kind: 'bench',
    message: 'This bench has no policy that counts where none is named.',
    hint: 'Name one of: {known}. Run “repairbench doctor” to see which policy file is wrong.',
  },
  'case.port-unread': {
    kind: 'input',
    message: 'Nobody has asked yet what is connected to this port.',
    hint: 'Identify the unit on the port first, or open the case by serial number or IMEI.',
  },
  'case.unit-here': {
    kind: 'input',
    message: 'A unit on a port is here, so its case cannot be an announced one or a claim without a unit.',
    hint: 'Leave out the port, or open it as received.',
  },
  'case.no-unit': {
    kind: 'input',
    message: 'Case {number} is a claim without a unit.',
    hint: 'Open a case with a unit if one did arrive.',
  },
  'case.tier-not-higher': {
    kind: 'input',
    message: 'Case {number} is with {tier} already.',
    hint: 'An escalation goes to a higher tier.',
  },
  'case.unknown-policy': {
    kind: 'input',
    message: 'There is no policy “{policy}”.',
    hint: 'Choose one of: {known}.',
  },
  'cause.unknown': {
    kind: 'input',
    message: 'The cause catalogue ({version}) has no code “{code}”.',
    hint: 'Search the catalogue by component or by what is wrong.',
  },
  'cause.primary-taken': {
    kind: 'refused',
    message: 'The case has a primary cause already: {code}.',
    hint: 'Add this one as contributing, or remove the other first.',
  },
  'cause.confirmed': {
    kind: 'refused',
    message: 'The cause {code} is confirmed; the role “{role}” may not remove it.',
    hint: 'Ask QA, a manager or an administrator, or add a note that says what speaks against it.',
  },
  'cause.already-confirmed': {
    kind: 'refused',
    message: 'The cause {code} was confirmed already.',
    hint: 'Add a note if there is more to say.',
  },
  'identity.check-digit': {
    kind: 'input',
    message: '{text} is no valid IMEI: its last digit should be {expected} if the others are right.',
    hint: 'Compare it with the label and type or scan it again.',
  },
  'identity.not-an-imei': {
    kind: 'input',
    message: '“{text}” is no IMEI: an IMEI has 15 digits.',
    hint: 'Compare it with the label; leave it empty if there is none.',
  },
  'identity.not-a-meid': {
    kind: 'input',
    message: '“{text}” is no MEID: a MEID has 14 hexadecimal or 18 decimal digits.',
    hint: 'Compare it with the label; leave it empty if there is none.',
  },
  'identity.placeholder': {
    kind: 'input',
    message: '“{text}” stands for “not set” on many units, so it tells none apart.',
    hint: 'Leave it empty if there is nothing better.',
  },
  'identity.unchanged': {
    kind: 'input',
    message: 'The case says {text} for the {field} already.',
    hint: 'Give the identifier that the unit has now.',
  },
  'identity.of-other-unit': {
    kind: 'refused',
    message: 'The {field} {text} belongs to the unit of case {number}.',
    hint: 'Check that the right unit is on the bench; close that case first if the part came from its unit.',
  },
  'resource.invalid': {
    kind: 'bench',
    message: '{path}, line {line}, column {column}: {detail}.',
    hint: 'Correct the file; it is data that came with the program or that the site changed.',
  },
});
