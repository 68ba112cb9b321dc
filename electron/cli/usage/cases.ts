import type { Command } from 'commander';
import * as steps from '../commands/case-steps.ts';
import * as cases from '../commands/cases.ts';
import * as work from '../commands/work.ts';
import { command, group, signedIn } from '../program.ts';

/** Commands about cases and their causes. */
export function caseCommands(program: Command): void {
  const theCase = group('case', 'RMA cases');
  command(theCase, 'open', 'opens a case')
    .option('--port <path>', 'for the unit on this port')
    .option('--serial <serial>', 'serial on the label')
    .option('--imei <imei>', 'IMEI on the label')
    .option('--fault <text>', 'what is wrong, in the customer’s words')
    .option('--customer <name>')
    .option('--announced', 'the unit is not here yet')
    .option('--without-unit', 'a claim after loss or theft, say: nothing will arrive')
    .option('--policy <id>', 'policy it is opened under')
    .action((options) => signedIn(options, (context) => cases.caseOpen(context, options)));
  command(theCase, 'show <number>', 'by number, serial or IMEI').action((number, options) =>
    signedIn(options, (context) => cases.caseShow(context, number)),
  );
  command(theCase, 'list', 'lists cases')
    .option('--status <list>', 'statuses, with commas')
    .option('--text <words>', 'words that must occur')
    .option('--open', 'open ones only')
    .option('--flag <flag>', 'identity-conflict, safety-stop, in-conflict, to-look-at, overdue or data-open')
    .option('--priority <priority>', 'P1, P2 or P3')
    .option('--assignee <name>')
    .option('--sort <order>', 'changed (default), number, promised or priority')
    .option('--from <n>', 'leaves out the first n')
    .option('--limit <n>', 'most cases to show (100)')
    .action((options) => signedIn(options, (context) => cases.caseList(context, options)));
  command(theCase, 'move <number> <status>', 'moves it on')
    .option('--reason <text>')
    .action((number, status, options) =>
      signedIn(options, (context) => cases.caseMove(context, number, status, options)),
    );
  command(theCase, 'cause <number> [code]', 'records or confirms a root cause')
    .option('--confirm <analysis>', 'confirms it (QA)')
    .option('--symptom <text>')
    .option('--action <text>')
    .option('--contributing', 'beside the primary cause')
    .action((number, code, options) =>
      signedIn(options, (context) => cases.caseCause(context, number, code, options)),
    );
  command(theCase, 'cause-remove <number> <code>', 'takes a root cause off the case')
    .requiredOption('--reason <text>')
    .action((number, code, options) =>
      signedIn(options, (context) => cases.causeRemove(context, number, code, options)),
    );
  command(theCase, 'consent <number>', 'records the customer’s consent')
    .requiredOption('--by <name>')
    .requiredOption('--ref <text>', 'where it is on file')
    .option('--about <subject>', 'wipe (default) or repair')
    .action((number, options) => signedIn(options, (context) => cases.caseConsent(context, number, options)));
  command(theCase, 'note <number> <text>', 'adds a note').action((number, text, options) =>
    signedIn(options, (context) => cases.caseNote(context, number, text)),
  );
  command(theCase, 'attach <number> <file>', 'adds a file as evidence')
    .option('--kind <kind>', 'photo, log, report or other (default)')
    .action((number, file, options) =>
      signedIn(options, (context) => work.attachFile(context, number, file, options)),
    );
  command(
    theCase,
    'set <number> <field=value...>',
    'changes facts; an empty value clears, assignee takes a name',
  ).action((number, fields, options) =>
    signedIn(options, (context) => steps.caseSet(context, number, fields)),
  );
  command(theCase, 'label <number>', 'sets what the label says')
    .option('--serial <serial>')
    .option('--imei <imei>')
    .option('--imei2 <imei>')
    .option('--meid <meid>')
    .option('--model <model>')
    .action((number, options) => signedIn(options, (context) => steps.caseLabel(context, number, options)));
  command(theCase, 'exception <number>', 'signs that the unit may leave against its data instruction (QA)')
    .requiredOption('--reason <text>')
    .requiredOption('--ref <text>', 'the signed paper')
    .action((number, options) =>
      signedIn(options, (context) => steps.caseException(context, number, options)),
    );
  command(theCase, 'escalate <number> <tier>', 'hands it over to L2 or L3')
    .requiredOption('--reason <text>')
    .requiredOption('--summary <text>', 'what the next tier must know')
    .action((number, tier, options) =>
      signedIn(options, (context) => steps.caseEscalate(context, number, tier, options)),
    );
  command(theCase, 'safety-stop <number>', 'swollen battery, heat, smoke: blocks the unit at once')
    .requiredOption('--reason <text>')
    .action((number, options) => signedIn(options, (context) => steps.safetyStop(context, number, options)));
  command(theCase, 'safety-reported <number>', 'product safety has been told')
    .requiredOption('--to <name>')
    .requiredOption('--ref <text>')
    .action((number, options) =>
      signedIn(options, (context) => steps.safetyReported(context, number, options)),
    );
  command(theCase, 'safety-release <number>', 'lifts the block (manager)')
    .requiredOption('--reason <text>')
    .action((number, options) =>
      signedIn(options, (context) => steps.safetyRelease(context, number, options)),
    );
  command(theCase, 'identity-change <number>', 'records a board swap; a second person signs')
    .requiredOption('--field <field>', 'serial, imei1, imei2 or meid')
    .requiredOption('--to <value>')
    .requiredOption('--reason <text>')
    .requiredOption('--witness <name>', 'their PIN from REPAIRBENCH_WITNESS_PIN')
    .option('--part <serial>', 'serial of the part')
    .action((number, options) =>
      signedIn(options, (context) => steps.identityChange(context, number, options)),
    );
  command(theCase, 'timeline <number>', 'everything that happened').action((number, options) =>
    signedIn(options, (context) => steps.timeline(context, number)),
  );
  command(program, 'causes', 'lists the catalogue of root causes')
    .option('--text <words>')
    .action((options) => signedIn(options, (context) => cases.causesList(context, options)));
}
