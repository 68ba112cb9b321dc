import { createMemoryLine, type FarEnd } from '../../transports/memory.ts';
import type { Transport } from '../../transports/transport.ts';

/** A unit in a test: the test itself says what it answers, and when. */
export class ScriptedUnit {
  readonly transport: Transport;
  readonly far: FarEnd;
  #buffer = '';
  #commands: string[] = [];
  #waiting: ((command: string) => void)[] = [];

  constructor() {
    const { transport, far } = createMemoryLine();
    this.transport = transport;
    this.far = far;
    far.onData((bytes) => {
      this.#buffer += Buffer.from(bytes).toString('latin1');
      for (let end = this.#buffer.indexOf('\r'); end >= 0; end = this.#buffer.indexOf('\r')) {
        const command = this.#buffer.slice(0, end);
        this.#buffer = this.#buffer.slice(end + 1);
        const next = this.#waiting.shift();
        if (next) next(command);
        else this.#commands.push(command);
      }
    });
  }

  /** The next command line that arrives, or has arrived. */
  next(): Promise<string> {
    const command = this.#commands.shift();
    if (command !== undefined) return Promise.resolve(command);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Sends bytes as they are. */
  async send(text: string): Promise<void> {
    await this.far.write(Buffer.from(text, 'latin1'));
  }

  /** Takes the next command, which must be the given one, and answers it. */
  async expect(command: string, ...answer: string[]): Promise<void> {
    const got = await this.next();
    if (got !== command) throw new Error(`expected “${command}”, got “${got}”`);
    for (const line of answer) await this.send(`\r\n${line}\r\n`);
  }

  /** Goes through the opening of a conversation. */
  async greet(): Promise<void> {
    await this.expect('AT', 'OK');
    await this.expect('AT+CMEE?', '+CMEE: 1', 'OK');
  }
}
