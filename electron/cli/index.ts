import { enableCompileCache } from 'node:module';

// Each command is a process: what was compiled for the last one is used again, which halves its start.
enableCompileCache();
await import('./main.ts');
