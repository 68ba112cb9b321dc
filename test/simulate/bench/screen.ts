import type { Status } from '../../../shared/model/cases.ts';
import type { BenchDisk, OwnEntry, ReadEntry } from './disk.ts';

interface Shown {
  status: Status;
  /** Own moves that the hub has not numbered yet. */
  readonly waiting: { readonly seq: number; readonly to: Status }[];
  readonly stops: string[];
}

/** What a person at a bench sees: the site's cases as far as the bench has read, with its own work on top. */
export class Screen {
  readonly cases = new Map<string, Shown>();
  /** Ids of cases, the newest last. */
  readonly recent: string[] = [];
  /** Operations that did not hold. */
  readonly conflicts: { readonly opId: string; readonly caseId: string }[] = [];
  readonly #stationId: string;
  readonly #own: readonly OwnEntry[];
  readonly #read: readonly ReadEntry[];
  #ownSeen = 0;
  #readSeen = 0;

  constructor(disk: BenchDisk) {
    this.#stationId = disk.stationId;
    this.#own = disk.own;
    this.#read = disk.read;
  }

  /** Whether it shows this disk: after going back there are other lists. */
  isOf(disk: BenchDisk): boolean {
    return disk.own === this.#own && disk.read === this.#read;
  }

  refresh(): this {
    for (; this.#ownSeen < this.#own.length; this.#ownSeen++) this.#did(this.#own[this.#ownSeen] as OwnEntry);
    for (; this.#readSeen < this.#read.length; this.#readSeen++) {
      this.#placed(this.#read[this.#readSeen] as ReadEntry);
    }
    return this;
  }

  statusOf(id: string): Status | null {
    const shown = this.cases.get(id);
    return shown ? (shown.waiting.at(-1)?.to ?? shown.status) : null;
  }

  #open(id: string, status: Status): Shown {
    const shown: Shown = { status, waiting: [], stops: [] };
    this.cases.set(id, shown);
    this.recent.push(id);
    return shown;
  }

  #did({ entry, body }: OwnEntry): void {
    const { kind, entityId, seq } = entry;
    if (body === null || !(kind in SHOWN)) return;
    const content = JSON.parse(body) as Content;
    if (kind === 'case.opened') this.#open(entityId, content.status);
    if (kind === 'case.moved') this.cases.get(entityId)?.waiting.push({ seq, to: content.to });
    if (kind === 'case.safety-stop') this.cases.get(entityId)?.stops.push(content.stopId);
  }

  #placed({ entry, outcome }: ReadEntry): void {
    const { kind, entityId, stationId, seq, id, body } = entry;
    if (outcome.is === 'conflict') this.conflicts.push({ opId: id, caseId: entityId });
    if (body === null || !(kind in SHOWN)) return;
    const shown = this.cases.get(entityId);
    const isOwn = stationId === this.#stationId && this.#own[seq - 1]?.entry.id === id;
    if (isOwn && shown?.waiting[0]?.seq === seq) shown.waiting.shift();
    if (outcome.is !== 'applied') return;
    const content = JSON.parse(body) as Content;
    if (kind === 'case.opened' && !shown) this.#open(entityId, content.status);
    if (kind === 'case.moved' && shown) shown.status = content.to;
    if (kind === 'case.safety-stop' && !isOwn) shown?.stops.push(content.stopId);
  }
}

const SHOWN: Readonly<Record<string, true>> = {
  'case.opened': true,
  'case.moved': true,
  'case.safety-stop': true,
};
interface Content {
  readonly status: Status;
  readonly to: Status;
  readonly stopId: string;
}
