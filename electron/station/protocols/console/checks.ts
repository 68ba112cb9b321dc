import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A checksum computed piece by piece; the hexadecimal or decimal text that the unit's tool prints. */
export interface Summer {
  update(bytes: Uint8Array): void;
  digest(): string;
}

export type CheckName = 'sha256' | 'sha1' | 'md5' | 'crc32' | 'cksum';

/** A checksum that both sides can compute: the unit by a shell command, we here. */
export interface Check {
  readonly name: CheckName;
  /** Shell command that reads standard input. */
  readonly command: string;
}

/** Table of the CRC that POSIX `cksum` uses: polynomial 0x04C11DB7, most significant bit first. */
const CKSUM_TABLE = (() => {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
    table[byte] = crc >>> 0;
  }
  return table;
})();

/** POSIX.1-2017, `cksum`: the CRC goes over the content and then its length, least significant byte first. */
function cksum(): Summer {
  let crc = 0;
  let length = 0;
  const step = (byte: number) => {
    crc = ((crc << 8) ^ (CKSUM_TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  };
  return {
    update(bytes) {
      length += bytes.length;
      for (let at = 0; at < bytes.length; at += 1) step(bytes[at] ?? 0);
    },
    digest() {
      for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) step(rest % 256);
      return String(~crc >>> 0);
    },
  };
}

/** A new sum of that kind. */
export function summer(name: CheckName): Summer {
  if (name === 'cksum') return cksum();
  if (name === 'crc32') {
    let crc = 0;
    return {
      update(bytes) {
        crc = crc32(bytes, crc);
      },
      digest: () => crc.toString(16).padStart(8, '0'),
    };
  }
  const hash = createHash(name);
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => hash.digest('hex'),
  };
}

/** The sum of these bytes. */
export function sumOf(name: CheckName, bytes: Uint8Array): string {
  const sum = summer(name);
  sum.update(bytes);
  return sum.digest();
}

const SHAPES: Readonly<Record<CheckName, RegExp>> = {
  sha256: /(?:^|[\s=])([0-9a-f]{64})(?:\s|$)/,
  sha1: /(?:^|[\s=])([0-9a-f]{40})(?:\s|$)/,
  md5: /(?:^|[\s=])([0-9a-f]{32})(?:\s|$)/,
  crc32: /(?:^|\s)([0-9a-f]{8})(?:\s|$)/,
  cksum: /^\s*(\d{1,10})(?:\s|$)/,
};

/** The sum in what a tool printed (file names, lengths and labels left aside), or null. */
export const readSum = (name: CheckName, printed: string): string | null =>
  SHAPES[name].exec(printed)?.[1] ?? null;
