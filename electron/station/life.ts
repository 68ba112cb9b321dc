import { dirname, join } from 'node:path';
import type { InferContractRouterInputs } from '@orpc/contract';
import type { Contract } from '../../shared/contract/index.ts';
import { BenchError } from '../../shared/errors/index.ts';
import type { Session } from '../../shared/model/people.ts';
import { type Bench, openBench } from './bench.ts';
import { systemClock } from './storage/clock.ts';
import {
  type FolderOptions,
  type FolderState,
  makeFolder,
  type OpenFolder,
  openFolder,
  recoverFolder,
} from './storage/folder.ts';
import { holdFolder } from './storage/holder.ts';
import {
  hasKeyRing,
  isRecoveryKey,
  type KeyProtector,
  readKeyRing,
  renewRecoveryKey,
} from './storage/keyring.ts';
import { ownFolder } from './storage/own-folder.ts';
import type { Clock } from './storage/store.ts';
import { diskTrouble } from './storage/trouble.ts';

export interface StationOptions {
  readonly dataDir: string;
  /** What keeps the data key on this machine. */
  readonly protector: KeyProtector;
  /** The program's `resources/`; the migrations lie beside it. */
  readonly resourcesDir: string;
  /** Where heavy work runs: the worker's source under Node, its bundle in the app. */
  readonly workerUrl: URL;
  readonly version: string;
  /** Who holds the folder, for the message that refuses a second one. */
  readonly holder?: string;
  /** Started for training: an empty folder is offered as a training bench, which shows this user's virtual units. */
  readonly training?: boolean;
  /** Whether the command line may attach to it while it runs. */
  readonly attachable?: boolean;
  readonly clock?: Clock;
}

/** From an empty folder to an open bench: what state it is in, and what leads to the next. */
export interface StationLife {
  readonly version: string;
  readonly dataDir: string;
  readonly protectorKind: KeyProtector['kind'];
  readonly training: boolean;
  state(): FolderState;
  opened(): Bench | null;
  /** The open bench. Throws `storage.not-initialised`, `storage.locked`, `storage.keychain-elsewhere`. */
  bench(): Bench;
  init(input: InferContractRouterInputs<Contract>['station']['init']): Promise<{
    recoveryKey: string;
    session: Session;
  }>;
  unlock(recoveryKey: string): Promise<void>;
  whyClosed(): 'storage.not-initialised' | 'storage.locked' | 'storage.keychain-elsewhere';
  /** Makes another recovery key. */
  newRecoveryKey(): Promise<string>;
  /** Throws `storage.wrong-recovery-key`. */
  checkRecoveryKey(typed: string): void;
  close(): Promise<void>;
}

/** Holds the folder and opens what is in it. Throws `storage.held`, `storage.damaged`, `storage.from-the-future`. */
export async function startLife(options: StationOptions): Promise<StationLife> {
  const { dataDir, protector, resourcesDir, clock = systemClock } = options;
  ownFolder(dataDir);
  const hold = holdFolder(dataDir, options.holder ?? 'a station');
  const folderOptions: FolderOptions = {
    dataDir,
    protector,
    migrationsDir: join(dirname(resourcesDir), 'electron', 'station', 'storage', 'migrations'),
    clock,
  };
  let bench: Bench | null = null;
  /** Only one of init and unlock at a time: both end in the one open bench. */
  let opening: Promise<unknown> = Promise.resolve();
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const next = opening.then(work, work);
    opening = next.catch(() => {});
    return next;
  };
  const open = (folder: OpenFolder) => openBench({ ...options, clock, folder });
  try {
    const folder = hasKeyRing(dataDir) ? await openFolder(folderOptions) : null;
    if (folder) bench = await open(folder);
  } catch (error) {
    hold.release();
    throw diskTrouble(error, dataDir);
  }
  const state = (): FolderState => (bench ? 'ready' : hasKeyRing(dataDir) ? 'locked' : 'new');
  const whyClosed = () => {
    if (state() === 'new') return 'storage.not-initialised';
    const inKeychain = readKeyRing(dataDir).wraps.some(({ kind }) => kind === 'keychain');
    return inKeychain && protector.kind !== 'keychain' ? 'storage.keychain-elsewhere' : 'storage.locked';
  };
  return {
    version: options.version,
    dataDir,
    protectorKind: protector.kind,
    training: options.training ?? false,
    state,
    opened: () => bench,
    bench() {
      if (bench) return bench;
      throw new BenchError(whyClosed(), { path: dataDir });
    },
    init: (input) =>
      alone(async () => {
        const { filled, recoveryKey } = await makeFolder(
          folderOptions,
          input.mode ?? 'live',
          async (folder) => {
            const opened = await open(folder);
            try {
              return { opened, session: await opened.firstStart(input) };
            } catch (error) {
              await opened.close();
              throw error;
            }
          },
        );
        bench = filled.opened;
        return { recoveryKey, session: filled.session };
      }),
    unlock: (recoveryKey) =>
      alone(async () => {
        if (!bench) bench = await open(await recoverFolder(folderOptions, recoveryKey));
      }),
    whyClosed,
    newRecoveryKey: () => alone(() => renewRecoveryKey(dataDir, protector)),
    checkRecoveryKey(typed) {
      if (!isRecoveryKey(dataDir, typed)) throw new BenchError('storage.wrong-recovery-key');
    },
    async close() {
      await opening;
      await bench?.close();
      bench = null;
      hold.release();
    },
  };
}
