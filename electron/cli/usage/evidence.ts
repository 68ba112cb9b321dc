import type { Command } from 'commander';
import * as evidence from '../commands/evidence.ts';
import { command, group, signedIn } from '../program.ts';

/** Commands about artifacts, signed records and what proves them. */
export function evidenceCommands(program: Command): void {
  const artifact = group('artifact', 'logs, photos, reports');
  command(artifact, 'get <id>', 'writes its content to a new file')
    .requiredOption('--out <file>')
    .action((id, options) => signedIn(options, (context) => evidence.artifactGet(context, id, options.out)));
  command(artifact, 'search <id> <query>', 'finds lines')
    .option('--regex')
    .option('--case', 'case matters')
    .option('--from <line>', 'where to begin')
    .option('--limit <n>', 'most lines to show (200)')
    .action((id, query, options) =>
      signedIn(options, (context) => evidence.artifactSearch(context, id, query, options)),
    );
  const record = group('record', 'signed records');
  command(record, 'get <id>', 'shows the signed envelope, or writes it to a new file')
    .option('--out <file>')
    .action((id, options) => signedIn(options, (context) => evidence.recordGet(context, id, options.out)));
  command(program, 'verify <what> [id]', 'checks the log, an artifact or a record').action(
    (what, id, options) => signedIn(options, (context) => evidence.verify(context, what, id)),
  );
}
