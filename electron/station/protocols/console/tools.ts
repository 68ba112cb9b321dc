import { type Check, type CheckName, readSum, sumOf } from './checks.ts';
import { CODECS, type Codec, RAW } from './codecs.ts';

/** What a unit's shell has to offer, found by trying: a tool counts when it does what is wanted of it. */
export interface Tools extends Readonly<Record<Ability, boolean>> {
  readonly codec: Codec;
  /** The fastest checksum, for damage on the line; null when the unit has none. */
  readonly check: Check | null;
  /** The strongest checksum, for whole files; null when the unit has none. */
  readonly hash: Check | null;
  readonly gzip: boolean;
}

/** What a unit can or cannot do: a command that prints `A` of the sample where it can. */
const ABILITIES = {
  dd: 'dd bs=1 count=1',
  headBytes: 'head -c 1',
  /** Whole blocks from a pipe. */
  fullBlock: 'dd bs=1 count=1 iflag=fullblock',
  /** `tee` to a descriptor by its name under /proc. */
  tee: '{ echo A|tee /proc/self/fd/9 >/dev/null;} 9>&1',
} as const;
type Ability = keyof typeof ABILITIES;

const abilities = (can: (ability: Ability) => boolean): Readonly<Record<Ability, boolean>> => ({
  dd: can('dd'),
  headBytes: can('headBytes'),
  fullBlock: can('fullBlock'),
  tee: can('tee'),
});

/** Before anything was tried: enough to send the tries. */
export const NO_TOOLS: Tools = {
  codec: RAW,
  check: null,
  hash: null,
  gzip: false,
  ...abilities(() => false),
};

/** Tools that print checksums; by speed on small processors, fastest first. */
const CHECKS: readonly Check[] = [
  { name: 'md5', command: 'md5sum' },
  { name: 'crc32', command: 'crc32' },
  { name: 'cksum', command: 'cksum' },
  { name: 'sha1', command: 'sha1sum' },
  { name: 'sha256', command: 'sha256sum' },
  { name: 'md5', command: 'openssl md5' },
  { name: 'sha256', command: 'openssl dgst -sha256' },
];
/** Of those, which is believed most. */
const STRENGTH: readonly CheckName[] = ['sha256', 'sha1', 'md5', 'cksum', 'crc32'];

/** Something to try: a name for the answer, and a command that is given the sample on standard input. */
export interface Trial {
  readonly id: string;
  readonly command: string;
}

const checkId = (check: Check): string => check.command.replaceAll(' ', '_');

/** What nearly every unit answers; the rest is tried only where something is missing. */
export const FIRST_TRIALS: readonly Trial[] = [
  { id: 'base64', command: 'base64' },
  { id: 'md5sum', command: 'md5sum' },
  { id: 'sha256sum', command: 'sha256sum' },
  ...Object.entries(ABILITIES).map(([id, command]) => ({ id, command })),
];

/** Needs the encoding: what `gzip` printed is judged here. */
export const GZIP_TRIAL: Trial = { id: 'gzip', command: 'gzip -c|E' };

/** Trials for what the first answers leave open. */
export function furtherTrials(answers: ReadonlyMap<string, string>, sample: Buffer): readonly Trial[] {
  const tools = judge(answers, sample);
  const codecs = tools.codec === RAW ? CODECS.slice(1).map(({ id, command }) => ({ id, command })) : [];
  const complete = tools.check !== null && tools.hash?.name === 'sha256';
  const checks = complete ? [] : CHECKS.map((check) => ({ id: checkId(check), command: check.command }));
  return [...codecs, ...checks].filter(({ id }) => !answers.has(id));
}

/** Answers come as one line; two encodings need their line ends back. */
function asLines(codecId: string, answer: string): string {
  if (codecId === 'uuencode') return answer.replace(' x ', ' x\n').replace(/ ====$/, '\n====');
  return codecId === 'od-octal' ? answer.replace(/ (\d{7})(?= |$)/g, '\n$1') : answer;
}

/** What the answers prove. An answer that is not exactly right proves nothing. */
export function judge(answers: ReadonlyMap<string, string>, sample: Buffer): Tools {
  const codec =
    CODECS.find(({ id, decode }) => {
      const answer = answers.get(id);
      return answer !== undefined && decode(asLines(id, answer), true)?.equals(sample) === true;
    }) ?? RAW;
  const checks = CHECKS.filter((check) => {
    const answer = answers.get(checkId(check));
    return answer !== undefined && readSum(check.name, answer) === sumOf(check.name, sample);
  });
  const strongest = STRENGTH.map((name) => checks.find((check) => check.name === name)).find(Boolean);
  const gzip = codec.decode(asLines(codec.id, answers.get(GZIP_TRIAL.id) ?? ''), true);
  return {
    codec,
    check: checks[0] ?? null,
    hash: strongest ?? null,
    gzip: codec !== RAW && gzip !== null && gzip[0] === 0x1f && gzip[1] === 0x8b,
    ...abilities((ability) => answers.get(ability) === 'A'),
  };
}
