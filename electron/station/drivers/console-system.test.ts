import { describe, expect, it } from 'vitest';
import { parseSystem } from './console-system.ts';

describe('how a console says it is', () => {
  it('reads all of it', () => {
    const output = [
      'uptime 350735.47 234388.90',
      'load 0.20 0.18 0.12 1/80 11206',
      'mem MemTotal: 124816',
      'mem MemFree: 60000',
      'mem MemAvailable: 71680',
      'temp 61500',
      'temp 48000',
      'temp -274000',
      'df Filesystem           1K-blocks      Used Available Use% Mounted on',
      'df /dev/root                 2560      2560         0 100% /',
      'level 6 400',
      'level 3 7',
      'level 27 2',
      'level 12 9',
      'level 0 1',
      'levels',
    ].join('\n');
    expect(parseSystem(output)).toEqual({
      uptimeSeconds: 350735,
      memoryTotalMiB: 122,
      memoryAvailableMiB: 70,
      load1: 0.2,
      temperatureC: 61.5,
      // 27 is level 3 of facility 3.
      kernelErrors: 10,
      rootUsedPercent: 100,
    });
  });

  it('makes nothing up where the unit is silent', () => {
    expect(parseSystem('')).toEqual({
      uptimeSeconds: null,
      memoryTotalMiB: null,
      memoryAvailableMiB: null,
      load1: null,
      temperatureC: null,
      kernelErrors: null,
      rootUsedPercent: null,
    });
  });

  it('knows kernels that do not say what memory is available, and df that breaks its lines', () => {
    const output = [
      'mem MemTotal: 30000',
      'mem MemFree: 4096',
      'mem Buffers: 1024',
      'mem Cached: 5120',
      'df Filesystem 1K-blocks Used Available Use% Mounted on',
      'df /dev/mapper/a-very-long-name-of-a-volume',
      'df  1000 420 580 42% /',
    ].join('\n');
    expect(parseSystem(output)).toMatchObject({ memoryAvailableMiB: 10, rootUsedPercent: 42 });
  });
});
