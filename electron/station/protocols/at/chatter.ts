/** Unsolicited words without a prefix. NO CARRIER and its like end calls; this bench makes none. */
const UNSOLICITED_WORDS =
  /^(RING|NO CARRIER|NO ANSWER|NO DIALTONE|BUSY|CONNECT.*|RDY|START|Call Ready|SMS Ready|SMS DONE|PB DONE|(NORMAL )?POWER(ED)? DOWN|(UNDER|OVER)-VOLTAGE.*|\+STIN.*|(OPL|PNN) UPDATING)$/i;

/** `+CREG` of `+CREG: 1`; answers of makers' own commands start with ^ % # $ or * as well. */
export const prefixOf = (line: string): string | null =>
  /^([+^%#$*][A-Z0-9_]+)\s*:/i.exec(line)?.[1]?.toUpperCase() ?? null;

/** The commands that a command line names: `+CSQ` and `+CBC` of `AT+CSQ;+CBC`. */
export const namesIn = (command: string): ReadonlySet<string> =>
  new Set((command.match(/[+^%#$*][A-Z0-9_]+/gi) ?? []).map((name) => name.toUpperCase()));

/** Whether a line is none of the answer to a command that names these. */
export const isChatter = (line: string, names: ReadonlySet<string>): boolean => {
  const prefix = prefixOf(line);
  return prefix === null ? UNSOLICITED_WORDS.test(line) : !names.has(prefix);
};
