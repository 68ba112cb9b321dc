/**
 * What stands on a console, judged from its text alone: prompts, boot loaders, kernel messages.
 * Pure; every text came from a device, so every pattern is bounded.
 */

const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);

/** ECMA-48 control sequences, OSC strings, and the two- and three-byte escapes of VT terminals. */
const ESCAPES = new RegExp(
  `${ESC}\\[[0-?]{0,32}[ -/]{0,4}[@-~]|${ESC}\\][^${BEL}${ESC}]{0,256}(?:${BEL}|${ESC}\\\\)|${ESC}[()#][0-9A-Z]|${ESC}[=>6-9A-Za-z]`,
  'g',
);

/** The terminal is asked where its cursor stands (DSR 6). */
const CURSOR_QUERY = `${ESC}[6n`;
/** “Row 1, column 1”: an answer that makes no line editor believe that something stands before its prompt. */
export const CURSOR_ANSWER = `${ESC}[1;1R`;

export const asksForCursor = (text: string): boolean => text.includes(CURSOR_QUERY);

/** A kernel message as it lands on the console: optional level, time stamp, text up to the end of its line. */
const KERNEL_LINE = /(?:<\d{1,3}>)?\[ {0,6}\d{1,8}\.\d{6}\](?:\[[^\]\n]{0,32}\])? [^\n]{0,2000}(?:\n|$)/g;
const KERNEL_STAMP = /\[ {0,6}\d{1,8}\.\d{6}\]/;

/** Whether a kernel message is to be seen. */
export const showsKernel = (text: string): boolean => KERNEL_STAMP.test(text);

/** Takes kernel messages out, end of line included, so that what they split is whole again. */
export const withoutKernel = (text: string): string => text.replace(KERNEL_LINE, '');

/** The text a person would see, without escape sequences, NULs, carriage returns and kernel messages. */
export function plain(text: string): string {
  return withoutKernel(
    text
      .replace(ESCAPES, '')
      .replaceAll('\0', '')
      .replace(/\r+\n/g, '\n')
      .replace(/\n\r/g, '\n')
      .replaceAll('\r', ''),
  );
}

/** The line the cursor stands on: a prompt has no end of line. At most 300 characters of it. */
export const lastLine = (text: string): string => text.slice(text.lastIndexOf('\n') + 1).slice(-300);

const LOGIN =
  /(?:^|[^\p{L}])(?:login|log in|logon|user|user ?name|user ?id|account|benutzer|benutzername|anmeldename|identifiant|utilisateur|nom d.utilisateur|usuario|utente|nome utente|gebruikersnaam|usu[aá]rio|u[zż]ytkownik|логин|ログイン|用户名|登录)(?: name)? ?[:：>] {0,4}$/iu;
const PASSWORD =
  /(?:pass ?word|passwd|pass ?phrase|pass ?code|passwort|kennwort|mot de passe|contrase[nñ]a|senha|wachtwoord|has[lł]o|heslo|parola|пароль|パスワード|密码|\bpin)[^\n:：]{0,60}[:：] {0,4}$/iu;
/** U-Boot, CFE, RedBoot, GRUB, barebox, and boards whose U-Boot names itself after the chip. */
const BOOT_LOADER =
  /^(?:=> ?|[\w.() -]{0,24}(?:u-?boot|cfe|redboot|grub|grub rescue|barebox|bootrom|rommon|ar7\w{0,8}|ath\w{0,8}|ipq\w{0,8}|mt7\w{0,8}|rtl\w{0,8}|hisilicon|marvell)[\w.() -]{0,16}[>#] ?|barebox(?:@[^\n:]{0,60})?:\/ ?|grub(?: rescue)?> ?)$/i;
const AUTOBOOT =
  /(?:hit|press|type|push)[^\n]{0,60}\bto (?:stop|interrupt|abort|cancel|enter (?:setup|boot|failsafe|monitor|bios))|auto-?boot in|to (?:stop|interrupt|abort) autoboot|executed automatically in/i;
/** A count written over the one before: all that is heard of a countdown by whoever comes late. */
const COUNT = /[\b\r] {0,4}\d{1,2} {0,2}$/;
const ACTIVATE =
  /press (?:the )?<?(?:enter|return)>?[^\n]{0,60}(?:activate|continue|start|console|shell|log)/i;
/** Words of a refused login; they decide only where no shell is behind them. */
const REFUSED =
  /incorrect|fail(?:ed|ure)|denied|invalid|wrong|bad (?:password|login)|not (?:allowed|permitted|accepted)|locked|falsch|fehlgeschlagen|refus|incorrec|errat|erreur|неверн/i;
/** How a shell ends its prompt. Only a hint: whether it is one, a marked `echo` proves. */
const SHELL_PROMPT = /^[ -~\p{L}]{0,200}[$#%>] {0,2}$/u;
/** Our own reader of commands, left behind by a conversation that was cut off, has the last word. */
const LEFTOVER = /:rb[a-z0-9]{12}: [A-Z](?: [^\n]{0,400})?\s*$/;

export type Sight =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'login' }
  | { readonly kind: 'password' }
  /** A boot loader waits at its prompt. */
  | { readonly kind: 'boot-loader' }
  /** A boot loader counts down: any byte would stop it. */
  | { readonly kind: 'autoboot' }
  /** Enter is awaited before the console comes to life. */
  | { readonly kind: 'activate' }
  /** A reader of commands that an earlier conversation left behind. */
  | { readonly kind: 'leftover' }
  /** Ends as shells end their prompt. */
  | { readonly kind: 'prompt' }
  | { readonly kind: 'text' };

/** What the end of a console's output shows. */
export function look(raw: string): Sight {
  const text = plain(raw.slice(-8000));
  const tail = lastLine(text);
  if (text.trim() === '') return { kind: 'nothing' };
  if (LEFTOVER.test(text)) return { kind: 'leftover' };
  if (BOOT_LOADER.test(tail)) return { kind: 'boot-loader' };
  // The countdown rewrites its own line, so it stands at the end or right before it.
  if (COUNT.test(raw) || AUTOBOOT.test(text.trimEnd().split('\n').slice(-2).join('\n'))) {
    return { kind: 'autoboot' };
  }
  if (PASSWORD.test(tail)) return { kind: 'password' };
  if (LOGIN.test(tail)) return { kind: 'login' };
  if (ACTIVATE.test(text.trimEnd().split('\n').slice(-3).join('\n')) && !SHELL_PROMPT.test(tail)) {
    return { kind: 'activate' };
  }
  return { kind: SHELL_PROMPT.test(tail) ? 'prompt' : 'text' };
}

/** What is said while a system goes down or comes up; U-Boot and its loaders, the kernel, busybox init. */
const RESTART =
  /^U-Boot (?:SPL )?\d{4}\.|Starting kernel|Booting Linux|Linux version \d|reboot: (?:Restarting|Power down)|Kernel panic|The system is going down|Requesting system reboot/m;

/** Whether the system went down or came up within this text. */
export const restarts = (raw: string): boolean => RESTART.test(raw);

/** Whether a login was refused, going by the words after the password. */
export const refusesLogin = (raw: string): boolean => REFUSED.test(plain(raw));

/** What no console says by itself: a modem that waits for the text of a message says just this. */
const BARE_ANGLE = /^> {0,2}$/;

/**
 * Whether text that came unasked or after a single Enter is a console's. A modem's answers
 * (`OK`, `ERROR`, an echo, unsolicited results, its `> `) and noise are not.
 */
export function looksLikeConsole(raw: string): boolean {
  if (showsKernel(raw) || restarts(raw)) return true;
  const sight = look(raw).kind;
  if (sight === 'nothing' || sight === 'text') return false;
  return !BARE_ANGLE.test(lastLine(plain(raw)));
}
