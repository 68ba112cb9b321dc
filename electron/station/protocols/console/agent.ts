import { type Check, sumOf } from './checks.ts';
import type { Tools } from './tools.ts';

/**
 * The unit's half of the conversation: a plain `sh` that reads one command a line, quietly, and answers in
 * frames. It is a child of the login shell, so that nothing there is changed, and puts the terminal back
 * and removes its temporary file (R/o) when it ends (by `exit`, an interrupt or a hang-up).
 *
 * A line is `PROOF COMMAND`: the command's length at first, its sum as soon as it is known how the unit can sum
 * up. A line whose proof differs was damaged on its way and is answered with `B` instead of being run; `exit` is
 * always taken, whoever says it. Descriptors 3 and 4 are the terminal.
 */

/**
 * Starts the agent. One line, short enough for a shell whose editor takes 512 characters, without what an
 * interactive shell expands (`!`). The token is spelled so that the echo of this line does not contain it.
 */
export function bootstrap(token: string): string {
  const spelled = `${token.slice(0, 2)}"${token.slice(2, 3)}"${token.slice(3)}`;
  return [
    ` sh -c 'T=${spelled};S=$(stty -g 2>/dev/null);`,
    // Only what we made, by its name: R arrives over the same line as everything.
    'trap "{ [ -z \\$R ]||rm -f \\$R/o;rmdir \\$R;stty $S;} >/dev/null 2>&1" 0;trap "exit 1" 1 2 15;',
    'stty -echo -opost 2>/dev/null;exec 3<&0 4>&1;echo "$T U";A(){ [ "${#L}" = "$n" ];};',
    'while IFS= read -r L;do n=${L%% *};L=${L#* };',
    `if [ "$L" = exit ]||A;then eval "$L";else echo "$T B";fi;done'\r`,
  ].join('');
}

/** How a command is spelled as a line. */
export type Spelling = (command: string) => string;

/** A line as every agent takes it at first. */
export const agentLine: Spelling = (command) => `${command.length} ${command}\n`;

/** A line as the agent takes it once it knows `SUM_GUARD`. */
export const summedLine =
  (check: Check): Spelling =>
  (command) =>
    `${sumOf(check.name, Buffer.from(`${command}\n`, 'latin1'))} ${command}\n`;

/**
 * From then on a line's proof is its sum, made by `H`: what was flipped on the way may have the same length.
 * A line without any proof is none.
 */
export const SUM_GUARD = `A(){ k=$(printf '%s\\n' "$L"|H);case " $k " in *" \${n:-?} "*);;*)return 1;;esac;}`;

/** Ends an agent that reads, whatever else it takes; a half-typed line is cleared before. */
export const LEAVE = `\x15${agentLine('exit')}`;

/** Settings of the agent's own, before anything else: words in English, common places searched. */
export const SETTINGS =
  'export LC_ALL=C TERM=dumb PATH="$PATH:/sbin:/usr/sbin:/bin:/usr/bin";unset HISTFILE ENV;R=';

/** Prints one line on how a tool treats six bytes that no terminal likes. */
export const TRY = `t(){ echo "$T c $1 "$(printf '\\101\\000\\377\\015\\012z'|eval "$2" 2>/dev/null);}`;
/** The six bytes. */
export const SAMPLE = Buffer.from('A\0\xff\r\nz', 'latin1');

const isRaw = (tools: Tools): boolean => tools.codec.id === 'raw';

/**
 * Functions for running commands:
 * `E` encodes, `H` sums up, `o` prints a text as it is, `P` prints the last answer, `X LIMIT COMMAND` runs a
 * command whose number is in Q unless that number was run already (then it only prints again: a repeated line
 * never repeats its effect). The answer V is the encoded output (at most LIMIT bytes, both streams), `/` and the
 * exit status.
 */
export function commandFunctions(tools: Tools): readonly string[] {
  const bounded = tools.headBytes ? '{ head -c $1 >&7;cat >/dev/null;}' : 'cat >&7';
  return [
    `E(){ ${tools.codec.command};};H(){ ${tools.check?.command ?? 'cat >/dev/null'};}`,
    // Some shells' echo acts on backslashes; some have printf as a program only, which takes less at a time.
    isRaw(tools) ? `o(){ printf '%s\\n' "$1";}` : 'o(){ echo "$1";}',
    'P(){ k=$(o "$V"|H);echo "$T R $Q ${#V} "$k;o "$V";echo "$T E $Q ${#V} "$k;}',
    [
      'X(){ if [ "$D" != "$Q" ];then D=$Q;V=$({ s=$({ {',
      '(eval "$2") </dev/null 2>&1 3<&- 4>&- 6>&- 7>&-;echo $? >&6;}',
      `|${bounded};} 6>&1);echo "/$s";} 7>&1|E);fi;P;}`,
    ].join(' '),
  ];
}

/** How the bytes of a chunk are made into text. `cat` gathers small writes into large ones. */
export const packFunction = (tools: Tools, gzip: boolean): string =>
  isRaw(tools) ? 'Y(){ cat;}' : `Y(){ ${gzip ? 'gzip -c|' : ''}E|cat;}`;

/**
 * `G BLOCKSIZE FIRST BLOCKS COUNT`: sends COUNT chunks of BLOCKS blocks each from the file F, beginning with
 * block FIRST. A chunk is announced by `C`, ended by `K` with its sum (made from a second reading, at the same
 * time); `Z` ends the series.
 */
export const CHUNKS_FUNCTION = [
  'G(){ s=$2;i=0;while [ $i -lt $4 ];do echo "$T C $Q $s";',
  'k=$(dd if="$F" bs=$1 skip=$s count=$3 2>/dev/null|H &',
  'dd if="$F" bs=$1 skip=$s count=$3 2>/dev/null|Y >&4;wait);',
  'echo "$T K $Q $s "$k;s=$((s+$3));i=$((i+1));done;echo "$T Z $Q";}',
].join('');

/** Ends a raw piece: a shell drops line ends at the end of what it takes into a variable. */
export const RAW_END = '.';

/**
 * `S SIZE`: sends standard input piece by piece, each held in a variable until the bench has answered
 * `y` and its number; an earlier `y` is passed over, `exit` ends it, anything else has the piece sent again.
 * Needs no room on the unit. The sum goes over the text, because the bytes are gone by then.
 */
export function streamFunction(tools: Tools): string {
  const piece = `dd bs=$1 count=1 ${tools.fullBlock ? 'iflag=fullblock ' : ''}2>/dev/null|E`;
  const taken = isRaw(tools)
    ? `v=$(${piece};echo ${RAW_END});[ "$v" != ${RAW_END} ]`
    : `v=$(${piece});[ -n "$v" ]`;
  return [
    `S(){ i=0;while ${taken};do a=;until [ "$a" = "y$i" ];do case $a in y*);;*exit)exit 1;;*)`,
    'echo "$T C $Q $i";o "$v";echo "$T K $Q $i ${#v} "$(o "$v"|H);;esac;',
    'IFS= read -r a <&3||exit 1;done;i=$((i+1));done;}',
  ].join('');
}

/**
 * Runs the command in C through `S`, once for each number in Q; `Z` tells its exit status as `s0` and, where the
 * unit can, the sum of it all.
 */
export function streamCommand(tools: Tools, size: number): string {
  const source = '{ (eval "$C") </dev/null 2>/dev/null 3<&- 4>&- 6>&- 7>&-;echo "s$?" >&6;}';
  const whole = tools.hash !== null && tools.tee ? tools.hash.command : null;
  const pipe =
    whole === null
      ? `${source}|S ${size} >&4`
      : `{ ${source}|tee /proc/self/fd/7|S ${size} >&4;} 7>&1|${whole}`;
  return `[ "$D" = "$Q" ]||{ D=$Q;r=$({ ${pipe};} 6>&1);};echo "$T Z $Q "$r`;
}
