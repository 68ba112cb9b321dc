import { expect, test } from 'vitest';
import { hostOptions } from './options.ts';

test('any free port unless one is named', () => {
  expect(hostOptions([])).toEqual({ data: undefined, training: false, port: 0 });
  expect(hostOptions(['--port', '8080', '--data', '/d', '--training'])).toEqual({
    data: '/d',
    training: true,
    port: 8080,
  });
});

test.each([
  [['--port', '65536'], '65536'],
  [['--port', 'http'], 'http'],
  [['--port', '-1'], '--port'],
  [['--nonsense'], '--nonsense'],
  [['stray'], 'stray'],
])('%j is bad input', (argv, named) => {
  expect(() => hostOptions(argv)).toThrow(
    expect.objectContaining({ code: 'input.invalid', message: expect.stringContaining(named) }),
  );
});
