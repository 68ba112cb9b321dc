import { emptyIdentity, type Identity } from '../../../shared/model/units.ts';
import type { ConsoleShell } from '../protocols/console/shell.ts';

/** Places where Linux units say who they are, by the name used below. Each is read up to 2 KiB. */
const FILES = {
  'os-release': '/etc/os-release',
  'os-release-usr': '/usr/lib/os-release',
  openwrt: '/etc/openwrt_release',
  'dt-model': '/sys/firmware/devicetree/base/model',
  'dt-serial': '/sys/firmware/devicetree/base/serial-number',
  'dt-compatible': '/sys/firmware/devicetree/base/compatible',
  'proc-dt-model': '/proc/device-tree/model',
  'proc-dt-serial': '/proc/device-tree/serial-number',
  'proc-dt-compatible': '/proc/device-tree/compatible',
  'dmi-vendor': '/sys/class/dmi/id/sys_vendor',
  'dmi-product': '/sys/class/dmi/id/product_name',
  'dmi-serial': '/sys/class/dmi/id/product_serial',
  'dmi-board-vendor': '/sys/class/dmi/id/board_vendor',
  'dmi-board': '/sys/class/dmi/id/board_name',
  'dmi-board-serial': '/sys/class/dmi/id/board_serial',
  'sysinfo-model': '/tmp/sysinfo/model',
  hostname: '/proc/sys/kernel/hostname',
} as const;
type FileName = keyof typeof FILES;

/** `F name` begins a file, `N name kind address` is an interface, `C` a line of cpuinfo, `U` uname, `I` the user. */
const SCRIPT = [
  'r(){ [ -r "$2" ]||return;echo "F $1";dd if="$2" bs=2048 count=1 2>/dev/null|tr "\\000" "\\n";echo;}',
  ...Object.entries(FILES).map(([name, path]) => `r ${name} ${path}`),
  'echo "F end"',
  'for n in /sys/class/net/*;do a=;t=;[ -r "$n/address" ]&&read -r a <"$n/address";[ -r "$n/type" ]&&read -r t <"$n/type"',
  'd=virtual;[ -e "$n/device" ]&&d=device;echo "N ${n##*/} $d ${t:-0} $a";done',
  [
    'if [ -r /proc/cpuinfo ];then i=0;while IFS= read -r l&&[ $i -lt 2000 ];do i=$((i+1));case $l in ',
    'Serial*|Hardware*|Model*|machine*|"system type"*)echo "C $l";;esac;done </proc/cpuinfo;fi',
  ].join(''),
  'echo "U $(uname -r)"',
  'echo "I $(id -u)"',
].join(';');

/** What makers leave in place of a serial number or a name. */
const PLACEHOLDERS =
  /^(?:to be filled.*|default string|system (?:serial number|product name|manufacturer)|none|n\/?a|not (?:specified|available|applicable)|unknown|empty|invalid|undefined|0123456789|1234567890?|[0.xX-]+|f+|oem|o\.e\.m\.?|chassis.*|base board.*)$/i;

/** A said text, or null for blanks, placeholders and control characters. */
function said(text: string | undefined): string | null {
  const clean = [...(text ?? '')]
    .filter((char) => char >= ' ' && char !== '\u007f' && char !== '\ufffd')
    .join('')
    .trim()
    .slice(0, 200);
  return clean === '' || PLACEHOLDERS.test(clean) ? null : clean;
}

/** The value of `NAME="…"` in an os-release file (os-release(5)). */
function assigned(text: string | undefined, name: string): string | null {
  const match = new RegExp(`^${name}=(?:"([^"\\n]*)"|'([^'\\n]*)'|([^\\n]*))$`, 'm').exec(text ?? '');
  return said(match?.[1] ?? match?.[2] ?? match?.[3]);
}

export interface ConsoleIdentity {
  readonly identity: Identity;
  readonly hostname: string | null;
  readonly kernel: string | null;
  readonly privileged: boolean;
}

/** ARPHRD_ETHER: the only kind of interface whose address names hardware. */
const ETHERNET = '1';

/** Reads the output of the script. */
export function parseIdentity(output: string): ConsoleIdentity {
  const files = new Map<string, string>();
  const interfaces: { address: string; hardware: boolean }[] = [];
  const cpu = new Map<string, string>();
  let file: string | null = null;
  let kernel: string | null = null;
  let user = '';
  for (const line of output.split('\n')) {
    const heading = /^F ([a-z-]+)$/.exec(line)?.[1];
    if (heading !== undefined && (heading === 'end' || Object.hasOwn(FILES, heading)) && file !== 'end') {
      file = heading;
    } else if (file !== 'end') {
      if (file !== null) files.set(file, `${files.get(file) ?? ''}${line}\n`);
    } else if (line.startsWith('N ')) {
      const [, , where, type, address = ''] = line.split(' ');
      const real = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(address) && !/^(00:){5}00$/.test(address);
      if (real && type === ETHERNET && interfaces.length < 64) {
        interfaces.push({ address: address.toLowerCase(), hardware: where === 'device' });
      }
    } else if (line.startsWith('C ')) {
      const [name = '', ...value] = line.slice(2).split(':');
      if (!cpu.has(name.trim().toLowerCase())) cpu.set(name.trim().toLowerCase(), value.join(':'));
    } else if (line.startsWith('U ')) kernel = said(line.slice(2));
    else if (line.startsWith('I ')) user = line.slice(2).trim();
  }

  const get = (...names: FileName[]): string | null => {
    for (const name of names) {
      const found = said(
        files
          .get(name)
          ?.split('\n')
          .find((line) => line.trim() !== ''),
      );
      if (found !== null) return found;
    }
    return null;
  };
  const release = files.get('os-release') ?? files.get('os-release-usr');
  const openwrt = files.get('openwrt');
  const compatible = get('dt-compatible', 'proc-dt-compatible');
  const model =
    get('dt-model', 'proc-dt-model', 'sysinfo-model', 'dmi-product', 'dmi-board') ??
    said(cpu.get('model')) ??
    said(cpu.get('machine')) ??
    said(cpu.get('hardware'));
  const maker = get('dmi-vendor', 'dmi-board-vendor') ?? makerOf(compatible, model);
  const name = assigned(release, 'NAME');
  const version = assigned(release, 'VERSION') ?? assigned(release, 'VERSION_ID');
  const firmware =
    assigned(release, 'PRETTY_NAME') ??
    assigned(openwrt, 'DISTRIB_DESCRIPTION') ??
    said([name, version].filter((part) => part !== null).join(' '));
  const hostname = get('hostname');
  // Bridges and tunnels repeat or invent addresses; they count only where nothing says what is hardware.
  const hardware = interfaces.filter((one) => one.hardware);
  const macs = (hardware.length > 0 ? hardware : interfaces).map(({ address }) => address);
  const extra = Object.fromEntries(
    Object.entries({ hostname, kernel, compatible }).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    ),
  );
  return {
    identity: {
      ...emptyIdentity(),
      maker,
      model,
      serial: get('dt-serial', 'proc-dt-serial', 'dmi-serial', 'dmi-board-serial') ?? said(cpu.get('serial')),
      firmware,
      macs: [...new Set(macs)],
      extra,
    },
    hostname,
    kernel,
    privileged: user === '0',
  };
}

/** `vendor,board` of a device tree: the model's first word where it agrees, else the vendor's short name. */
function makerOf(compatible: string | null, model: string | null): string | null {
  const vendor = compatible?.includes(',') ? (compatible.split(',')[0] ?? '') : '';
  const first = model?.split(/\s+/)[0] ?? '';
  if (vendor === '') return said(first.length > 2 && /\s/.test(model ?? '') ? first : '');
  return said(first.toLowerCase().startsWith(vendor.toLowerCase().slice(0, 3)) ? first : vendor);
}

/** Asks the unit who it is. */
export async function readIdentity(shell: ConsoleShell, signal: AbortSignal): Promise<ConsoleIdentity> {
  const { text } = await shell.text(SCRIPT, { signal, timeoutMs: 30_000 });
  return parseIdentity(text);
}
