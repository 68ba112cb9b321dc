import { describe, expect, it } from 'vitest';
import { isBenchError } from '../../../../shared/errors/index.ts';
import { Line } from './line.ts';
import { type Credentials, reachShell } from './login.ts';
import { echoed, IMPATIENT, type ScriptedConsole, scriptedConsole } from './testing.ts';
import { CURSOR_ANSWER } from './words.ts';

const ROOT: Credentials = { login: 'root', password: 'secret' };

function reach(unit: ScriptedConsole, credentials: Credentials = ROOT): Promise<{ loggedIn: boolean }> {
  return reachShell(new Line(unit.transport), {
    credentials,
    patience: IMPATIENT,
    signal: AbortSignal.timeout(15_000),
    random: () => 'abcdefghijkl',
    log: () => {},
  });
}

const code = (expected: string) =>
  expect.toSatisfy((error) => isBenchError(error) && error.code === expected);

/** A unit with a login, in the words given. */
function loginUnit(words: { login?: string; password?: string; refusal?: string; greeting?: string } = {}) {
  const { login = 'gw login: ', password = 'Password: ', refusal = '\r\nLogin incorrect\r\n' } = words;
  let state: 'name' | 'word' | 'shell' = 'name';
  let name = '';
  return scriptedConsole(
    (line, say) => {
      if (state === 'shell') say(line === '' ? '# ' : `${echoed(line) ?? ''}# `);
      else if (state === 'name') {
        name = line;
        state = line === '' ? 'name' : 'word';
        say(line === '' ? login : password);
      } else if (name === 'root' && line === 'secret') {
        state = 'shell';
        say('\r\n\r\nWelcome\r\nThere were 2 failed login attempts.\r\n# ');
      } else {
        state = 'name';
        say(`${refusal}${login}`);
      }
    },
    words.greeting === undefined ? {} : { greeting: words.greeting },
  );
}

describe('getting to a shell', () => {
  it('finds a shell that is logged in, whatever its prompt', async () => {
    for (const prompt of ['# ', 'router% ', 'λ ', 'Enter command> ']) {
      const unit = scriptedConsole((line, say) => say(`${echoed(line) ?? ''}${prompt}`));
      expect(await reach(unit)).toEqual({ loggedIn: false });
    }
  });

  it.each([
    {},
    { login: 'Benutzername: ', password: 'Kennwort: ' },
    { login: 'identifiant : ', password: 'Mot de passe : ' },
    { login: 'Username: ', password: "root's Password:" },
    { login: 'gw login: [   99.123456] eth0: link up\r\n' },
    { greeting: '\r\nDebian GNU/Linux 12 gw ttyS0\r\n\r\ngw login: ' },
    { greeting: 'Password: ' },
  ])('logs in: %j', async (words) => {
    const unit = loginUnit(words);
    expect(await reach(unit)).toEqual({ loggedIn: true });
    expect(unit.sent()).toContain('root\rsecret\r');
  });

  it('clears a half-typed command before Enter', async () => {
    const run: string[] = [];
    const unit = scriptedConsole((line, say) => {
      run.push(line);
      say(`${echoed(line) ?? ''}# `);
    });
    await unit.transport.write(Buffer.from('rm -rf /data'), { timeoutMs: 1000 });
    await reach(unit);
    expect(run.some((line) => line.includes('rm'))).toBe(false);
  });

  it('presses Enter where that is awaited', async () => {
    let active = false;
    const unit = scriptedConsole(
      (line, say) => {
        if (!active && line === '') active = true;
        say(active ? `${echoed(line) ?? ''}BusyBox\r\n/ # ` : '');
      },
      { greeting: 'Please press Enter to activate this console. ' },
    );
    expect(await reach(unit)).toEqual({ loggedIn: false });
  });

  it('answers a terminal query that somebody waits for', async () => {
    let asked = false;
    const unit = scriptedConsole((line, say) => {
      if (!asked) {
        asked = true;
        say('\u001b7\u001b[r\u001b[999;999H\u001b[6n');
      } else say(`${echoed(line.replace(CURSOR_ANSWER, '')) ?? ''}# `);
    });
    await reach(unit);
    expect(unit.sent()).toContain(CURSOR_ANSWER);
  });

  it('stops a reader that a dead station left behind', async () => {
    let left = true;
    const unit = scriptedConsole((line, say) => {
      // Without a controlling terminal no key reaches it.
      if (line === '4 exit') left = false;
      if (line !== '^C') say(left ? ':rbabcdef123456: B\r\n' : `${echoed(line) ?? ''}# `);
    });
    expect(await reach(unit)).toEqual({ loggedIn: false });
  });

  it('stops a reader that was left in the middle of sending', async () => {
    let left = 2;
    const unit = scriptedConsole((line, say) => {
      if (line === '4 exit') left -= 1;
      const piece = ':rbabcdef123456: C 9 3\r\nZGF0YQ==\r\n:rbabcdef123456: K 9 3 8 0123\r\n';
      if (line === '^C') return;
      say([`${echoed(line) ?? ''}# `, ':rbabcdef123456: Z 9\r\n', piece][left] ?? '');
    });
    expect(await reach(unit)).toEqual({ loggedIn: false });
  });

  it('waits for a command of ours that nothing stops, and for nobody else’s', async () => {
    let deaf = true;
    let first = true;
    const unit = scriptedConsole(
      (line, say) => {
        if (line === '^C' && first) {
          first = false;
          setTimeout(() => {
            deaf = false;
            say(':rbabcdef123456: R 1 0\r\n# ');
          }, 1_000);
        }
        if (!deaf && line !== '^C') say(`${echoed(line) ?? ''}# `);
      },
      { echo: false },
    );
    const options = {
      credentials: ROOT,
      patience: IMPATIENT,
      signal: AbortSignal.timeout(15_000),
      random: () => 'abcdefghijkl',
      log: () => {},
    };
    const line = new Line(unit.transport);
    expect(await reachShell(line, { ...options, busy: true })).toEqual({ loggedIn: false });
    deaf = true;
    await expect(reachShell(line, options)).rejects.toThrow(code('port.timeout'));
  });

  it('says that the login was refused', async () => {
    await expect(reach(loginUnit(), { login: 'root', password: 'wrong' })).rejects.toThrow(
      code('unit.login-failed'),
    );
    const words = { refusal: '\r\nAccess denied\r\n', login: '' };
    await expect(
      reach(loginUnit({ ...words, greeting: 'login: ' }), { login: 'root', password: 'x' }),
    ).rejects.toThrow(code('unit.login-failed'));
  });

  it('says that a login is needed, and tries none', async () => {
    const unit = loginUnit();
    await expect(reach(unit, { login: null, password: null })).rejects.toThrow(code('unit.login-needed'));
    expect(unit.sent()).toBe('\x15\r');
    await expect(reach(loginUnit(), { login: 'root', password: null })).rejects.toThrow(
      code('unit.login-needed'),
    );
  });

  it('leaves a boot loader alone', async () => {
    const unit = scriptedConsole(() => {}, { greeting: 'U-Boot 2023.01\r\n\r\n=> ' });
    await expect(reach(unit)).rejects.toThrow(code('unit.boot-loader'));
    expect(unit.sent()).toBe('');
  });

  it('sends nothing while a boot loader counts down, then logs in', async () => {
    const unit = loginUnit({ greeting: 'U-Boot 2023.01\r\nHit any key to stop autoboot:  3 ' });
    const reached = reach(unit);
    // Every count is written over the one before; each is heard before the next is said.
    const heard: string[] = [];
    for (const more of [
      '\b\b\b 2 ',
      '\b\b\b 1 ',
      '\b\b\b 0 \r\nStarting kernel ...\r\n[    0.000000] Linux\r\n',
    ]) {
      heard.push(unit.sent());
      unit.say(more);
      await new Promise((resolve) => setImmediate(resolve));
    }
    heard.push(unit.sent());
    unit.say('\r\ngw login: ');
    expect(await reached).toEqual({ loggedIn: true });
    expect(heard.join('')).toBe('');
    expect(unit.sent().startsWith('root\r')).toBe(true);
  });

  it('sends nothing to a countdown that was first heard between two counts', async () => {
    const unit = loginUnit({ greeting: '\b\b\b 2 ' });
    const reached = reach(unit);
    await new Promise((resolve) => setImmediate(resolve));
    for (const more of ['\b\b\b 1 ', '\b\b\b 0 \r\nStarting kernel ...\r\n']) unit.say(more);
    await new Promise((resolve) => setImmediate(resolve));
    const sent = unit.sent();
    unit.say('\r\ngw login: ');
    expect(await reached).toEqual({ loggedIn: true });
    expect(sent).toBe('');
  });

  it('takes what was heard before for what it is', async () => {
    const unit = loginUnit();
    const options = { credentials: ROOT, signal: AbortSignal.timeout(15_000), random: () => 'abcdefghijkl' };
    const heard = 'U-Boot 2023.01\r\nHit any key to stop autoboot:  2 ';
    const patience = { ...IMPATIENT, bootQuietMs: 300 };
    const reached = reachShell(new Line(unit.transport), { ...options, patience, heard, log: () => {} });
    await new Promise((resolve) => setImmediate(resolve));
    expect(unit.sent()).toBe('');
    unit.say('\b\b\b 0 \r\nStarting kernel ...\r\n\r\ngw login: ');
    expect(await reached).toEqual({ loggedIn: true });
    expect(unit.sent().startsWith('root\r')).toBe(true);
  });

  it('says what it sees where no shell is', async () => {
    const unit = scriptedConsole((_, say) => say('% Unknown command\r\nSwitch>'));
    await expect(reach(unit)).rejects.toThrow(code('unit.no-shell'));
    await expect(reach(scriptedConsole(() => {}, { echo: false }))).rejects.toThrow(code('port.timeout'));
  });

  it('gives up at once when it is stopped', async () => {
    const unit = scriptedConsole(() => {}, { echo: false });
    const stop = new AbortController();
    const reached = reachShell(new Line(unit.transport), {
      credentials: ROOT,
      patience: IMPATIENT,
      signal: stop.signal,
      random: () => 'x',
      log: () => {},
    });
    stop.abort(new Error('stopped'));
    await expect(reached).rejects.toThrow('stopped');
  });
});
