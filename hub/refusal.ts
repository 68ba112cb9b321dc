import { syncErrors } from '../shared/errors/sync.ts';
import type { Refusal, RefusalCode } from '../shared/sync/protocol.ts';

const STATUS: Partial<Record<RefusalCode, number>> = {
  'sync.unknown-station': 404,
  'sync.revoked': 403,
  'sync.bad-signature': 401,
  'sync.clock': 401,
  'sync.bad-code': 403,
  'sync.clone': 403,
  'sync.too-old': 426,
  'sync.key-rotated': 401,
  'sync.database-away': 503,
  'blob.unknown': 404,
  'blob.unannounced': 403,
  'blob.too-large': 413,
  'blob.wrong-content': 422,
  'blob.hub-full': 507,
};

/** What the hub does not take, with the way out. */
export class RefusedError extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  readonly more: Partial<Refusal['error']>;

  constructor(code: RefusalCode, more: Partial<Refusal['error']> = {}) {
    super(syncErrors[code].message);
    this.code = code;
    this.status = STATUS[code] ?? 409;
    this.more = more;
  }
}
