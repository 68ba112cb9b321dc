import type { WipeTarget } from '../../../shared/contract/work.ts';
import { BenchError } from '../../../shared/errors/index.ts';
import type { ConsoleShell } from '../protocols/console/shell.ts';
import {
  type BlockDevice,
  type DeviceNode,
  isEmmcArea,
  type Mounted,
  refusals,
  type Usage,
} from '../wipe/targets.ts';

/** What a unit could have at most, so that a hostile one cannot fill memory. */
const OUTPUT_LIMIT = 256 * 1024;
const MAX_DEVICES = 256;

/**
 * Lists block devices and how they are used. Reads only; attributes with the shell's own `read`, one line each.
 * Lines: `D name size ro dev`, then for that device `m` model, `s` serial, `l` label, `h` holder, `v` slave,
 * `p` a partition on it, `n` what `ls` says of its node; `M` mountinfo lines, `L` source and where it leads,
 * `S` swaps, `F` files behind loops, `B` members of file systems of several devices, `E` the end.
 */
const SCRIPT = [
  'g(){ v=;[ -r "$1" ]&&IFS= read -r v <"$1";}',
  'for b in /sys/class/block/*;do n=${b##*/};[ -r "$b/size" ]||continue',
  'g "$b/size";z=$v;g "$b/ro";o=$v;g "$b/dev";echo "D $n ${z:-0} ${o:-0} $v"',
  'for a in model name;do g "$b/device/$a";[ -n "$v" ]&&{ echo "m $v";break;};done',
  'for a in device/serial device/cid device/wwid serial wwid;do g "$b/$a";[ -n "$v" ]&&{ echo "s $v";break;};done',
  '[ -r "$b/uevent" ]&&while IFS= read -r v;do case $v in PARTNAME=*)echo "l ${v#*=}";;esac;done <"$b/uevent"',
  'for x in "$b"/holders/*;do [ -e "$x" ]&&echo "h ${x##*/}";done',
  'for x in "$b"/slaves/*;do [ -e "$x" ]&&echo "v ${x##*/}";done',
  'for x in "$b/$n"*;do [ -e "$x/dev" ]&&echo "p ${x##*/}";done',
  'if [ -b "/dev/$n" ];then echo "n b $(ls -ldL "/dev/$n")";elif [ -e "/dev/$n" ];then echo "n f $(ls -ldL "/dev/$n")";fi',
  'g "$b/loop/backing_file";[ -n "$v" ]&&echo "F $v";done',
  'if [ -r /proc/self/mountinfo ];then while IFS= read -r v;do echo "M $v";done </proc/self/mountinfo',
  'else while IFS= read -r v;do echo "M 0 0 - / $v";done </proc/mounts;fi',
  'while read -r s x;do case $s in /dev/*)echo "L $s $(readlink -f "$s" 2>/dev/null||echo "$s")";;esac;done </proc/mounts',
  '[ -r /proc/swaps ]&&while read -r s x;do case $s in /*)echo "S $(readlink -f "$s" 2>/dev/null||echo "$s")";;esac;done </proc/swaps',
  'for x in /sys/fs/btrfs/*/devices/*;do [ -e "$x" ]&&echo "B ${x##*/}";done',
  'echo "E end"',
].join(';');

/** mountinfo spells blanks and backslashes in octal. */
const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** A unit's own words, without what a terminal or a screen would act on. */
const words = (text: string): string =>
  [...text]
    .filter((char) => char >= ' ' && char !== '\u007f')
    .join('')
    .slice(0, 100);

interface Draft {
  device: BlockDevice;
  holders: string[];
  slaves: string[];
}

/** `brw-rw---- 1 root disk 8, 1 …` or `-rw------- 1 root root 67108864 …` */
function nodeOf(text: string): DeviceNode {
  const [kind, ...rest] = text.split(' ');
  const listing = rest.join(' ');
  if (kind === 'b') {
    const number = /\s(\d{1,7}),\s*(\d{1,7})\s/.exec(listing);
    return { kind: 'block', number: number ? `${number[1]}:${number[2]}` : '' };
  }
  const size = /^-\S+\s+\d+\s+\S+\s+\S+\s+(\d+)\s/.exec(listing);
  return size ? { kind: 'file', bytes: Number(size[1]) } : { kind: 'missing' };
}

/** A mountinfo line: id, parent, number, root, place, options…, `-`, type, source. */
function mountOf(line: string): Mounted | null {
  const fields = line.split(' ');
  const dash = fields.indexOf('-', 5);
  const [, , number = '', , on = ''] = fields;
  if (dash < 0) {
    // From /proc/mounts, which begins with source and place.
    const [source = '', place = ''] = fields.slice(4);
    return place === '' ? null : { on: unescapeOctal(place), source: unescapeOctal(source), number: '' };
  }
  return { on: unescapeOctal(on), source: unescapeOctal(fields[dash + 2] ?? ''), number };
}

/** Reads the output of the listing. Lines that make no sense are passed over. */
export function parseUsage(output: string): Usage {
  const drafts: Draft[] = [];
  const parents = new Map<string, string>();
  const mounts: Mounted[] = [];
  const links = new Map<string, string>();
  const swaps: string[] = [];
  const loopFiles: string[] = [];
  const members: string[] = [];
  let current: Draft | null = null;
  const change = (part: Partial<BlockDevice>) => {
    if (current) current.device = { ...current.device, ...part };
  };
  for (const line of output.split('\n')) {
    const letter = line.slice(0, 2);
    const rest = line.slice(2).trim();
    if (rest === '') continue;
    if (letter === 'D ' && drafts.length < MAX_DEVICES) {
      const [name = '', size, ro, number = ''] = rest.split(' ');
      if (!/^[\w.!-]{1,64}$/.test(name) || !/^\d{1,15}$/.test(size ?? '')) {
        current = null;
        continue;
      }
      // The kernel writes “!” for “/” in names.
      const path = `/dev/${name.replaceAll('!', '/')}`;
      current = {
        device: {
          name,
          path,
          bytes: Number(size) * 512,
          number: /^\d+:\d+$/.test(number) ? number : '',
          readOnly: ro !== '0',
          partOf: null,
          holders: [],
          slaves: [],
          node: { kind: 'missing' },
          label: null,
          model: null,
          serial: null,
        },
        holders: [],
        slaves: [],
      };
      drafts.push(current);
    } else if (letter === 'm ') change({ model: words(rest) });
    else if (letter === 's ') change({ serial: words(rest) });
    else if (letter === 'l ') change({ label: words(rest) });
    else if (letter === 'n ') change({ node: nodeOf(rest) });
    else if (letter === 'h ') current?.holders.push(words(rest));
    else if (letter === 'v ') current?.slaves.push(words(rest));
    else if (letter === 'p ' && current) parents.set(rest, current.device.name);
    else if (letter === 'F ') loopFiles.push(rest);
    else if (letter === 'S ') swaps.push(rest);
    else if (letter === 'B ') members.push(rest);
    else if (letter === 'L ') {
      const [source = '', target = source] = rest.split(' ');
      links.set(unescapeOctal(source), target);
    } else if (letter === 'M ') {
      const mounted = mountOf(rest);
      if (mounted) mounts.push(mounted);
    }
  }
  return {
    devices: drafts.map(({ device, holders, slaves }) => ({
      ...device,
      holders,
      slaves,
      partOf: parents.get(device.name) ?? null,
    })),
    mounts: mounts.map((mounted) => ({ ...mounted, source: links.get(mounted.source) ?? mounted.source })),
    swaps,
    loopFiles,
    members,
  };
}

/** Memory and files that look like disks are not even listed. */
const LISTED = /^(?!loop|ram|zram|nbd|sr|fd\d)/;

/**
 * Lists the unit's block devices and how they are used. A list that is not whole is worth nothing, because what
 * is missing from it could be what forbids a wipe: rejects then with `unit.protocol`.
 */
export async function readUsage(shell: ConsoleShell, signal: AbortSignal): Promise<Usage> {
  const { text } = await shell.text(SCRIPT, { signal, timeoutMs: 30_000, limit: OUTPUT_LIMIT });
  const usage = parseUsage(text);
  const problem = incomplete(text, usage);
  if (problem === null) return usage;
  throw new BenchError('unit.protocol', { address: shell.address, what: 'storage media', detail: problem });
}

/** Why the listing cannot be relied on, or null. */
export function incomplete(output: string, usage: Usage): string | null {
  if (!output.endsWith('E end\n')) return 'the list has no end';
  if (usage.devices.length >= MAX_DEVICES) return 'it lists too many devices';
  return usage.mounts.length === 0 ? 'it does not say what is mounted' : null;
}

const MIB = 1024 * 1024;

/** Everything listed as a wipe's target, with the reasons where it may not be one. */
export function targetsOf(usage: Usage, privileged: boolean): WipeTarget[] {
  return usage.devices
    .filter(({ name }) => LISTED.test(name))
    .map((device) => {
      const reasons = refusals(device, usage);
      if (!privileged) reasons.push('the login of this port has no administrator rights');
      const size = device.bytes === 0 ? 'empty' : `${Math.round(device.bytes / MIB)} MiB`;
      const what = device.partOf === null ? 'Disk' : 'Partition';
      const whole = device.partOf === null ? '' : ` of ${device.partOf}`;
      const name = [device.model, device.label].filter((part) => part !== null).join(', ');
      return {
        id: device.path,
        title: `${what} ${device.path}, ${size}${whole}${name === '' ? '' : ` (${name})`}`,
        // The areas of an eMMC hang below it in /sys, and are no part of what it addresses.
        kind: device.partOf === null || isEmmcArea(device.name) ? 'disk' : 'partition',
        bytes: device.bytes,
        model: device.model,
        serial: device.serial,
        allowed: reasons.length === 0,
        reasons,
      };
    });
}
