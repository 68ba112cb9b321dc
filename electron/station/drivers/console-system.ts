import type { ConsoleShell } from '../protocols/console/shell.ts';
import type { Value } from './driver.ts';

/**
 * One line each: `uptime`, `load`, `MemTotal` and the like, `temp` in thousandths, `df` as it prints, `errors`
 * with the number of kernel messages of each level. Only the first kilobytes of anything are read.
 */
const SCRIPT = [
  'g(){ v=;[ -r "$1" ]&&IFS= read -r v <"$1";}',
  'g /proc/uptime;echo "uptime $v"',
  'g /proc/loadavg;echo "load $v"',
  'i=0;while read -r n v x&&[ $i -lt 60 ];do i=$((i+1));case $n in MemTotal:|MemFree:|MemAvailable:|Buffers:|Cached:)echo "mem $n $v";;esac;done </proc/meminfo',
  'for z in /sys/class/thermal/thermal_zone*/temp /sys/class/hwmon/hwmon*/temp1_input;do g "$z";[ -n "$v" ]&&echo "temp $v";done',
  'df -k / 2>/dev/null|while IFS= read -r v;do echo "df $v";done',
  'if dmesg -r >/dev/null 2>&1;then dmesg -r|sed -n \'s/^<\\([0-9]*\\)>.*/\\1/p\'|sort|uniq -c|while read -r n v;do echo "level $v $n";done;echo levels;fi',
].join(';');

const number = (text: string | undefined): number | null => {
  const value = Number(text);
  return text === undefined || text === '' || !Number.isFinite(value) ? null : value;
};

/** Kernel messages of level 3 (error) and below; the number in `<>` holds the facility above its lowest 3 bits. */
const isError = (priority: number): boolean => priority % 8 <= 3;

/** Reads the output of the script; what the unit does not say is null. */
export function parseSystem(output: string): Record<string, Value> {
  const memory = new Map<string, number>();
  const temperatures: number[] = [];
  const disk: string[] = [];
  let uptime: number | null = null;
  let load: number | null = null;
  let errors = 0;
  let hasLevels = false;
  for (const line of output.split('\n')) {
    const [what, ...fields] = line.trim().split(/\s+/);
    if (what === 'uptime') uptime = number(fields[0]);
    else if (what === 'load') load = number(fields[0]);
    else if (what === 'mem') memory.set(fields[0] ?? '', number(fields[1]) ?? Number.NaN);
    else if (what === 'temp') temperatures.push(number(fields[0]) ?? Number.NaN);
    else if (what === 'df') disk.push(fields.join(' '));
    else if (what === 'levels') hasLevels = true;
    else if (what === 'level' && isError(number(fields[0]) ?? 7)) errors += number(fields[1]) ?? 0;
  }
  const mib = (kib: number | undefined): number | null =>
    kib === undefined || Number.isNaN(kib) ? null : Math.round(kib / 1024);
  // Kernels before 3.14 do not say what is available.
  const free = ['MemFree:', 'Buffers:', 'Cached:'].reduce((sum, name) => sum + (memory.get(name) ?? 0), 0);
  const celsius = temperatures
    // Some drivers report whole degrees; absent sensors report nonsense.
    .map((raw) => (Math.abs(raw) >= 1000 ? raw / 1000 : raw))
    .filter((value) => value > -60 && value < 200);
  const used = /\b(\d{1,3})%/.exec(disk.slice(1).join(' '))?.[1];
  return {
    uptimeSeconds: uptime === null ? null : Math.floor(uptime),
    memoryTotalMiB: mib(memory.get('MemTotal:')),
    memoryAvailableMiB: mib(memory.get('MemAvailable:') ?? (memory.size > 0 ? free : undefined)),
    load1: load,
    temperatureC: celsius.length === 0 ? null : Math.round(Math.max(...celsius) * 10) / 10,
    kernelErrors: hasLevels ? errors : null,
    rootUsedPercent: number(used),
  };
}

/** Asks the unit how it is. */
export async function readSystem(shell: ConsoleShell, signal: AbortSignal): Promise<Record<string, Value>> {
  const { text } = await shell.text(SCRIPT, { signal, timeoutMs: 30_000 });
  return parseSystem(text);
}
