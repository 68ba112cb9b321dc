import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asksForCursor,
  look,
  looksLikeConsole,
  plain,
  refusesLogin,
  restarts,
  withoutKernel,
} from './words.ts';

const ESC = '\u001b';

describe('what a console shows', () => {
  it.each([
    ['login', '\r\nfg220-01 login: '],
    ['login', 'Debian GNU/Linux 12 gateway ttyS0\r\n\r\ngateway login: '],
    ['login', 'Username: '],
    ['login', 'Benutzername: '],
    ['login', 'identifiant : '],
    ['login', `gateway login: [   12.345678] usb 1-1: new device\r\n`],
    ['password', 'Password: '],
    ['password', "root's Password:"],
    ['password', 'Passwort: '],
    ['password', 'Mot de passe : '],
    ['password', 'Contraseña: '],
    ['password', 'Password for root@gw: '],
    ['prompt', 'root@OpenWrt:/# '],
    ['prompt', '# '],
    ['prompt', '$ '],
    ['prompt', `${ESC}[?2004h${ESC}[01;32mroot@gw${ESC}[00m:~# ${ESC}[6n`],
    ['prompt', 'BusyBox v1.35.0 built-in shell (ash)\r\n\r\n~ # '],
    ['boot-loader', 'U-Boot 2023.01\r\n=> '],
    ['boot-loader', 'U-Boot> '],
    ['boot-loader', 'CFE> '],
    ['boot-loader', 'RedBoot> '],
    ['boot-loader', 'grub rescue> '],
    ['boot-loader', 'barebox@Phytec phyCORE:/ '],
    ['boot-loader', 'ar7240> '],
    ['autoboot', 'Hit any key to stop autoboot:  3 '],
    ['autoboot', 'Hit any key to stop autoboot:  3 \b\b\b 2 '],
    ['autoboot', 'Autoboot in 2 seconds'],
    [
      'autoboot',
      'Press the [f] key and hit [enter] to enter failsafe mode\r\nPress SPACE to abort autoboot in 2 seconds',
    ],
    ['activate', 'Please press Enter to activate this console. '],
    ['activate', 'Please press Enter to activate this console. \r\n[    9.123456] br-lan: port 1\r\n'],
    ['activate', 'Press Enter to get a shell prompt'],
    ['leftover', ':rbab12cd34ef56: B\r\n'],
    ['text', 'Last login: Tue Mar 12 10:00:00 on ttyS0\r\nsomething is starting\r\n'],
    ['nothing', '\r\n\r\n'],
    ['nothing', ''],
  ])('%s: %j', (kind, text) => {
    expect(look(text).kind).toBe(kind);
  });

  it('does not take a host name for a boot loader', () => {
    expect(look('root@uboot-build:/srv/boot# ').kind).toBe('prompt');
  });

  it('sees a restart, and a refused login', () => {
    expect(restarts('\r\nU-Boot SPL 2021.04 (Mar 12)\r\n')).toBe(true);
    expect(restarts('U-Boot environment saved')).toBe(false);
    expect(refusesLogin('\r\nLogin incorrect\r\n')).toBe(true);
    expect(refusesLogin('Welcome')).toBe(false);
    expect(asksForCursor(`${ESC}[6n`)).toBe(true);
  });

  it('takes kernel messages out of the middle of a line', () => {
    expect(withoutKernel('abc[   12.345678] usb 1-1: x\r\ndef')).toBe('abcdef');
    expect(plain('QUJD<6>[    1.000001] eth0: link\r\nREVG\r\n')).toBe('QUJDREVG\n');
  });

  it('never takes a modem for a console', () => {
    for (const answer of [
      '\r',
      '\r\nOK\r\n',
      '\r\nERROR\r\n',
      '\r\r\nOK\r\n',
      '+CREG: 1,5\r\n',
      '\r\n> ',
      'AT\r\r\nOK\r\n',
    ]) {
      expect(looksLikeConsole(answer), JSON.stringify(answer)).toBe(false);
    }
  });

  it('never takes noise for a console', () => {
    const noise = fc
      .uint8Array({ maxLength: 400 })
      .map((bytes) => bytes.map((byte) => (byte < 0xa0 ? byte | 0x80 : byte)));
    fc.assert(
      fc.property(noise, (bytes) => !looksLikeConsole(new TextDecoder().decode(bytes))),
      { numRuns: 300 },
    );
  });

  // A pattern that tries exponentially many ways would run into the time limit.
  it('judges any text without trying endless ways', () => {
    for (const piece of [
      'login ',
      '[ 1.000000] ',
      'Password',
      `${ESC}[`,
      'boot ',
      '<6>[',
      'hit any key to stop ',
      ' ',
    ]) {
      look(piece.repeat(20_000));
      withoutKernel(piece.repeat(2000));
    }
  });
});
