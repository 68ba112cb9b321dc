import type { ErrorCode, ErrorParams } from '../../../shared/errors/index.ts';
import type { Stored } from './format/layout.ts';
import type { ArtifactFile } from './format/reader.ts';
import type { CheckedFile } from './format/verify.ts';
import type { SearchQuery, SearchResult } from './search/search.ts';

/** Work on one artifact file that is too heavy for the station's own thread. */
export type Job =
  | {
      readonly type: 'search';
      readonly file: ArtifactFile;
      readonly query: SearchQuery;
      /** After this long a page ends where it is. */
      readonly pageMs: number;
    }
  | { readonly type: 'verify'; readonly file: ArtifactFile; readonly expected: Stored };

export interface JobResults {
  search: SearchResult;
  verify: CheckedFile;
}

export interface JobOrder {
  readonly job: Job;
  readonly control: SharedArrayBuffer;
}

export type JobReply =
  | { readonly type: 'done'; readonly result: JobResults[Job['type']] }
  | { readonly type: 'aborted' }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly params: ErrorParams }
  | { readonly type: 'crashed'; readonly detail: string };

/** Places in the memory that a job shares with its orderer, as 32-bit integers. */
export const CONTROL = {
  /** The line a pattern is being tested on; 0: none. */
  line: 0,
  /** 1: stop. */
  abort: 1,
  bytes: 8,
} as const;
