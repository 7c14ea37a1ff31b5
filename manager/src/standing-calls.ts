import { TsoError } from '@tso/proto';
import type { Authenticate, CallContext, Handlers, Method, Methods } from '@tso/proto/rpc';

type StreamHandler = (request: unknown, context: CallContext) => AsyncIterable<unknown>;

interface Standing {
  readonly method: Method;
  readonly context: CallContext;
  readonly end: (why: TsoError) => void;
}

/**
 * Streams that stand for a long time. Who may call is asked when a call begins; who may not any more, since a certificate was revoked or a
 * node removed, loses those that stand already.
 */
export class StandingCalls {
  readonly #authenticate: Authenticate;
  readonly #open = new Set<Standing>();

  constructor(authenticate: Authenticate) {
    this.#authenticate = authenticate;
  }

  get size(): number {
    return this.#open.size;
  }

  /** The same handlers; the streams among them end with PERMISSION_DENIED once their caller may not have them any more. */
  watched<S extends Methods>(methods: S, handlers: Handlers<S>): Handlers<S> {
    const streams = Object.entries(methods).filter(([, { kind }]) => kind !== 'unary');
    const watched = streams.map(([name, method]): readonly [string, StreamHandler] => {
      const handler = handlers[name as keyof S] as unknown as StreamHandler;
      return [name, (request, context) => this.#stream(method, handler, request, context)];
    });
    return { ...handlers, ...Object.fromEntries(watched) };
  }

  /** After a change of who may do what. */
  lookAgain(): void {
    for (const { method, context, end } of this.#open) {
      const problem = this.#problemOf(method, context);
      if (problem !== undefined) end(problem);
    }
  }

  /** Why its caller may not have it any more. What cannot be told just now is no reason. */
  #problemOf(method: Method, { peer, identity }: CallContext): TsoError | undefined {
    try {
      const roles = this.#authenticate(peer, identity);
      if (method.roles.some((role) => roles.includes(role))) return undefined;
    } catch (error) {
      if (!(error instanceof TsoError)) throw error;
      return error.code === 'PERMISSION_DENIED' ? error : undefined;
    }
    return new TsoError('PERMISSION_DENIED', `${method.path} is not for ${identity?.nodeId ?? peer} any more`);
  }

  async *#stream(method: Method, handler: StreamHandler, request: unknown, context: CallContext): AsyncGenerator<unknown> {
    const over = new AbortController();
    const { peer, roles, identity } = context;
    const signal = AbortSignal.any([context.signal, over.signal]);
    let denial: TsoError | undefined;
    const end = (why: TsoError): void => {
      denial ??= why;
      over.abort(why);
    };
    const standing: Standing = { method, context, end };
    this.#open.add(standing);
    try {
      yield* handler(request, { peer, roles, identity, signal, header: (name) => context.header(name) });
    } catch (error) {
      throw denial ?? error;
    } finally {
      this.#open.delete(standing);
    }
    if (denial !== undefined) throw denial;
  }
}
