import type { Command } from 'commander';
import { dataFolder } from '../../common/data-folder.ts';
import * as conflicts from '../commands/conflicts.ts';
import * as hub from '../commands/hub.ts';
import * as people from '../commands/people.ts';
import * as ports from '../commands/ports.ts';
import * as station from '../commands/station.ts';
import { command, group, offline, signedIn, withBench, withStation } from '../program.ts';

/** Commands about the bench itself, its people and its ports. */
export function benchCommands(program: Command): void {
  command(program, 'init', 'makes a bench, its first administrator and its recovery key')
    .requiredOption('--admin <name>', 'name of the administrator; PIN from REPAIRBENCH_PIN')
    .option('--training', 'a bench for virtual units')
    .option('--name <text>', 'name of the bench')
    .option('--prefix <text>', 'prefix of its case numbers, unique at the site')
    .action((options) => withStation(options, (connection) => station.init(connection, options)));
  command(program, 'unlock', 'opens a bench with its recovery key, read from standard input').action(
    (options) => withBench(options, station.unlock),
  );
  command(program, 'recovery-key', 'makes another recovery key; the old one opens the bench no more').action(
    (options) => signedIn(options, station.newRecoveryKey),
  );
  command(program, 'doctor', 'says what is wrong with this bench, if anything')
    .option('--bundle <file>', 'writes a support bundle with the program’s log, without customer data')
    .action((options) =>
      withBench(options, (connection) => station.doctor(connection, dataFolder(options), options)),
    );
  command(program, 'settings [setting=value...]', 'shows the bench’s settings, or changes them').action(
    (settings, options) => signedIn(options, (context) => station.settings(context, settings)),
  );
  command(program, 'backup <folder>', 'writes a complete, encrypted copy').action((folder, options) =>
    signedIn(options, (context) => station.backup(context, folder)),
  );
  command(program, 'restore <folder>', 'puts a backup into an empty data folder').action((folder, options) =>
    offline(() => station.restore(folder, dataFolder(options))),
  );
  command(program, 'rack', 'virtual units on real ports, until interrupted')
    .option('--at <n>', 'phones')
    .option('--console <n>', 'routers')
    .option('--link <dir>', 'folder for links to them with lasting names')
    .option('--faults', 'takes lines “fault ADDRESS NAME on|off” at the terminal; from a pipe always')
    .action((options) => import('../commands/rack.ts').then(({ rack }) => rack(options)));

  const hubs = group('hub', 'the hub that this bench belongs to');
  command(hubs, 'enrol <url> <code>', 'joins the hub that made the code').action((url, code, options) =>
    signedIn(options, (context) => hub.hubEnrol(context, url, code)),
  );
  command(hubs, 'state', 'says how they stand').action((options) => signedIn(options, hub.hubState));
  command(
    hubs,
    'rotate-key',
    'gives this bench another signing key; the hub is told with the next exchange',
  ).action((options) => signedIn(options, hub.hubRotateKey));
  command(hubs, 'leave', 'belongs to it no more').action((options) => signedIn(options, hub.hubLeave));
  command(program, 'sync', 'sends what waits to the hub, and reads what other benches did')
    .option('--once', 'one exchange, then ends (it always does)')
    .action((options) => signedIn(options, hub.sync));

  conflictCommands();
  peopleCommands();
  portCommands(program);
}

function conflictCommands(): void {
  const open = group('conflicts', 'where benches disagree, and what is to stand');
  command(open, 'list', 'lists what nobody has settled (also without “list”)', { isDefault: true })
    .option('--case <number>', 'of this case only')
    .action((options) => signedIn(options, (context) => conflicts.conflictsList(context, options)));
  command(open, 'settle <id>', 'keeps what stands, or takes over what was wanted')
    .option('--take <list>', 'what to take over, with commas, as the list names it')
    .option('--reason <text>')
    .action((id, options) => signedIn(options, (context) => conflicts.conflictsSettle(context, id, options)));
}

function peopleCommands(): void {
  const person = group('person', 'people of this bench');
  command(person, 'add <name>', 'adds somebody; their PIN from REPAIRBENCH_NEW_PIN')
    .requiredOption('--role <role>', 'technician, qa, manager, administrator or auditor')
    .action((name, options) => signedIn(options, (context) => people.personAdd(context, name, options)));
  command(person, 'list', 'lists them').action((options) => signedIn(options, people.personList));
  command(person, 'set <name>', 'changes somebody')
    .option('--role <role>', 'technician, qa, manager, administrator or auditor')
    .option('--leave', 'they can no longer sign in; what they did stays theirs')
    .option('--return', 'they can sign in again')
    .option('--new-pin', 'a new PIN, from REPAIRBENCH_NEW_PIN')
    .action((name, options) => signedIn(options, (context) => people.personSet(context, name, options)));
  command(person, 'pin', 'changes your own PIN to the one in REPAIRBENCH_NEW_PIN').action((options) =>
    signedIn(options, people.ownPin),
  );
  command(
    person,
    'reset-pin <name>',
    'an administrator forgot it: the new PIN from REPAIRBENCH_NEW_PIN, the printed key from REPAIRBENCH_RECOVERY_KEY',
  ).action((name, options) => withBench(options, (connection) => people.resetPin(connection, name)));
}

function portCommands(program: Command): void {
  command(program, 'devices', 'lists ports and what is connected').action((options) =>
    signedIn(options, ports.devices),
  );
  const port = group('port', 'where units are attached');
  const settings = (usage: string, description: string) =>
    command(port, usage, description)
      .option('--driver <family>', 'at, console, or auto: it is worked out')
      .option('--label <text>', 'a name for it')
      .option('--login <name>', 'login of the console')
      .option('--password-env <variable>', 'environment variable that holds its password')
      .option('--baud <rate>', 'speed')
      .option('--format <format>', 'data bits, parity, stop bits, such as 8N1 or 7E1')
      .option('--flow <control>', 'none, rtscts or xonxoff');
  settings('add <path>', 'remembers a port: a path, or tcp:127.0.0.1:PORT').action((path, options) =>
    signedIn(options, (context) => ports.portAdd(context, path, options)),
  );
  settings('set <path>', 'changes what is remembered of a port').action((path, options) =>
    signedIn(options, (context) => ports.portSet(context, path, options)),
  );
  command(port, 'identify <path>', 'opens it and asks what is connected').action((path, options) =>
    signedIn(options, (context) => ports.portIdentify(context, path)),
  );
  command(port, 'forget <path>', 'forgets it').action((path, options) =>
    signedIn(options, (context) => ports.portForget(context, path)),
  );
}
