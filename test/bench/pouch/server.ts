import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadPouch } from './obtain.ts';

/* express-pouchdb on leveldb: `server.ts PACKAGES FOLDER` prints its address and ends with its standard input. */
const [packages = '', folder = ''] = process.argv.slice(2);
const { PouchDB, express, expressPouchDB } = loadPouch(packages);
const data = join(folder, 'server');
mkdirSync(data, { recursive: true });
const app = express();
const options = { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: join(folder, 'log.txt') };
app.use('/', expressPouchDB(PouchDB.defaults({ prefix: `${data}/` }), options));
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
process.stdin.resume().once('end', () => process.exit(0));
