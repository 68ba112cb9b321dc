import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Identity } from '../../../shared/model/units.ts';
import { type Random, seededRandom } from '../cable.ts';
import type { ByteChannel, FaultName, UnitCore, Wiring } from '../unit.ts';
import { checkBoundary, startProcess, type UnitProcess, unitUser } from './boundary.ts';
import { findBusybox, withoutApplets, withoutDirectIo } from './busybox.ts';
import { describe, MEDIA, type Medium, procFiles, rootFiles, sysFiles } from './describe.ts';
import { KernelChatter } from './kernel-messages.ts';
import { writeLog } from './log-file.ts';
import { INIT, LOGIN, SETUP } from './scripts.ts';

export interface ConsoleUnitOptions {
  /** Which unit; the same number is the same unit each time. */
  readonly number?: number;
  /** The password of `root`; null: no login is asked for. */
  readonly password?: string | null;
  /** Milliseconds between a wrong password and “Login incorrect”. */
  readonly loginDelayMs?: number;
  /** Applets that the unit's busybox was built without. */
  readonly without?: readonly string[];
  /** Its `dd` knows no direct I/O. */
  readonly noDirectIo?: boolean;
  /** Its console is no shell's controlling terminal: no key stops a command. */
  readonly noControllingTerminal?: boolean;
  /** Kernel messages land in the output, this many bytes apart on average; null: none. */
  readonly kernelMessagesEvery?: number | null;
  /** Size of /var/log/messages in bytes. */
  readonly logBytes?: number;
  readonly media?: readonly Medium[];
  /** Randomness of contents and kernel messages. */
  readonly seed?: number;
  /** Where the unit's folder is made. */
  readonly folder?: string;
}

/** The password of the rack's own consoles. */
export const RACK_PASSWORD = 'training';

/** Applets that would show the machine's kernel log. */
const NEVER = ['dmesg', 'klogd'];
const ROOT_KIB = 12 * 1024;
const SALT = 'rackrack';
/** Output that the cable has not taken yet, above which the unit waits. */
const HELD_LIMIT = 256 * 1024;
/** A unit that ended (`reboot`, `poweroff`) starts again after this. */
const RESTART_MS = 500;
/** A unit that cannot start stays off after so many attempts; its last words are on the line. */
const FAILED_WITHIN_MS = 300;
const MAX_FAILURES = 3;

function writeTree(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, content] of files) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Gives a folder to the user that runs the unit, symbolic links not followed. */
function giveAway(path: string, uid: number, gid: number): void {
  lchownSync(path, uid, gid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) giveAway(join(path, entry.name), uid, gid);
    else lchownSync(join(path, entry.name), uid, gid);
  }
}

function removeIfMine(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Another user's; theirs to remove.
  }
}

/** Removes folders of units whose process died without a word. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(/^rack-console-(\d+)-/.exec(name)?.[1]);
    if (!(pid > 0) || pid === process.pid) continue;
    try {
      process.kill(pid, 0);
    } catch (error) {
      const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
      if (gone) removeIfMine(join(parent, name));
    }
  }
}

/**
 * A Linux console: a real busybox shell on a real terminal, walled off from the machine (see `boundary.ts`).
 * Its folder on the machine holds its media (`media/NAME`), its system log (`messages`) and what it says of
 * itself; tests look at them from outside.
 */
export class ConsoleUnit implements UnitCore {
  readonly family = 'console' as const;
  readonly faults: readonly FaultName[] = ['login-failure', 'full-disk', 'wrong-serial'];
  readonly identity: Identity;
  /** The unit's folder on the machine. */
  readonly folder: string;

  readonly #unit: ReturnType<typeof describe>;
  readonly #media: readonly Medium[];
  readonly #busybox: string;
  readonly #options: ConsoleUnitOptions;
  readonly #chatter: KernelChatter | null;
  readonly #on = new Set<FaultName>();
  #shadow = '';
  #process: UnitProcess;
  #channel: ByteChannel | null = null;
  #held = 0;
  #restart: NodeJS.Timeout | null = null;
  #failures = 0;
  #closed = false;

  constructor(options: ConsoleUnitOptions = {}) {
    this.#options = options;
    this.#busybox = findBusybox();
    checkBoundary(this.#busybox);
    this.#unit = describe(options.number ?? 1);
    this.#media = options.media ?? MEDIA;
    const { hostname: _, wrongSerial: __, ...identity } = this.#unit;
    this.identity = identity;
    const random = seededRandom(options.seed ?? 1);
    const every = options.kernelMessagesEvery ?? null;
    this.#chatter = every === null ? null : new KernelChatter(seededRandom((options.seed ?? 1) + 1), every);
    const parent = options.folder ?? tmpdir();
    sweep(parent);
    this.folder = mkdtempSync(join(parent, `rack-console-${process.pid}-`));
    this.#build(random);
    this.#process = this.#start();
  }

  attach(wiring: Wiring): () => void {
    this.#channel = wiring.channel;
    wiring.channel.onData((bytes) => this.#process.input(bytes));
    return () => {
      if (this.#channel === wiring.channel) this.#channel = null;
      this.#held = 0;
      this.#process.flow(true);
    };
  }

  setFault(name: FaultName, on: boolean): void {
    if (on) this.#on.add(name);
    else this.#on.delete(name);
    if (name === 'wrong-serial') this.#sayWho();
    if (name === 'login-failure') this.rewrite('shadow', on ? 'root:!:19000::::::\n' : this.#shadow);
    if (name === 'full-disk') this.#fill();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#process.kill();
    await this.#process.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  #build(random: Random): void {
    for (const name of ['root', 'files/etc', 'proc', 'sys', 'media']) {
      mkdirSync(join(this.folder, name), { recursive: true });
    }
    writeTree(join(this.folder, 'files'), rootFiles(this.#unit));
    writeTree(join(this.folder, 'proc'), procFiles(this.#unit, this.#media));
    writeTree(join(this.folder, 'sys'), sysFiles(this.#unit, this.#media));
    writeFileSync(join(this.folder, 'setup'), SETUP);
    writeFileSync(join(this.folder, 'files/etc/init'), INIT);
    writeFileSync(join(this.folder, 'files/etc/login'), LOGIN);
    const own = readFileSync(this.#busybox);
    const whole = this.#options.noDirectIo ? withoutDirectIo(own) : own;
    const busybox = withoutApplets(whole, [...NEVER, ...(this.#options.without ?? [])]);
    writeFileSync(join(this.folder, 'busybox'), busybox);
    chmodSync(join(this.folder, 'busybox'), 0o755);
    const password = this.#options.password === undefined ? RACK_PASSWORD : this.#options.password;
    if (password !== null) {
      const hash = execFileSync(this.#busybox, ['mkpasswd', '-m', 'sha512', '-S', SALT, '-P', '0'], {
        input: `${password}\n`,
        encoding: 'utf8',
      });
      this.#shadow = `root:${hash.trim()}:19000::::::\n`;
    }
    writeFileSync(join(this.folder, 'shadow'), this.#shadow, { mode: 0o600 });
    writeLog(join(this.folder, 'messages'), this.#options.logBytes ?? 384 * 1024, random);
    for (const { name, bytes } of this.#media) this.#makeMedium(name, bytes, random);
    const user = unitUser();
    if (user !== null) giveAway(this.folder, user.uid, user.gid);
  }

  /** A medium full of what looks like somebody's data; no 4 KiB of it are zero. */
  #makeMedium(name: string, bytes: number, random: Random): void {
    const piece = Buffer.alloc(1024 * 1024);
    for (let at = 0; at < piece.length; at += 4) piece.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
    const file = openSync(join(this.folder, 'media', name), 'w', 0o600);
    try {
      for (let at = 0; at < bytes; at += piece.length) {
        piece.write(`customer data of ${name} at ${at}`, 0);
        writeSync(file, piece, 0, Math.min(piece.length, bytes - at));
      }
    } finally {
      closeSync(file);
    }
  }

  #start(): UnitProcess {
    writeFileSync(join(this.folder, 'boot_id'), `${randomUUID()}\n`);
    const largest = Math.max(...this.#media.map(({ bytes }) => bytes), 16 * 1024 * 1024);
    const started = startProcess(this.folder, this.#busybox, {
      UNIT_HOSTNAME: this.#unit.hostname,
      UNIT_ROOT_KIB: String(ROOT_KIB),
      UNIT_FILE_BYTES: String(largest),
      UNIT_LOGIN_DELAY: String((this.#options.loginDelayMs ?? 2000) / 1000),
      UNIT_NEEDS_LOGIN: this.#shadow === '' ? '0' : '1',
      UNIT_HAS_TERMINAL: this.#options.noControllingTerminal ? '0' : '1',
    });
    started.onOutput((bytes) => this.#output(started, bytes));
    const began = performance.now();
    void started.ended.then(() => {
      this.#failures = performance.now() - began < FAILED_WITHIN_MS ? this.#failures + 1 : 0;
      if (this.#closed || this.#failures >= MAX_FAILURES) return;
      this.#restart = setTimeout(() => {
        this.#process = this.#start();
        if (this.#on.has('full-disk')) this.#fill();
      }, RESTART_MS);
    });
    return started;
  }

  /** Output goes to the cable; without one it is lost, as on a serial port that nobody listens to. */
  #output(from: UnitProcess, bytes: Uint8Array): void {
    const channel = this.#channel;
    if (channel === null) return;
    const sent = this.#chatter?.mixInto(bytes) ?? bytes;
    this.#held += sent.length;
    if (this.#held > HELD_LIMIT) from.flow(false);
    void channel.write(sent).then(() => {
      if (this.#channel !== channel) return;
      this.#held -= sent.length;
      if (this.#held <= HELD_LIMIT / 2) from.flow(true);
    });
  }

  /** Changes what one of the unit's own files says, by its path in the folder; the unit sees it at once. */
  rewrite(path: string, content: string): void {
    // In place: the unit has this very file mounted.
    writeFileSync(join(this.folder, path), content, { flag: 'r+' });
    truncateSync(join(this.folder, path), Buffer.byteLength(content));
  }

  #sayWho(): void {
    const serial = this.#on.has('wrong-serial') ? this.#unit.wrongSerial : this.#unit.serial;
    const said = { ...this.#unit, serial };
    this.rewrite('sys/firmware/devicetree/base/serial-number', `${serial}\0`);
    this.rewrite('proc/cpuinfo', procFiles(said, this.#media).get('cpuinfo') ?? '');
  }

  /** Fills the unit's root, seen through its first process, or frees it again. */
  #fill(): void {
    const first = this.#process.firstProcess();
    if (first === null) return;
    const path = `/proc/${first}/root/var/spool/fill`;
    try {
      if (!this.#on.has('full-disk')) {
        truncateSync(path, 0);
        return;
      }
      const file = openSync(path, 'r+');
      try {
        for (const size of [65_536, 4096, 512]) {
          try {
            for (;;) writeSync(file, Buffer.alloc(size, 0x66), 0, size);
          } catch {
            // Full, at this size of piece.
          }
        }
      } finally {
        closeSync(file);
      }
    } catch {
      // The unit is just starting: filled as soon as it is switched on again.
    }
  }
}
