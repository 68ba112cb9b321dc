import type { Random } from './random.ts';
import type { World } from './world.ts';

export interface WireRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
export interface WireAnswer {
  readonly status: number;
  /** What becomes JSON on a real wire. */
  readonly said: object;
}

/** What can happen to a message; probabilities of each message. */
export interface Weather {
  lost: number;
  doubled: number;
  /** Takes minutes: longer than whoever asked waits. */
  late: number;
}

/** Whoever asks gives up after this long, as the station's client does. */
const PATIENCE_MS = 60_000;
/** Nothing is under way for longer: what is later is refused by the request's own clock. */
export const LONGEST_MS = 240_000;

export class UnreachableError extends Error {}

/** Between benches and their hub: requests and answers are lost, doubled, overtaken and late. */
export class Network {
  /** Messages that were sent, and of these lost. */
  sent = 0;
  lost = 0;
  readonly weather: Weather = { lost: 0, doubled: 0, late: 0 };
  readonly #world: World;
  readonly #random: Random;
  readonly #hub: (request: WireRequest) => Promise<WireAnswer> | null;

  /** @param hub null where nobody listens; a promise that never resolves where it died over it */
  constructor(world: World, hub: (request: WireRequest) => Promise<WireAnswer> | null) {
    this.#world = world;
    this.#random = world.random.fork('network');
    this.#hub = hub;
  }

  /** Rejects with `UnreachableError`. */
  ask(from: string, request: WireRequest): Promise<WireAnswer> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const give = (why: string) => {
        if (!isOver) reject(new UnreachableError(why));
        isOver = true;
      };
      const take = (answer: WireAnswer) => {
        isOver = true;
        resolve(answer);
      };
      this.#world.after(PATIENCE_MS, () => give('ETIMEDOUT'));
      const copies = this.#random.happens(this.weather.doubled) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        this.#send(`${from} asks`, () => {
          const answering = this.#hub(request);
          if (!answering) this.#send(`nobody answers ${from}`, () => give('ECONNREFUSED'));
          else void answering.then((answer) => this.#send(`answer to ${from}`, () => take(answer)));
        });
      }
    });
  }

  #send(what: string, arrive: () => void): void {
    const { lost, late } = this.weather;
    this.sent += 1;
    if (this.#random.happens(lost)) {
      this.lost += 1;
      this.#world.tell(`lost: ${what}`);
      return;
    }
    const ms = this.#random.happens(late)
      ? this.#random.between(PATIENCE_MS / 2, LONGEST_MS)
      : this.#random.between(2, 80);
    if (ms > 1000) this.#world.tell(`late by ${Math.round(ms / 1000)} s: ${what}`);
    this.#world.after(ms, arrive);
  }
}
