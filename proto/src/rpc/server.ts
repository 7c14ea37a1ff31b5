import {
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { decode } from '../codec.ts';
import { TsoError } from '../errors.ts';
import type { Logger } from '../ports.ts';
import { type Method, type Methods, maxMessageBytes, type RequestOf, type ResponseOf, serverDefinition } from './method.ts';
import { toStatus } from './status.ts';

/** Who calls, as far as the door could tell. */
export interface CallContext {
  readonly peer: string;
  readonly roles: readonly string[];
  /** Aborted when the caller went away or the server stops. */
  readonly signal: AbortSignal;
}

type Handler<M extends Method> = M['kind'] extends 'unary'
  ? (request: RequestOf<M>, context: CallContext) => Promise<ResponseOf<M>>
  : M['kind'] extends 'server-stream'
    ? (request: RequestOf<M>, context: CallContext) => AsyncIterable<ResponseOf<M>>
    : (requests: AsyncIterable<RequestOf<M>>, context: CallContext) => AsyncIterable<ResponseOf<M>>;

/** What implements a service: one function per rpc. */
export type Handlers<S extends Methods> = { readonly [K in keyof S]: Handler<S[K]> };

/** Which roles a peer has. On a unix socket that only root may open it is everyone's every role. */
export type Authenticate = (peer: string) => readonly string[];

type OutStream = ServerWritableStream<object, object> | ServerDuplexStream<object, object>;

const contextOf = (
  call: { getPeer(): string; on(event: 'cancelled', listener: () => void): unknown },
  method: Method,
  authenticate: Authenticate,
): CallContext => {
  const peer = call.getPeer();
  const roles = authenticate(peer);
  if (!method.roles.some((role) => roles.includes(role))) {
    throw new TsoError(
      'PERMISSION_DENIED',
      `${method.path} is for ${method.roles.join(' or ')}, the caller is ${roles.join(', ') || 'nobody known'}`,
    );
  }
  const controller = new AbortController();
  call.on('cancelled', () => controller.abort());
  return { peer, roles, signal: controller.signal };
};

/** Writes all of it with back-pressure, then ends the stream, or breaks it with the error thrown. */
const pump = async (stream: OutStream, signal: AbortSignal, messages: AsyncIterable<object>): Promise<void> => {
  for await (const message of messages) {
    if (signal.aborted) return;
    if (!stream.write(message)) await drained(stream, signal);
  }
  stream.end();
};

const drained = (stream: OutStream, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    stream.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });

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
    if (!call.cancelled) throw error;
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

export interface RpcServerOptions {
  /** `unix:/path` or host:port. */
  readonly address: string;
  readonly authenticate: Authenticate;
  readonly logger: Logger;
}

/** A gRPC server whose handlers are plain async functions and generators that throw TsoError. */
export class RpcServer {
  readonly #server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
  });
  readonly #options: RpcServerOptions;

  constructor(options: RpcServerOptions) {
    this.#options = options;
  }

  add<S extends Methods>(methods: S, handlers: Handlers<S>): this {
    this.#server.addService(
      serverDefinition(methods),
      implementation(methods, handlers as Readonly<Record<string, unknown>>, this.#options.authenticate),
    );
    return this;
  }

  /** Listens. UNAVAILABLE when the address cannot be had. */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(this.#options.address, ServerCredentials.createInsecure(), (error) =>
        error === null
          ? resolve()
          : reject(new TsoError('UNAVAILABLE', `cannot listen on ${this.#options.address}: ${error.message}`, { cause: error })),
      );
    });
    this.#options.logger.debug({ address: this.#options.address }, 'rpc server listens');
  }

  /** Lets running unary calls end for `graceMs`, then cuts what is left. */
  async stop(graceMs = 1_000): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#server.forceShutdown(), graceMs);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
