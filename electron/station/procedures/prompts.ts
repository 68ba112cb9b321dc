import { Id } from '../../../shared/model/common.ts';
import type { PromptView } from '../../../shared/model/ports.ts';
import { plainValue } from '../../../shared/procedures/measure.ts';
import type { Value } from '../drivers/driver.ts';
import type { Phase, Prompt } from './format.ts';

/** An answer that fits its question, or why it does not, as the end of a sentence. */
export type Answer =
  | { readonly ok: true; readonly value: Value; readonly artifactIds: readonly string[] }
  | { readonly ok: false; readonly detail: string };

const YES = new Set(['yes', 'y', 'true', '1', 'ok']);
const NO = new Set(['no', 'n', 'false', '0']);
/** Pictures in one answer. */
const PHOTO_LIMIT = 20;

const good = (value: Value, artifactIds: readonly string[] = []): Answer => ({
  ok: true,
  value,
  artifactIds,
});
const bad = (detail: string): Answer => ({ ok: false, detail });

/**
 * Reads what a person typed or chose. A confirmation becomes true or false, a number a number, a choice its
 * value (its label is understood too), a text itself, trimmed; photos are ids of artifacts, joined by commas.
 */
export function readAnswer(prompt: Prompt, given: string): Answer {
  const text = given.trim();
  switch (prompt.kind) {
    case 'confirm': {
      const word = text.toLowerCase();
      if (YES.has(word)) return good(true);
      return NO.has(word) ? good(false) : bad('answer yes or no');
    }
    case 'choice': {
      const choices = prompt.choices ?? [];
      const word = text.toLowerCase();
      const chosen = choices.find(({ value, label }) => value === word || label.toLowerCase() === word);
      if (chosen) return good(chosen.value);
      return bad(`choose one of ${choices.map(({ value }) => value).join(', ')}`);
    }
    case 'number': {
      // A decimal comma is common on keyboards of half the world; nobody types thousands here.
      const number = /^[+-]?\d{1,15}([.,]\d{1,9})?$/.test(text) ? Number(text.replace(',', '.')) : Number.NaN;
      return Number.isFinite(number) ? good(number) : bad('give a number, such as 12 or 3.7');
    }
    case 'text': {
      if (text === '') return bad('it is empty');
      if (prompt.pattern !== undefined && !new RegExp(prompt.pattern, 'u').test(text)) {
        return bad(prompt.hint ?? `it must fit ${prompt.pattern}`);
      }
      return good(plainValue(text));
    }
    case 'photo': {
      const ids = text.split(/[\s,]+/).filter((id) => id !== '');
      if (ids.length === 0) return bad('upload at least one picture');
      if (ids.length > PHOTO_LIMIT) return bad(`at most ${PHOTO_LIMIT} pictures`);
      const wrong = ids.find((id) => !Id.safeParse(id).success);
      return wrong === undefined
        ? good(ids.join(','), ids)
        : bad(`“${wrong.slice(0, 60)}” is not an uploaded picture`);
    }
  }
}

/** The question as windows and the command line show it. */
export function promptView(phase: Phase, prompt: Prompt): PromptView {
  const { kind, text, unit } = prompt;
  const choices = prompt.choices ?? (kind === 'confirm' ? YES_NO : []);
  return {
    id: phase.id,
    text,
    kind,
    choices: [...choices],
    unit,
    ...(phase.optional ? { optional: true } : {}),
  };
}

const YES_NO = [
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
] as const;
