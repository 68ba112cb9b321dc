import { BenchError } from '../../../shared/errors/index.ts';
import type { PromptView } from '../../../shared/model/ports.ts';
import type { Actor } from '../storage/store.ts';
import type { CheckAnswer } from './answers.ts';
import type { Prompt } from './format.ts';
import { type Answer, readAnswer } from './prompts.ts';

interface Open {
  readonly view: PromptView;
  readonly prompt: Prompt;
  readonly optional: boolean;
  readonly take: (answer: Answer, actor: Actor) => void;
}

/** The run's one open question. Waiting for its answer holds this run and no other. */
export function questions(checkAnswer: CheckAnswer, changed: () => void) {
  let open: Open | null = null;

  return {
    get prompt(): PromptView | null {
      return open?.view ?? null;
    },

    /** Asks, and waits for a fitting answer or the signal. An empty answer leaves an optional question out. */
    ask(
      view: PromptView,
      prompt: Prompt,
      optional: boolean,
      signal: AbortSignal,
    ): Promise<{ answer: Answer; actor: Actor }> {
      return new Promise((resolve, reject) => {
        const close = () => {
          open = null;
          signal.removeEventListener('abort', onAbort);
          changed();
        };
        const onAbort = () => {
          close();
          reject(signal.reason);
        };
        const take = (answer: Answer, actor: Actor) => {
          close();
          resolve({ answer, actor });
        };
        open = { view, prompt, optional, take };
        signal.addEventListener('abort', onAbort, { once: true });
        changed();
      });
    },

    answer(actor: Actor, promptId: string, value: string): void {
      if (open?.view.id !== promptId) throw new BenchError('procedure.not-asked', { prompt: promptId });
      if (open.optional && value.trim() === '') {
        open.take({ ok: true, value: null, artifactIds: [] }, actor);
        return;
      }
      const answer = readAnswer(open.prompt, value);
      if (!answer.ok)
        throw new BenchError('procedure.bad-answer', { prompt: promptId, detail: answer.detail });
      checkAnswer(promptId, open.prompt, answer);
      open.take(answer, actor);
    },
  };
}
