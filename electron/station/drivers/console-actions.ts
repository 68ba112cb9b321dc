import { z } from 'zod';
import type { Action } from './driver.ts';

const none = z.strictObject({});

/** What procedures can have a Linux console do. */
export const CONSOLE_ACTIONS = {
  identify: {
    title: 'Ask the unit who it is',
    args: none,
    values: ['maker', 'model', 'serial', 'firmware', 'hostname', 'kernel', 'privileged'],
  },
  system: {
    title: 'Read memory, storage, load, temperature, kernel errors',
    args: none,
    values: [
      'uptimeSeconds',
      'memoryTotalMiB',
      'memoryAvailableMiB',
      'load1',
      'temperatureC',
      'kernelErrors',
      'rootUsedPercent',
    ],
  },
  logs: {
    title: 'Pull kernel and system logs',
    args: none,
    values: ['files', 'bytes', 'hashedByUnit', 'failed', 'leftOut'],
  },
  pull: {
    title: 'Pull one file',
    args: z.strictObject({ path: z.string().min(2).max(400).startsWith('/', 'must begin with “/”') }),
    values: ['bytes', 'sha256'],
  },
  shell: {
    title: 'Run one command of the procedure’s own',
    args: z.strictObject({ command: z.string().min(1).max(2000) }),
    values: ['exitCode', 'output'],
    free: true,
  },
  disks: { title: 'List storage media', args: none, values: ['count', 'list'] },
  'wipe-overwrite': {
    title: 'Overwrite a disk or partition and read it back',
    args: z.strictObject({
      target: z
        .string()
        .regex(/^\/dev\/[A-Za-z0-9][A-Za-z0-9/_.:-]{0,60}$/, 'must be a device such as /dev/sda'),
      pattern: z.enum(['zero', 'random']).default('zero'),
      readBack: z.enum(['all', 'sample']).default('all'),
    }),
    values: ['bytes', 'verified', 'readBackBytes', 'pastCache', 'computedBy', 'method', 'errors'],
    destructive: true,
  },
} as const satisfies Record<string, Action<never> | Action>;
