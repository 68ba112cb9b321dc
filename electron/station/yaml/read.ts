import { type Alias, type Document, LineCounter, parseDocument, visit } from 'yaml';
import { type Aim, at, type Path, type Place, placeOf } from './locate.ts';

/** Larger files are refused: what people write by hand is a page or two. */
export const FILE_LIMIT = 256 * 1024;
export const TOO_LARGE = `The file is larger than ${FILE_LIMIT / 1024} KiB.`;
/** Few aliases: the nested ones of a “billion laughs” would fill the memory. */
const ALIAS_LIMIT = 20;

/** A mistake: where, and a sentence. */
export interface Mistake extends Place {
  readonly message: string;
}

/** What a file says, and where it says it; or why it cannot be read. */
export type YamlRead =
  | { readonly ok: true; readonly value: unknown; placeOf(path: Path, aim?: Aim): Place }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

const failed = (message: string, place: Place = { line: 1, column: 1 }): YamlRead => ({
  ok: false,
  mistakes: [{ ...place, message }],
});

/** Reads YAML that somebody else wrote, within bounds. Never throws. */
export function readYaml(bytes: Uint8Array): YamlRead {
  if (bytes.length > FILE_LIMIT) return failed(TOO_LARGE);
  const counter = new LineCounter();
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return failed('The file is not UTF-8 text.');
  }
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, stringKeys: true });
  const mistakes = [...document.errors, ...document.warnings].map((error) => ({
    ...at(counter, error.pos[0]),
    message: yamlSentence(error.code, error.message),
  }));
  if (mistakes.length > 0) return { ok: false, mistakes };
  const content = contentOf(document);
  if ('message' in content) return failed(content.message, at(counter, content.offset));
  const { value } = content;
  return { ok: true, value, placeOf: (path, aim) => placeOf(document, counter, path, aim) };
}

function contentOf(document: Document): { value: unknown } | { message: string; offset: number } {
  let aliases = 0;
  let lost: Alias | undefined;
  visit(document, {
    Alias(_, alias) {
      aliases += 1;
      if (alias.resolve(document) && aliases <= ALIAS_LIMIT) return undefined;
      lost = alias;
      return visit.BREAK;
    },
  });
  if (lost) {
    const missing = `There is nothing named “&${lost.source}” before this.`;
    const message =
      aliases > ALIAS_LIMIT ? `More than ${ALIAS_LIMIT} aliases (*name) are not read.` : missing;
    return { message, offset: lost.range?.[0] ?? 0 };
  }
  try {
    return { value: document.toJS({ maxAliasCount: ALIAS_LIMIT }) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { message: `The file cannot be read: ${detail}.`, offset: 0 };
  }
}

const YAML_SENTENCES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces; this line begins with a tab.',
  DUPLICATE_KEY: 'This field is there twice.',
  BAD_INDENT: 'This line is indented differently than the ones it belongs to.',
  MULTIPLE_DOCS: 'One file holds one document; here begins a second one.',
};

const yamlSentence = (code: string, message: string): string =>
  YAML_SENTENCES[code] ?? `This is not valid YAML: ${message.replace(/\.?$/, '.')}`;
