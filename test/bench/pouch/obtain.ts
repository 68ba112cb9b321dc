import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A PouchDB database, as far as it is measured. */
export interface PouchDatabase {
  bulkDocs(docs: readonly object[]): Promise<unknown>;
  replicate: {
    to(url: string, options: { batch_size: number }): Promise<{ docs_written: number }>;
    from(url: string, options: { batch_size: number }): Promise<{ docs_written: number }>;
  };
  close(): Promise<void>;
}
interface PouchClass {
  new (path: string): PouchDatabase;
  defaults(options: { prefix: string }): PouchClass;
}
type Handler = (request: unknown, response: unknown) => void;

/** The packages, as far as they are used. */
export interface Pouch {
  readonly PouchDB: PouchClass;
  express(): {
    use(path: string, handler: Handler): void;
    listen(port: number, host: string): import('node:http').Server;
  };
  expressPouchDB(PouchDB: PouchClass, options: object): Handler;
}

const PACKAGES = ['pouchdb@9.0.0', 'express-pouchdb@4.2.0', 'express@4.21.2'];

/**
 * Installs PouchDB into a folder of its own beside other temporary files, where it stays for the next run: the project
 * itself does not need it. Gives the folder, or why it cannot be had.
 */
export function obtainPouch(): { folder: string } | { missing: string } {
  const folder = join(tmpdir(), `repairbench-${PACKAGES.join('-')}`);
  if (existsSync(folder)) return { folder };
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', unfinished];
  const { status, stderr, error } = spawnSync('npm', ['install', ...options, ...PACKAGES], {
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (status === 0) {
    renameSync(unfinished, folder);
    return { folder };
  }
  rmSync(unfinished, { recursive: true, force: true });
  const said = stderr?.split('\n').find((line) => line.startsWith('npm error'));
  return {
    missing: `npm does not install ${PACKAGES.join(', ')}: ${error?.message ?? said ?? `status ${status}`}`,
  };
}

export function loadPouch(folder: string): Pouch {
  const from = createRequire(join(folder, 'package.json'));
  return { PouchDB: from('pouchdb'), express: from('express'), expressPouchDB: from('express-pouchdb') };
}
