import { type Clock, TsoError } from '@tso/proto';
import type { CallContext, Handlers, Methods } from '@tso/proto/rpc';

/** Hears of each call: when it begins, and how it ended. */
export interface CallObserver {
  /** Returns what is told at the end of the call: OK, or the code of its error. */
  begin(method: string, context: CallContext): (code: string) => void;
}

type AnyHandler = (request: unknown, context: CallContext) => Promise<unknown> | AsyncIterable<unknown>;

const codeOf = (error: unknown): string => (error instanceof TsoError ? error.code : 'INTERNAL');

const observedStream = async function* (answers: AsyncIterable<unknown>, end: (code: string) => void): AsyncGenerator<unknown> {
  let code = 'CANCELLED';
  try {
    yield* answers;
    code = 'OK';
  } catch (error) {
    code = codeOf(error);
    throw error;
  } finally {
    end(code);
  }
};

const observedAnswer = async (answer: Promise<unknown>, end: (code: string) => void): Promise<unknown> => {
  try {
    const reply = await answer;
    end('OK');
    return reply;
  } catch (error) {
    end(codeOf(error));
    throw error;
  }
};

/** The same handlers, each of whose calls is seen by the observer. */
export const observed = <S extends Methods>(methods: S, handlers: Handlers<S>, observer: CallObserver): Handlers<S> =>
  Object.fromEntries(
    Object.entries(methods).map(([name, { path, kind }]) => {
      const handler = handlers[name as keyof S] as unknown as AnyHandler;
      const wrapped: AnyHandler = (request, context) => {
        const end = observer.begin(path, context);
        return kind === 'unary'
          ? observedAnswer(handler(request, context) as Promise<unknown>, end)
          : observedStream(handler(request, context) as AsyncIterable<unknown>, end);
      };
      return [name, wrapped];
    }),
  ) as unknown as Handlers<S>;

/** Seconds that calls take, by a clock that does not go back. */
export const timed = (clock: Clock, done: (method: string, code: string, seconds: number) => void): CallObserver => ({
  begin: (method) => {
    const startedAt = clock.monotonic();
    return (code) => done(method, code, (clock.monotonic() - startedAt) / 1_000);
  },
});
