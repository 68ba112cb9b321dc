import type { Random } from '../cable.ts';

const EVENTS = [
  'usb 1-1: new high-speed USB device number 7 using xhci-hcd',
  'usb 1-1: device descriptor read/64, error -71',
  'mmc1: card e624 removed',
  'eth0: link is not ready',
  'IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready',
  'random: crng reseeded',
  'thermal thermal_zone0: throttling, temperature 71000',
  'wlan0: deauthenticated from 02:11:22:33:44:55 (Reason: 3=DEAUTH_LEAVING)',
];

/**
 * Kernel messages as a serial console carries them: written past the terminal, at any byte of what a program
 * prints, with CR LF of their own.
 */
export class KernelChatter {
  readonly #random: Random;
  readonly #everyBytes: number;
  #untilNext: number;
  #seconds = 100;

  /** @param everyBytes how many bytes of output lie between two messages, on average */
  constructor(random: Random, everyBytes: number) {
    this.#random = random;
    this.#everyBytes = everyBytes;
    this.#untilNext = this.#gap();
  }

  /** What goes over the wire when the unit prints this. */
  mixInto(bytes: Uint8Array): Uint8Array {
    if (bytes.length < this.#untilNext) {
      this.#untilNext -= bytes.length;
      return bytes;
    }
    const pieces: Uint8Array[] = [];
    let from = 0;
    while (bytes.length - from >= this.#untilNext) {
      pieces.push(bytes.subarray(from, from + this.#untilNext), this.#message());
      from += this.#untilNext;
      this.#untilNext = this.#gap();
    }
    pieces.push(bytes.subarray(from));
    this.#untilNext -= bytes.length - from;
    return Buffer.concat(pieces);
  }

  #gap(): number {
    return 1 + Math.floor(this.#random() * this.#everyBytes * 2);
  }

  #message(): Uint8Array {
    this.#seconds += this.#random() * 3;
    const event = EVENTS[Math.floor(this.#random() * EVENTS.length)] ?? '';
    return Buffer.from(`[${this.#seconds.toFixed(6).padStart(12)}] ${event}\r\n`);
  }
}
