import { Command, CommanderError } from 'commander';
import { BenchError } from '../../shared/errors/index.ts';
import { dataFolder } from '../common/data-folder.ts';
import { PROGRAM_VERSION } from '../common/program.ts';
import { hasKeyRing } from '../station/storage/keyring.ts';
import * as steps from './commands/case-steps.ts';
import * as cases from './commands/cases.ts';
import * as evidence from './commands/evidence.ts';
import * as station from './commands/station.ts';
import * as work from './commands/work.ts';
import { type Connection, connect } from './connect.ts';
import { type CommonOptions, type Context, signIn } from './context.ts';
import { type Result, show, showError } from './output.ts';

/** What the person typed decides the shape of every answer, errors of the arguments included. */
const asJson = process.argv.includes('--json');
let exitCode = 0;

const program = new Command('repairbench')
  .description('The bench of a device repair lab, from the command line')
  .version(PROGRAM_VERSION)
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({ writeErr: (text) => (asJson ? undefined : process.stderr.write(text)) });

/** Adds the options that every command takes. */
function command(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option('--data <dir>', 'data folder (also from REPAIRBENCH_DATA)')
    .option('--as <name>', 'who you are; your PIN comes from REPAIRBENCH_PIN')
    .option('--json', 'exactly one JSON document on standard output')
    .exitOverride();
}

/** Commands that work before anybody can sign in. */
async function withStation(
  options: CommonOptions,
  work: (connection: Connection) => Promise<Result>,
): Promise<void> {
  const connection = await connect(dataFolder(options));
  try {
    exitCode = await show(await work(connection), asJson);
  } finally {
    await connection.close();
  }
}

/** Commands of a signed-in person. */
async function signedIn(options: CommonOptions, work: (context: Context) => Promise<Result>): Promise<void> {
  // Nothing is made by looking: a mistyped folder stays unmade.
  if (!hasKeyRing(dataFolder(options))) {
    throw new BenchError('storage.not-initialised', { path: dataFolder(options) });
  }
  return withStation(options, async (connection) =>
    work(await signIn(connection, options.as, dataFolder(options))),
  );
}

const collect = (value: string, all: string[]) => [...all, value];

command(program, 'init', 'makes a bench, its first administrator and its recovery key')
  .requiredOption('--admin <name>', 'name of the administrator; PIN from REPAIRBENCH_PIN')
  .option('--training', 'a bench for virtual units')
  .option('--name <text>', 'name of the bench')
  .option('--prefix <text>', 'prefix of its case numbers, unique at the site')
  .action((options) => withStation(options, (connection) => station.init(connection, options)));
command(program, 'unlock', 'opens a bench with its recovery key, read from standard input').action(
  (options) => withStation(options, station.unlock),
);
command(program, 'doctor', 'says what is wrong with this bench, if anything')
  .option('--bundle <file>', 'writes a support bundle, without customer data')
  .action((options) => withStation(options, (connection) => station.doctor(connection, options)));

const person = program.command('person').description('people of this bench');
command(person, 'add <name>', 'adds somebody; their PIN from REPAIRBENCH_NEW_PIN')
  .requiredOption('--role <role>', 'technician, qa, manager, administrator or auditor')
  .action((name, options) => signedIn(options, (context) => station.personAdd(context, name, options)));
command(person, 'list', 'lists them').action((options) => signedIn(options, station.personList));

command(program, 'devices', 'lists ports and what hangs on them').action((options) =>
  signedIn(options, station.devices),
);
const port = program.command('port').description('where units are attached');
command(port, 'add <path>', 'remembers a port: a path, or tcp:127.0.0.1:PORT')
  .option('--driver <family>', 'at or console; otherwise it is worked out')
  .option('--label <text>', 'a name for it')
  .option('--login <name>', 'login of the console')
  .option('--password-env <variable>', 'environment variable that holds its password')
  .option('--baud <rate>', 'speed')
  .action((path, options) => signedIn(options, (context) => station.portAdd(context, path, options)));
command(port, 'identify <path>', 'opens it and asks what hangs on it').action((path, options) =>
  signedIn(options, (context) => station.portIdentify(context, path)),
);
command(port, 'forget <path>', 'forgets it').action((path, options) =>
  signedIn(options, (context) => station.portForget(context, path)),
);

const theCase = program.command('case').description('RMA cases');
command(theCase, 'open', 'opens a case')
  .option('--port <path>', 'for the unit on this port')
  .option('--serial <serial>', 'serial on the label')
  .option('--imei <imei>', 'IMEI on the label')
  .option('--fault <text>', 'what is wrong, in the customer’s words')
  .option('--customer <name>')
  .option('--announced', 'the unit is not here yet')
  .action((options) => signedIn(options, (context) => cases.caseOpen(context, options)));
command(theCase, 'show <number>', 'by number, serial or IMEI').action((number, options) =>
  signedIn(options, (context) => cases.caseShow(context, number)),
);
command(theCase, 'list', 'lists cases')
  .option('--status <list>', 'statuses, with commas')
  .option('--text <words>', 'words that must occur')
  .option('--limit <n>')
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
  .option('--contributing')
  .action((number, code, options) =>
    signedIn(options, (context) => cases.caseCause(context, number, code, options)),
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
  .option('--kind <kind>', 'photo, log or other')
  .action((number, file, options) =>
    signedIn(options, (context) => work.attachFile(context, number, file, options)),
  );
command(theCase, 'set <number> <field=value...>', 'changes facts; an empty value clears').action(
  (number, fields, options) => signedIn(options, (context) => steps.caseSet(context, number, fields)),
);
command(theCase, 'label <number>', 'sets what the label says')
  .option('--serial <serial>')
  .option('--imei <imei>')
  .option('--imei2 <imei>')
  .option('--model <model>')
  .action((number, options) => signedIn(options, (context) => steps.caseLabel(context, number, options)));
command(theCase, 'exception <number>', 'signs that the unit may leave against its data instruction (QA)')
  .requiredOption('--reason <text>')
  .requiredOption('--ref <text>', 'the signed paper')
  .action((number, options) => signedIn(options, (context) => steps.caseException(context, number, options)));
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
  .action((number, options) => signedIn(options, (context) => steps.safetyRelease(context, number, options)));
command(theCase, 'identity-change <number>', 'records a board swap; a second person signs')
  .requiredOption('--field <field>', 'serial, imei1 or imei2')
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

command(program, 'intake', 'knows the unit, finds or opens its case, pulls its logs')
  .requiredOption('--port <path>')
  .option('--case <number>')
  .option('--fault <text>')
  .option('--answer <key=value>', 'answers a prompt beforehand', collect, [])
  .action((options) => signedIn(options, (context) => work.intake(context, options, asJson)));
command(program, 'procedures', 'lists what can be run').action((options) =>
  signedIn(options, work.proceduresList),
);
command(program, 'run <procedure>', 'runs a procedure')
  .requiredOption('--case <number>')
  .option('--port <path>')
  .option('--answer <key=value>', 'answers a prompt beforehand', collect, [])
  .option('--input <key=value>', 'a value the procedure asks for', collect, [])
  .option('--confirm <last4>', 'for what destroys data')
  .action((procedure, options) =>
    signedIn(options, (context) => work.runProcedure(context, procedure, options, asJson)),
  );
command(program, 'wipe', 'wipes a unit, and signs what came of it')
  .requiredOption('--port <path>')
  .requiredOption('--case <number>')
  .requiredOption('--confirm <last4>', 'last four of the IMEI, else of the serial')
  .option('--target <device>', 'what to overwrite, on a console')
  .option('--answer <key=value>', 'answers a prompt beforehand', collect, [])
  .action((options) => signedIn(options, (context) => work.wipe(context, options, asJson)));
command(program, 'targets', 'lists what could be wiped on a unit')
  .requiredOption('--port <path>')
  .requiredOption('--case <number>')
  .action((options) => signedIn(options, (context) => work.wipeTargets(context, options)));

const artifact = program.command('artifact').description('logs, photos, reports');
command(artifact, 'get <id>', 'writes its content to a file')
  .requiredOption('--out <file>')
  .action((id, options) => signedIn(options, (context) => evidence.artifactGet(context, id, options.out)));
command(artifact, 'search <id> <query>', 'finds lines')
  .option('--regex')
  .option('--case', 'case matters')
  .option('--limit <n>')
  .action((id, query, options) =>
    signedIn(options, (context) => evidence.artifactSearch(context, id, query, options)),
  );
const record = program.command('record').description('signed records');
command(record, 'get <id>', 'shows the signed envelope, or writes it to a file')
  .option('--out <file>')
  .action((id, options) => signedIn(options, (context) => evidence.recordGet(context, id, options.out)));
command(program, 'verify <what> [id]', 'checks the log, an artifact or a record').action(
  (what, id, options) => signedIn(options, (context) => evidence.verify(context, what, id)),
);
command(program, 'backup <folder>', 'writes a complete, encrypted copy').action((folder, options) =>
  signedIn(options, (context) => station.backup(context, folder)),
);
command(program, 'restore <folder>', 'puts a backup into an empty data folder').action(
  async (folder, options) => {
    exitCode = await show(await station.restore(folder, dataFolder(options)), asJson);
  },
);

command(program, 'rack', 'virtual units on real ports, until interrupted; takes “fault ADDRESS NAME on|off”')
  .option('--at <n>', 'phones')
  .option('--console <n>', 'routers')
  .option('--link <dir>', 'folder for links to them with lasting names')
  .action((options) => import('./commands/rack.ts').then(({ rack }) => rack(options)));

/** Usage errors of the parser as the domain's error; help and version are no errors. */
function parserError(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.exitCode === 0 || error.code === 'commander.help') return null;
  return new BenchError('input.invalid', { detail: error.message.replace(/^error: /, '') });
}

try {
  await program.parseAsync(process.argv);
} catch (error) {
  const problem = parserError(error);
  if (problem) {
    const shown = error instanceof CommanderError && !asJson;
    exitCode = shown ? 2 : await showError(problem, asJson);
  }
}
process.exitCode = exitCode;
