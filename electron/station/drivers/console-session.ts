import { z } from 'zod';
import type { WipeTarget } from '../../../shared/contract/work.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import type { Identity } from '../../../shared/model/units.ts';
import type { ConsoleShell } from '../protocols/console/shell.ts';
import { CONSOLE_ACTIONS } from './console-actions.ts';
import { readUsage, targetsOf } from './console-disks.ts';
import { type ConsoleIdentity, readIdentity } from './console-identity.ts';
import { pullLogs, pullOne } from './console-logs.ts';
import { readSystem } from './console-system.ts';
import { wipeOverwrite } from './console-wipe.ts';
import type { ActionContext, ActionResult, UnitSession } from './driver.ts';

const COMMAND_LIMIT_MS = 10 * 60_000;
const OUTPUT_LIMIT = 64 * 1024;

/** Text that a journal and a screen can hold: no control characters but tabs and line feeds. */
const readable = (text: string): string =>
  [...text.replaceAll('\r\n', '\n')].filter((char) => char >= ' ' || char === '\n' || char === '\t').join('');

/** The arguments as that action's schema has them; procedures were checked when they were loaded. */
function checked<T>(schema: z.ZodType<T>, args: unknown): T {
  const result = schema.safeParse(args);
  if (result.success) return result.data;
  throw new BenchError('input.invalid', { detail: z.prettifyError(result.error) });
}

/** An open conversation with a Linux console. */
export class ConsoleSession implements UnitSession {
  readonly family = 'console' as const;
  readonly #shell: ConsoleShell;

  constructor(shell: ConsoleShell) {
    this.#shell = shell;
  }

  async identify(signal: AbortSignal): Promise<Identity> {
    return (await readIdentity(this.#shell, signal)).identity;
  }

  async run(action: string, args: unknown, context: ActionContext): Promise<ActionResult> {
    const { signal } = context;
    const shell = this.#shell;
    switch (action) {
      case 'identify':
        return { values: identityValues(await readIdentity(shell, signal)) };
      case 'system':
        return { values: await readSystem(shell, signal) };
      case 'logs':
        return pullLogs(shell, context);
      case 'pull':
        return pullOne(shell, checked(CONSOLE_ACTIONS.pull.args, args).path, context);
      case 'shell':
        return this.#command(checked(CONSOLE_ACTIONS.shell.args, args).command, signal);
      case 'disks': {
        const targets = await this.wipeTargets(signal);
        return { values: { count: targets.length, list: JSON.stringify(targets) } };
      }
      case 'wipe-overwrite': {
        const { privileged } = await readIdentity(shell, signal);
        return wipeOverwrite(
          shell,
          checked(CONSOLE_ACTIONS['wipe-overwrite'].args, args),
          privileged,
          context,
        );
      }
      default:
        throw new BenchError('unit.unsupported', { family: this.family, action });
    }
  }

  async wipeTargets(signal: AbortSignal): Promise<WipeTarget[]> {
    const { privileged } = await readIdentity(this.#shell, signal);
    return targetsOf(await readUsage(this.#shell, signal), privileged);
  }

  close(): Promise<void> {
    return this.#shell.close();
  }

  async #command(command: string, signal: AbortSignal): Promise<ActionResult> {
    const options = { signal, timeoutMs: COMMAND_LIMIT_MS, limit: OUTPUT_LIMIT };
    const { status, text } = await this.#shell.text(command, options);
    return { values: { exitCode: status, output: readable(text) } };
  }
}

const identityValues = ({ identity, hostname, kernel, privileged }: ConsoleIdentity) => ({
  maker: identity.maker,
  model: identity.model,
  serial: identity.serial,
  firmware: identity.firmware,
  hostname,
  kernel,
  privileged,
});
