import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext, type Server } from 'node:tls';
import { BenchError } from '../../shared/errors/index.ts';

/** Paths of PEM files. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

const LOOK_MS = 10_000;

/** Certificate and key as the files have them now. Throws `hub.tls`. */
export function readTls({ cert, key }: TlsFiles): { cert: Buffer; key: Buffer } {
  try {
    const pair = { cert: readFileSync(cert), key: readFileSync(key) };
    createSecureContext(pair);
    return pair;
  } catch (cause) {
    throw new BenchError('hub.tls', { detail: (cause as Error).message }, { cause });
  }
}

/** Takes a renewed certificate without a restart; gives what ends that. */
export function followTls(
  server: Server,
  files: TlsFiles,
  log: (line: string, details?: object) => void,
  everyMs = LOOK_MS,
): () => void {
  const renew = () => {
    try {
      server.setSecureContext(readTls(files));
      log('the certificate was read again');
    } catch (error) {
      // Half written: what was there before serves until it fits.
      log((error as Error).message);
    }
  };
  const paths = [files.cert, files.key];
  for (const path of paths) watchFile(path, { interval: everyMs, persistent: false }, renew);
  return () => {
    for (const path of paths) unwatchFile(path, renew);
  };
}
