import { closeSync, openSync, writeSync } from 'node:fs';
import type { Random } from '../cable.ts';

const PROGRAMS = ['kernel', 'dnsmasq[812]', 'hostapd', 'dropbear[1204]', 'fieldgated[455]', 'cron[330]'];
const TEXTS = [
  'link state changed to up',
  'DHCPACK(br-lan) 192.168.8.117 de:ad:be:ef:00:17 scanner-17',
  'temperature 61.5 C, fan 2300 rpm',
  'watchdog: kicked after 9.98 s',
  'retransmit queue drained, 14 packets',
  'voltage rail 3V3 at 3.291 V',
];

const BLOCK = 1024 * 1024;
/** Every so many bytes a line carries a number, so that no two pieces of a large log are the same. */
const STAMP_EVERY = 4096;

function block(random: Random): Buffer {
  const lines: string[] = [];
  let size = 0;
  while (size < BLOCK) {
    const second = Math.floor(random() * 86_400);
    const time = [second / 3600, (second / 60) % 60, second % 60]
      .map((part) => String(Math.floor(part)).padStart(2, '0'))
      .join(':');
    const program = PROGRAMS[Math.floor(random() * PROGRAMS.length)];
    const text = TEXTS[Math.floor(random() * TEXTS.length)];
    const line = `Mar 12 ${time} fg220 ${program}: ${text} seq=${Math.floor(random() * 1e9)}\n`;
    lines.push(line);
    size += line.length;
  }
  return Buffer.from(lines.join('')).subarray(0, BLOCK);
}

/** Writes a system log of exactly that many bytes; a gigabyte takes about a second. */
export function writeLog(path: string, bytes: number, random: Random): void {
  const file = openSync(path, 'w', 0o644);
  try {
    const content = block(random);
    let stamp = 0;
    for (let at = 0; at < bytes; at += BLOCK) {
      for (let place = 0; place < BLOCK; place += STAMP_EVERY) {
        stamp += 1;
        content.write(`\nblock ${String(stamp).padStart(10, '0')}\n`, place, 'latin1');
      }
      const length = Math.min(BLOCK, bytes - at);
      for (let done = 0; done < length; ) done += writeSync(file, content, done, length - done);
    }
  } finally {
    closeSync(file);
  }
}
