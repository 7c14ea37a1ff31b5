import { type Clock, TsoError } from '@tso/proto';
import { type CallContext, Control, Dispatcher, type Handlers, type Methods } from '@tso/proto/rpc';
import type { Tracing } from '@tso/proto/tracing';

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

/** Streams that last as long as both sides live are no piece of work that a trace could show. */
const isEndless = (method: string): boolean => method === Dispatcher.session.path || method === Control.watchStack.path;

/** A span for each call, under the caller's own when it named one. */
export const traced = (tracing: Tracing): CallObserver => ({
  begin: (method, context) => {
    if (isEndless(method)) return () => undefined;
    const span = tracing.begin({
      name: method.slice(1),
      kind: 'server',
      attributes: { 'rpc.system': 'grpc', 'network.peer.address': context.peer },
      parent: context.header('traceparent'),
    });
    return (code) => span.end(code === 'OK' || code === 'CANCELLED' ? undefined : code);
  },
});

/** Each hears of every call. */
export const together = (...observers: readonly CallObserver[]): CallObserver => ({
  begin: (method, context) => {
    const ends = observers.map((observer) => observer.begin(method, context));
    return (code) => {
      for (const end of ends) end(code);
    };
  },
});
