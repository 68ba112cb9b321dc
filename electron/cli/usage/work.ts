import type { Command } from 'commander';
import * as work from '../commands/work.ts';
import { asJson, collect, command, signedIn } from '../program.ts';

/** Commands that work on a unit. */
export function workCommands(program: Command): void {
  command(program, 'intake', 'knows the unit, finds or opens its case, pulls its logs')
    .requiredOption('--port <path>')
    .option('--case <number>')
    .option('--fault <text>', 'what is wrong, unless the case says so already')
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
  command(program, 'runs', 'lists runs, the newest first')
    .option('--case <number>', 'of this case only')
    .option('--limit <n>', 'most runs to show (100)')
    .action((options) => signedIn(options, (context) => work.runsList(context, options)));
  command(program, 'abort <run>', 'stops a run at its next safe point')
    .option('--reason <text>')
    .action((id, options) => signedIn(options, (context) => work.abortRun(context, id, options)));
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
}
