import type { Socket } from 'node:net';
import { type CallOptions, type ChannelCredentials, Client, type ClientDuplexStream, connectivityState } from '@grpc/grpc-js';
import { TsoError } from '../errors.ts';
import { metadataOf } from './headers.ts';
import { Health } from './health-methods.ts';
import { type Method, type Methods, maxMessageBytes, type RequestOf, type ResponseOf, serviceDefinition } from './method.ts';
import { fromStatus, saidByPeer } from './status.ts';
import type { TlsMaterial } from './tls.ts';
import { channelCredentials, type ExpectedPeer, ObservedCredentials, requireTls } from './tls-credentials.ts';

export interface RpcCallOptions {
  readonly signal?: AbortSignal;
  /** Fails with DEADLINE_EXCEEDED after this long. Unary calls have 30 s unless told otherwise. */
  readonly deadlineMs?: number;
  /** Goes beside the request, by lower-case name; any text. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Both ends of a two-way stream. Iterating ends with the stream or throws its TsoError; leaving the loop early does not end the call. */
export interface Duplex<Out, In> extends AsyncIterable<In> {
  /** Resolves once there is room for more. Rejects with what the other end said last when it has ended the call; UNAVAILABLE: it is closed otherwise. */
  send(message: Out): Promise<void>;
  /** Sends without waiting; `done` is called once, when the message has left for the socket or never will. Throws as `send` rejects. */
  write(message: Out, done: () => void): void;
  /** Resolves when the call is over, however it ended, also for who neither reads nor sends just then. */
  readonly closed: Promise<void>;
  end(): void;
  cancel(): void;
}

type Caller<M extends Method> = M['kind'] extends 'unary'
  ? (request: RequestOf<M>, options?: RpcCallOptions) => Promise<ResponseOf<M>>
  : M['kind'] extends 'server-stream'
    ? (request: RequestOf<M>, options?: RpcCallOptions) => AsyncIterable<ResponseOf<M>>
    : (options?: RpcCallOptions) => Duplex<RequestOf<M>, ResponseOf<M>>;

export type RpcClient<S extends Methods> = { readonly [K in keyof S]: Caller<S[K]> };

const unaryDeadlineMs = 30_000;

/** Pings that prove the other host alive while a call is open; a call ends with UNAVAILABLE when one is not answered in time. */
export interface Keepalive {
  readonly everyMs: number;
  readonly answerWithinMs: number;
}

export interface RpcChannelOptions {
  /** Needed for every address that is not a unix socket. */
  readonly tls?: TlsMaterial;
  /** @default any manager of the own cluster */
  readonly expect?: ExpectedPeer;
  readonly keepalive?: Keepalive;
  /** A connection was made; TLS and HTTP/2 are still to be agreed on. */
  readonly onConnect?: () => void;
  /** Sees what is going to be spoken on, before anything was said. */
  readonly onSocket?: (socket: Socket) => void;
}

/** How a channel connects that has no certificate to show yet; `joinChannel` makes it. */
export interface JoinSide {
  readonly credentials: ChannelCredentials;
}

/** One connection to one address; shared by any number of typed clients. Connects when first used. */
export class RpcChannel {
  readonly #client: Client;
  readonly #sockets = new Set<Socket>();
  readonly #join: JoinSide | undefined;
  #refusal: TsoError | undefined;
  #destroyed = false;
  readonly address: string;

  /**
   * FAILED_PRECONDITION: a network address without TLS.
   * @param address `unix:/path` or host:port
   */
  constructor(address: string, options: RpcChannelOptions = {}, join?: JoinSide) {
    const { tls, expect = { role: 'manager' }, keepalive, onConnect, onSocket } = options;
    if (join === undefined) requireTls(address, tls);
    this.address = address;
    this.#join = join;
    const observer = {
      connected: (socket: Socket) => {
        this.#keep(socket);
        onConnect?.();
      },
      secured: (socket: Socket) => onSocket?.(socket),
      refused: (error: unknown) => {
        this.#refusal = error instanceof TsoError ? error : undefined;
      },
    };
    const credentials = join?.credentials ?? channelCredentials(tls, expect);
    this.#client = new Client(address, new ObservedCredentials(credentials, observer), {
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
      'grpc.enable_retries': 0,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 2_000,
      'grpc.use_local_subchannel_pool': 1,
      // What the environment says of proxies is for the world outside, and DNS is not to configure us.
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.enable_channelz': 0,
      // Certificates name nodes, not hosts; without a name, TLS would be asked for an IP address, which it does not allow.
      ...(tls === undefined ? {} : { 'grpc.ssl_target_name_override': expect.nodeId ?? 'manager' }),
      ...(keepalive === undefined
        ? {}
        : { 'grpc.keepalive_time_ms': keepalive.everyMs, 'grpc.keepalive_timeout_ms': keepalive.answerWithinMs }),
    });
  }

  client<S extends Methods>(methods: S): RpcClient<S> {
    const definitions = serviceDefinition(methods);
    return Object.fromEntries(
      Object.entries(methods).map(([name, method]) => {
        const definition = definitions[name];
        if (definition === undefined) throw new TsoError('INTERNAL', `no definition of ${name}`);
        const call = { path: definition.path, serialize: definition.requestSerialize, deserialize: definition.responseDeserialize };
        switch (method.kind) {
          case 'unary':
            return [name, (request: object, options?: RpcCallOptions) => this.#unary(call, request, options)];
          case 'server-stream':
            return [name, (request: object, options?: RpcCallOptions) => this.#serverStream(call, request, options)];
          case 'client-stream':
          case 'bidi':
            return [name, (options?: RpcCallOptions) => this.#bidi(call, options)];
          default:
            return method.kind satisfies never;
        }
      }),
    ) as unknown as RpcClient<S>;
  }

  /**
   * Connects, unless it is connected already. Undefined: the other side can be asked; otherwise why not. Waits for as long as the network
   * does; `destroy` ends that.
   */
  async ready(): Promise<TsoError | undefined> {
    const channel = this.#client.getChannel();
    for (;;) {
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) return undefined;
      if (state === connectivityState.SHUTDOWN) return new TsoError('UNAVAILABLE', `the channel to ${this.address} is closed`);
      if (state === connectivityState.TRANSIENT_FAILURE) return this.#whyNot();
      await new Promise<void>((resolve) => channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => resolve()));
    }
  }

  /** grpc-js tells why it cannot connect only to a call. Whatever the other side answers to one, it is there. */
  async #whyNot(): Promise<TsoError | undefined> {
    try {
      await this.client({ check: Health.check }).check({ service: '' });
      return undefined;
    } catch (error) {
      const failure = this.#failure(error);
      return saidByPeer(failure) ? undefined : failure;
    }
  }

  /** Calls that run may end; nothing new begins. */
  close(): void {
    this.#client.close();
  }

  /**
   * Ends all of it at once. A connection to a host that says nothing would otherwise stay for as long as that host does so, since
   * grpc-js closes only those that stand.
   */
  destroy(): void {
    this.#destroyed = true;
    this.#client.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): void {
    if (this.#destroyed) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** A joiner is told why it did not trust whom it reached: that is no reason to try again, as an unreachable host is. */
  #failure(error: unknown): TsoError {
    const failure = fromStatus(error);
    return this.#join !== undefined && this.#refusal !== undefined && !saidByPeer(failure) ? this.#refusal : failure;
  }

  #unary(call: RawCall, request: object, options: RpcCallOptions = {}): Promise<object> {
    return new Promise((resolve, reject) => {
      const running = withoutStack(() =>
        this.#client.makeUnaryRequest(
          call.path,
          call.serialize,
          call.deserialize,
          request,
          metadataOf(options.headers),
          callOptions({ deadlineMs: unaryDeadlineMs, ...options }),
          (error, response) => {
            release();
            if (error === null) resolve(response as object);
            else reject(this.#failure(error));
          },
        ),
      );
      // Given back when the call is over: a signal may outlive any number of calls.
      const release = onAbort(options.signal, () => running.cancel());
    });
  }

  async *#serverStream(call: RawCall, request: object, options: RpcCallOptions = {}): AsyncIterable<object> {
    const running = this.#client.makeServerStreamRequest(
      call.path,
      call.serialize,
      call.deserialize,
      request,
      metadataOf(options.headers),
      callOptions(options),
    );
    const release = onAbort(options.signal, () => running.cancel());
    try {
      for await (const response of running) yield response as object;
    } catch (error) {
      throw fromStatus(error);
    } finally {
      release();
      running.cancel();
    }
  }

  #bidi(call: RawCall, options: RpcCallOptions = {}): Duplex<object, object> {
    const running = this.#client.makeBidiStreamRequest(
      call.path,
      call.serialize,
      call.deserialize,
      metadataOf(options.headers),
      callOptions(options),
    );
    const release = onAbort(options.signal, () => running.cancel());
    const stream = new DuplexStream(running);
    void stream.closed.then(release);
    return stream;
  }
}

interface RawCall {
  readonly path: string;
  readonly serialize: (message: object) => Buffer;
  readonly deserialize: (bytes: Buffer) => object;
}

const callOptions = (options: RpcCallOptions): CallOptions =>
  options.deadlineMs === undefined ? {} : { deadline: new Date(Date.now() + options.deadlineMs) };

/** grpc-js keeps the stack of every caller for the case of an error, which takes a tenth of a small call; our errors do not use it. */
const withoutStack = <T>(begin: () => T): T => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return begin();
  } finally {
    Error.stackTraceLimit = limit;
  }
};

const onAbort = (signal: AbortSignal | undefined, callback: () => void): (() => void) => {
  if (signal === undefined) return () => undefined;
  if (signal.aborted) callback();
  signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
};

class DuplexStream implements Duplex<object, object> {
  readonly closed: Promise<void>;
  readonly #stream: ClientDuplexStream<object, object>;
  #ended = false;
  /** What the call ended with, if that was no good end: it is told once, perhaps before anybody iterates. */
  #failure: unknown;

  constructor(stream: ClientDuplexStream<object, object>) {
    this.#stream = stream;
    this.closed = new Promise((resolve) => {
      for (const event of ['status', 'error', 'close'] as const) stream.once(event, () => resolve());
    });
    // The status is the server's last word: what is written after it goes nowhere.
    stream.on('status', () => {
      this.#ended = true;
    });
    stream.on('error', (error) => {
      this.#failure ??= error;
    });
  }

  /** The stream to write to. It is closed: with what the other end said last, if it said why. */
  get #open(): ClientDuplexStream<object, object> {
    const stream = this.#stream;
    if (!this.#ended && !stream.destroyed && !stream.writableEnded) return stream;
    throw this.#failure === undefined ? new TsoError('UNAVAILABLE', 'the stream is closed') : fromStatus(this.#failure);
  }

  async send(message: object): Promise<void> {
    const stream = this.#open;
    if (stream.write(message)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        for (const event of ['drain', 'close', 'error'] as const) stream.off(event, done);
        resolve();
      };
      for (const event of ['drain', 'close', 'error'] as const) stream.once(event, done);
    });
  }

  write(message: object, done: () => void): void {
    this.#open.write(message, done);
  }

  end(): void {
    this.#stream.end();
  }

  cancel(): void {
    this.#stream.cancel();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<object> {
    try {
      // Whoever stops reading may go on sending, or read on later; `cancel` ends the call.
      for await (const message of this.#stream.iterator({ destroyOnReturn: false })) yield message as object;
    } catch (error) {
      throw fromStatus(error);
    }
    if (this.#failure !== undefined) throw fromStatus(this.#failure);
  }
}
