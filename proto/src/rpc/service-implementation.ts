import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  Server,
  ServerDuplexStream,
  ServerWritableStream,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { decode } from '../codec.ts';
import { type Authenticate, type CallContext, contextOf } from './call-context.ts';
import { type Method, type Methods, type RequestOf, type ResponseOf, serverDefinition } from './method.ts';
import { fromStatus, toStatus } from './status.ts';

type Handler<M extends Method> = M['kind'] extends 'unary'
  ? (request: RequestOf<M>, context: CallContext) => Promise<ResponseOf<M>>
  : M['kind'] extends 'server-stream'
    ? (request: RequestOf<M>, context: CallContext) => AsyncIterable<ResponseOf<M>>
    : (requests: AsyncIterable<RequestOf<M>>, context: CallContext) => AsyncIterable<ResponseOf<M>>;

/** What implements a service: one function per rpc. */
export type Handlers<S extends Methods> = { readonly [K in keyof S]: Handler<S[K]> };

type OutStream = ServerWritableStream<object, object> | ServerDuplexStream<object, object>;

/**
 * Writes all of it with back-pressure, then ends the stream. Throws what the messages throw, but not before the last of them has left:
 * a stream that fails while it writes is torn down without its status.
 */
const pump = async (stream: OutStream, signal: AbortSignal, messages: AsyncIterable<object>): Promise<void> => {
  const writes = new Writes(stream, signal);
  try {
    for await (const message of messages) {
      if (signal.aborted) return;
      await writes.write(message);
    }
  } finally {
    await writes.done();
  }
  stream.end();
};

/** What was written to a stream and has not left yet. */
class Writes {
  readonly #stream: OutStream;
  readonly #signal: AbortSignal;
  #pending = 0;
  #wake: () => void = () => undefined;

  constructor(stream: OutStream, signal: AbortSignal) {
    this.#stream = stream;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  /** Resolves when there is room for more. */
  async write(message: object): Promise<void> {
    this.#pending += 1;
    const hasRoom = this.#stream.write(message, () => {
      this.#pending -= 1;
      this.#wake();
    });
    if (!hasRoom) await this.#until(() => !this.#stream.writableNeedDrain);
  }

  /** Resolves when all has left, or nothing ever will. */
  async done(): Promise<void> {
    await this.#until(() => this.#pending === 0);
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.#signal.aborted && !this.#stream.destroyed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const decodeRequest = (method: Method, bytes: object): object => decode(method.request, bytes as Buffer);

const fail = (stream: OutStream, error: unknown): void => {
  stream.emit('error', toStatus(error));
};

const unary =
  (
    method: Method,
    handler: (request: object, context: CallContext) => Promise<object>,
    authenticate: Authenticate,
  ): handleUnaryCall<object, object> =>
  (call, respond) => {
    const answer = async () => {
      const context = contextOf(call, method, authenticate);
      return handler(decodeRequest(method, call.request), context);
    };
    answer().then(
      (response) => respond(null, response),
      (error: unknown) => respond(toStatus(error)),
    );
  };

const serverStream =
  (
    method: Method,
    handler: (request: object, context: CallContext) => AsyncIterable<object>,
    authenticate: Authenticate,
  ): handleServerStreamingCall<object, object> =>
  (call) => {
    const answer = async () => {
      const context = contextOf(call, method, authenticate);
      await pump(call, context.signal, handler(decodeRequest(method, call.request), context));
    };
    answer().catch((error: unknown) => fail(call, error));
  };

const bidi =
  (
    method: Method,
    handler: (requests: AsyncIterable<object>, context: CallContext) => AsyncIterable<object>,
    authenticate: Authenticate,
  ): handleBidiStreamingCall<object, object> =>
  (call) => {
    const answer = async () => {
      const context = contextOf(call, method, authenticate);
      await pump(call, context.signal, handler(requestsOf(method, call), context));
    };
    answer().catch((error: unknown) => fail(call, error));
  };

/** Ends quietly when the caller goes away; the handler learns of it by the signal. */
async function* requestsOf(method: Method, call: ServerDuplexStream<object, object>): AsyncIterable<object> {
  try {
    // A handler that reads no further may still have to answer: leaving the loop must not destroy the stream.
    for await (const request of call.iterator({ destroyOnReturn: false })) yield decodeRequest(method, request as object);
  } catch (error) {
    // What the handler failed with elsewhere comes this way too, as it goes over the wire.
    if (!call.cancelled) throw fromStatus(error);
  }
}

const implementation = (
  methods: Methods,
  handlers: Readonly<Record<string, unknown>>,
  authenticate: Authenticate,
): UntypedServiceImplementation =>
  Object.fromEntries(
    Object.entries(methods).map(([name, method]) => {
      const handler = handlers[name];
      switch (method.kind) {
        case 'unary':
          return [name, unary(method, handler as never, authenticate)];
        case 'server-stream':
          return [name, serverStream(method, handler as never, authenticate)];
        case 'client-stream':
        case 'bidi':
          return [name, bidi(method, handler as never, authenticate)];
        default:
          return method.kind satisfies never;
      }
    }),
  );

/** Adds a service; each call is authorised by its method's roles before its request is looked at. */
export const addService = <S extends Methods>(server: Server, methods: S, handlers: Handlers<S>, authenticate: Authenticate): void =>
  server.addService(serverDefinition(methods), implementation(methods, handlers as Readonly<Record<string, unknown>>, authenticate));
