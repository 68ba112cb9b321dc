import { BenchError } from '../../../shared/errors/index.ts';
import { DEFAULT_LINE, LineSettings } from '../../../shared/model/ports.ts';
import { Family } from '../../../shared/model/units.ts';
import { type Context, knownPort, portAt, secretFrom } from '../context.ts';
import { type Result, table, unitName } from '../output.ts';

/** What `port add` and `port set` take. */
export interface PortOptions {
  driver?: string;
  label?: string;
  login?: string;
  passwordEnv?: string;
  baud?: string;
  format?: string;
  flow?: string;
}

export async function devices({ client }: Context): Promise<Result> {
  const ports = await client.ports.list();
  const rows = ports.map((port) => [
    port.label,
    port.address,
    port.family ?? '?',
    port.state,
    unitName(port.identity) ?? '–',
    port.identity?.serial ?? port.identity?.imei1 ?? '–',
    port.caseNumber ?? '–',
  ]);
  const text =
    rows.length === 0
      ? 'No ports yet. Plug a unit in, or add one with “repairbench port add PATH”.'
      : table(['port', 'address', 'family', 'state', 'unit', 'serial', 'case'], rows);
  return { document: ports, text };
}

export async function portAdd({ client }: Context, address: string, options: PortOptions): Promise<Result> {
  const line = lineOf(options, DEFAULT_LINE);
  const port = await client.ports.add({ address, ...given(options), line });
  return { document: port, text: `${port.label} (${port.address}) is remembered.` };
}

export async function portSet(context: Context, path: string, options: PortOptions): Promise<Result> {
  const { id, line } = await knownPort(context, path);
  const change = { ...given(options), line: lineOf(options, line) };
  const port = await context.client.ports.update({ id, ...change });
  const { baudRate, dataBits, parity, stopBits, flow } = port.line;
  const format = `${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}`;
  const words = [port.family ?? 'family open', `${baudRate} baud`, format, `flow control ${flow}`];
  return { document: port, text: `${port.label} (${port.address}): ${words.join(', ')}.` };
}

/** What was given, as the calls take it; an empty login clears. */
const given = ({ driver, label, login, passwordEnv }: PortOptions) => ({
  ...(driver === undefined ? {} : { family: familyOf(driver) }),
  ...(label === undefined ? {} : { label }),
  ...(login === undefined ? {} : { login: login || null }),
  ...(passwordEnv === undefined ? {} : { password: secretFrom(passwordEnv, 'the console’s password') }),
});

/** Null: worked out when the port is identified. */
function familyOf(text: string): Family | null {
  if (text === 'auto') return null;
  const family = Family.safeParse(text);
  if (family.success) return family.data;
  throw new BenchError('input.invalid', {
    detail: `There is no family “${text}”: ${Family.options.join(', ')}, or auto.`,
  });
}

const PARITY: Readonly<Record<string, string>> = { N: 'none', E: 'even', O: 'odd' };

/** The line settings with those that were given, the rest as they are. */
function lineOf({ baud, format, flow }: PortOptions, now: LineSettings): LineSettings {
  const [dataBits = '', parity = '', ...stopBits] = (format ?? '').toUpperCase();
  const line = LineSettings.safeParse({
    ...now,
    ...(baud === undefined ? {} : { baudRate: Number(baud) }),
    ...(format === undefined
      ? {}
      : {
          dataBits: Number(dataBits),
          parity: PARITY[parity] ?? parity,
          stopBits: Number(stopBits.join('')),
        }),
    ...(flow === undefined ? {} : { flow }),
  });
  if (line.success) return line.data;
  const wrong = line.error.issues[0]?.path[0];
  const detail =
    wrong === 'baudRate'
      ? `--baud ${baud}: a speed is a whole number from 50 to 4000000.`
      : wrong === 'flow'
        ? `--flow ${flow}: there is none, rtscts and xonxoff.`
        : `--format ${format}: data bits 5 to 8, parity N, E or O, stop bits 1, 1.5 or 2, such as 8N1.`;
  throw new BenchError('input.invalid', { detail });
}

export async function portIdentify(context: Context, path: string): Promise<Result> {
  const port = await portAt(context, path);
  const view = await context.client.ports.identify({ id: port.id });
  const { identity } = view;
  const text = [
    `${unitName(identity) ?? 'A unit'} on ${view.label} (${view.family})`,
    `serial    ${identity?.serial ?? '–'}`,
    `IMEI      ${[identity?.imei1, identity?.imei2].filter(Boolean).join(', ') || '–'}`,
    `firmware  ${identity?.firmware ?? '–'}`,
    `case      ${view.caseNumber ?? 'none yet'}`,
  ].join('\n');
  return { document: view, text };
}

export async function portForget(context: Context, path: string): Promise<Result> {
  const port = await knownPort(context, path);
  await context.client.ports.forget({ id: port.id });
  return { document: { ok: true }, text: `${port.label} is forgotten.` };
}
