import { describe, expect, it } from 'vitest';
import { parseLogs } from './console-log-list.ts';

const names = (output: string) => parseLogs(output).sources.map(({ name }) => name);

describe('the list of logs', () => {
  it('has the youngest files and tells how many are left out', () => {
    const lines = Array.from({ length: 300 }, (_, at) => `f 10 ${1_000_000 + at} /var/log/a${at}.log`);
    const { sources, leftOut } = parseLogs(`c dmesg.txt\n${lines.join('\n')}\nn 700\n`);
    expect(sources).toHaveLength(201);
    expect(sources[1]?.name).toBe('a299.log');
    expect(sources.at(-1)?.name).toBe('a100.log');
    expect(leftOut).toBe(500);
  });

  it('keeps the order of the unit where a time is missing, and lists a file once', () => {
    const output = 'f 1 5 /var/log/b.log\nf 1  /var/log/a.log\nf 1 5 /var/log/b.log\nn 3\n';
    expect(names(output)).toEqual(['b.log', 'a.log']);
    expect(parseLogs(output).leftOut).toBe(0);
  });

  it('keeps the bytes of a name, and shows it as text', () => {
    const latin1 = parseLogs('f 7 5 /var/log/caf\xe9.log\n').sources[0];
    expect(latin1).toMatchObject({ name: 'caf_.log', path: Buffer.from('/var/log/caf\xe9.log', 'latin1') });
    const utf8 = parseLogs(`f 7 5 /var/log/${Buffer.from('ü').toString('latin1')}/x.log\n`).sources[0];
    expect(utf8).toMatchObject({ shown: '/var/log/ü/x.log', name: '_x.log' });
  });

  it('says in its name how much of the journal there is', () => {
    expect(names('c journal-last-7-days.txt\nc other\n')).toEqual(['journal-last-7-days.txt']);
  });
});
