import { createInterface } from 'node:readline/promises';
import type { PromptView } from '../../shared/model/ports.ts';
import { failureText, toFailure } from './output.ts';
import { interruption } from './stop.ts';

/** Whether there is a terminal to ask at. */
export const somebodyIsThere = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

export interface AskerOptions {
  /** Hands in what was typed; throws when it does not fit. */
  answer(prompt: PromptView, given: string): Promise<void>;
  /** Nobody is there to answer, or they ended the input. */
  unanswered(prompt: PromptView): Promise<void>;
  /** Ctrl-C at a question. */
  stop(): void;
}

/** What somebody else has answered, or what time or a stop has closed, is no longer to be answered here. */
const OVER = ['procedure.not-asked', 'run.already-ended'];
const BAD_INPUT = 2;

/** Asks a run's one open question at the terminal until it fits, or until it is no longer open. */
export function createAsker({ answer, unanswered, stop }: AskerOptions) {
  const asked = new Set<string>();
  let open: { id: string; over: AbortController; waiting: boolean } | null = null;
  let left: string | null = null;
  const failure = interruption();

  async function ask(prompt: PromptView, question: NonNullable<typeof open>): Promise<void> {
    const { signal } = question.over;
    while (!signal.aborted) {
      question.waiting = true;
      const given = await readLine(prompt, signal, stop);
      question.waiting = false;
      if (signal.aborted) return;
      if (given === null) {
        left = prompt.id;
        await unanswered(prompt);
        return;
      }
      try {
        await answer(prompt, given);
        return;
      } catch (error) {
        const problem = toFailure(error);
        const over = OVER.includes(problem.code);
        if (!over && problem.exitCode !== BAD_INPUT) throw error;
        process.stderr.write(`${failureText(problem)}\n`);
        if (over) return;
      }
    }
  }

  const close = () => {
    open?.over.abort();
    open = null;
  };

  return {
    /** Rejects with what keeps the asker from going on. */
    failed: failure.raised,
    /** Whether a question stands at the terminal. */
    get asking(): boolean {
      return open !== null;
    },
    /** The question that nobody answered. */
    get left(): string | null {
      return left;
    },
    /** Told whenever the run's question is known anew; null: it asks nothing. */
    show(prompt: PromptView | null): void {
      if (open && open.id !== prompt?.id) {
        if (open.waiting) process.stderr.write('\nAnswered elsewhere, or its time is up.\n');
        close();
      }
      if (!prompt || asked.has(prompt.id)) return;
      asked.add(prompt.id);
      const question = { id: prompt.id, over: new AbortController(), waiting: false };
      open = question;
      void ask(prompt, question)
        .catch(failure.raise)
        .finally(() => {
          if (open === question) open = null;
        });
    },
    /** Takes an open question from the terminal. */
    close,
  };
}

/** A line from the terminal; null when there is none, or its input ends. Ctrl-C is not an answer: `stop`. */
async function readLine(prompt: PromptView, signal: AbortSignal, stop: () => void): Promise<string | null> {
  if (!somebodyIsThere()) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const choices = prompt.choices.map((choice) => `  ${choice.value}: ${choice.label}\n`).join('');
  const unit = prompt.unit ? ` (${prompt.unit})` : '';
  const may = prompt.optional ? '  (Enter: leave it out)\n' : '';
  const path = prompt.kind === 'photo' ? '  (path of a picture; several with commas)\n' : '';
  // Nobody reads on after Ctrl-D: without this the question would stay for ever.
  const ended = new Promise<null>((resolve) => terminal.once('close', () => resolve(null)));
  terminal.once('SIGINT', stop);
  try {
    const typed = terminal.question(`\n${prompt.text}${unit}\n${choices}${path}${may}> `, { signal });
    return await Promise.race([typed, ended]);
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return null;
    throw error;
  } finally {
    terminal.close();
  }
}
