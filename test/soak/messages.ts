/** What a bench's process is started with, as JSON in its one argument. */
export interface BenchArgument {
  /** Holds the data folder, the keys and the ledger. */
  readonly folder: string;
  readonly prefix: string;
  readonly seed: number;
  /** Address and code of the hub to join, at the first start. */
  readonly join: { readonly url: string; readonly code: string };
  /** Entries after which it makes no more work. */
  readonly enough: number;
}

/** Told to a bench's process. */
export type Order =
  | { readonly do: 'work' }
  /** Make no more work, and say so. */
  | { readonly do: 'rest' }
  /** Send everything, read the feed up to `n`, and say how things stand then. */
  | { readonly do: 'settle'; readonly n: number };

/** How far a bench is. */
export interface Progress {
  /** Entries in its log. */
  readonly entries: number;
  /** Of these, on the hub's disk. */
  readonly acknowledged: number;
  /** How far it has read the feed. */
  readonly readN: number;
  /** Things the lab's own rules refused. */
  readonly refused: number;
}

/** Told by a bench's process. */
export type Told =
  | { readonly is: 'ready' }
  | { readonly is: 'resting' }
  | ({ readonly is: 'progress' } & Progress)
  /** What kept it from the hub, where that is nothing a cut connection explains. */
  | { readonly is: 'trouble'; readonly code: string; readonly message: string }
  | ({ readonly is: 'settled' } & Progress & Settled);

export interface Settled {
  /** Of the tables that show the site; every bench of the site has the same. */
  readonly siteHash: string;
  /** What is wrong with its log; null when nothing is. */
  readonly logTrouble: string | null;
}

export const places = (folder: string) => ({
  data: `${folder}/data`,
  keys: `${folder}/keys`,
  ledger: `${folder}/ledger`,
  log: `${folder}/bench.log`,
});
