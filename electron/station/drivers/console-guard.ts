import { quote } from '../protocols/console/quote.ts';
import type { BlockDevice } from '../wipe/targets.ts';

/**
 * Shell text that holds while a device is what it was, and neither it nor a partition of it is mounted or swapped
 * to. By the shell's own means: a tool that is missing must not look like a list without the device.
 */
export function guardOf({ name, path, bytes, node }: BlockDevice): string {
  const word = quote(path);
  const partition = /\d$/.test(path) ? `${word}p[0-9]*` : `${word}[0-9]*`;
  const unused = `unused(){ while read -r s x;do case $s in ${word}|${partition})return 1;;esac;done <"$1";}`;
  const holds = [
    `read -r z </sys/class/block/${name}/size`,
    `[ "$z" = ${bytes / 512} ]`,
    `[ ${node.kind === 'block' ? '-b' : '-f'} ${word} ]`,
    'unused /proc/mounts',
    // Absent where the kernel knows no swap.
    '{ [ ! -e /proc/swaps ]||unused /proc/swaps;}',
  ].join('&&');
  return `${unused};{ ${holds};}`;
}
