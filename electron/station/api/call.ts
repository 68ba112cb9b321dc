import { implement, ORPCError, ValidationError } from '@orpc/server';
import type { ContractMeta } from '../../../shared/contract/base.ts';
import { contract } from '../../../shared/contract/index.ts';
import { IDLE_HEADER } from '../../../shared/contract/station.ts';
import { BenchError, isBenchError, toBenchError } from '../../../shared/errors/index.ts';
import { type Person, ROLE_WORDS } from '../../../shared/model/people.ts';
import type { CallContext } from '../serve.ts';

/** What the guard finds out about the caller; null before sign-in. */
export interface Caller {
  readonly token: string | null;
  readonly person: Person | null;
  readonly expiresAt: string | null;
}

export interface GuardOptions {
  /** The session of a token; null when there is none (any more), or no bench is open. */
  readonly resume: (token: string, idleSeconds: number) => { person: Person; expiresAt: string } | null;
  /** A failure of the machine in the domain's words, or the failure itself. */
  readonly explain: (error: unknown) => unknown;
  /** Unexpected failures, for the program's log. */
  readonly onInternal: (call: string, error: unknown) => void;
}

/**
 * The contract with the guard in front of every call: who calls, may they, and errors in the domain's words.
 * The permission of each call stands in the contract; nothing here knows a call by name.
 */
export function guarded({ resume, explain, onInternal }: GuardOptions) {
  return implement(contract)
    .$context<CallContext>()
    .use(async ({ context, procedure, path, next }) => {
      try {
        const meta = procedure['~orpc'].meta as ContractMeta;
        const token = bearer(context.headers.authorization);
        const session = token ? resume(token, idleSeconds(context.headers[IDLE_HEADER])) : null;
        const caller: Caller = {
          token,
          person: session?.person ?? null,
          expiresAt: session?.expiresAt ?? null,
        };
        allow(meta, caller.person, path.join('.'));
        return await next({ context: { caller } });
      } catch (error) {
        throw toCallError(explain(error), (unexpected) => onInternal(path.join('.'), unexpected));
      }
    });
}

function allow({ permission }: ContractMeta, person: Person | null, call: string): void {
  if (permission === 'anyone') return;
  if (!person) throw new BenchError('people.signed-out');
  if (permission === 'signed-in' || permission.includes(person.role)) return;
  const needed = permission.map((role) => ROLE_WORDS[role]).join(', ');
  throw new BenchError('people.not-allowed', { role: ROLE_WORDS[person.role], call, needed });
}

const bearer = (header: string | readonly string[] | undefined): string | null => {
  const match = typeof header === 'string' ? /^Bearer ([\w-]{20,100})$/.exec(header) : null;
  return match?.[1] ?? null;
};

/** Whole seconds of at most a year; nothing or nonsense is a call that somebody just made. */
const idleSeconds = (header: string | readonly string[] | undefined): number =>
  typeof header === 'string' && /^\d{1,7}$/.test(header) ? Number(header) : 0;

/** A stream for as long as the caller's session lasts: a window that nobody is signed in at is told nothing. */
export async function* whileSignedIn<T>(
  stream: AsyncIterable<T>,
  isSignedIn: () => boolean,
): AsyncGenerator<T, void> {
  for await (const event of stream) {
    // The guard has let the call through long ago and sees no error of the stream.
    if (!isSignedIn()) throw toCallError(new BenchError('people.signed-out'), () => {});
    yield event;
  }
}

/** Any failure as the contract's error. */
export function toCallError(error: unknown, onInternal: (error: unknown) => void): unknown {
  if (isBenchError(error, 'people.signed-out')) {
    return new ORPCError('SIGNED_OUT', {
      status: 401,
      message: error.message,
      data: { code: error.code, hint: error.hint },
    });
  }
  if (error instanceof ORPCError) {
    const { cause } = error;
    if (!(cause instanceof ValidationError)) return error;
    const issue = cause.issues[0];
    const where = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    const detail = `${where || 'input'}: ${issue?.message}`;
    if (error.code === 'BAD_REQUEST') return benchError(new BenchError('input.invalid', { detail }));
    // What the caller sent was good: an answer that does not fit the contract is the program's own fault.
    onInternal(error);
    return benchError(new BenchError('bench.internal', { detail }));
  }
  const problem = toBenchError(error);
  if (problem.code === 'bench.internal') onInternal(error);
  return benchError(problem);
}

const benchError = (problem: BenchError) =>
  new ORPCError('BENCH', {
    status: 400,
    message: problem.message,
    data: { code: problem.code, kind: problem.kind, hint: problem.hint, params: problem.params },
  });

/** The signed-in person; the guard has made sure that there is one. */
export function actorOf(context: { caller: Caller }): Person {
  if (!context.caller.person) throw new BenchError('people.signed-out');
  return context.caller.person;
}
