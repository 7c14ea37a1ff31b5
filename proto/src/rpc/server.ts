import { Server } from '@grpc/grpc-js';
import { TsoError } from '../errors.ts';
import type { Clock, Logger } from '../ports.ts';
import type { Authenticate } from './call-context.ts';
import type { Keepalive } from './client.ts';
import { type Methods, maxMessageBytes, serverDefinition } from './method.ts';
import { type Handlers, implementation } from './service-implementation.ts';
import type { TlsMaterial } from './tls.ts';
import { isLocal, type RenewableCredentials, requireTls, serverCredentials } from './tls-credentials.ts';

export interface RpcServerOptions {
  /** `unix:/path` or host:port. */
  readonly address: string;
  readonly authenticate: Authenticate;
  readonly logger: Logger;
  /** Needed for every address that is not a unix socket; callers without a certificate of the same authority do not get in. */
  readonly tls?: TlsMaterial;
}

/** Connections of hosts that vanished without a word are closed. On one machine the kernel tells, and a process may be suspended at leisure. */
const keepalive = { everyMs: 10_000, answerWithinMs: 10_000 } as const satisfies Keepalive;
export const keepaliveOptions = { 'grpc.keepalive_time_ms': keepalive.everyMs, 'grpc.keepalive_timeout_ms': keepalive.answerWithinMs };

/** Lets running calls end for `graceMs`, then cuts what is left. */
export const shutDown = (server: Server, graceMs: number, clock: Pick<Clock, 'setTimer'>): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.setTimer(graceMs, () => server.forceShutdown());
    server.tryShutdown(() => {
      cancel();
      resolve();
    });
  });

const ownClock: Pick<Clock, 'setTimer'> = {
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A gRPC server whose handlers are plain async functions and generators that throw TsoError. */
export class RpcServer {
  readonly #server: Server;
  readonly #options: RpcServerOptions;
  readonly #credentials: RenewableCredentials;
  #stopped: Promise<void> | undefined;

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.#server = new Server({
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
      'grpc.enable_channelz': 0,
      ...(isLocal(options.address) ? {} : keepaliveOptions),
    });
    this.#credentials = serverCredentials(options.tls);
  }

  /** Shows these certificates to who connects from now on; connections that stand stay. */
  renewTls(tls: TlsMaterial): void {
    this.#credentials.renew?.(tls);
  }

  add<S extends Methods>(methods: S, handlers: Handlers<S>): this {
    this.#server.addService(
      serverDefinition(methods),
      implementation(methods, handlers as Readonly<Record<string, unknown>>, this.#options.authenticate),
    );
    return this;
  }

  /** Listens. UNAVAILABLE when the address cannot be had. FAILED_PRECONDITION: a network address without TLS. */
  async start(): Promise<void> {
    requireTls(this.#options.address, this.#options.tls);
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(this.#options.address, this.#credentials, (error) =>
        error === null
          ? resolve()
          : reject(new TsoError('UNAVAILABLE', `cannot listen on ${this.#options.address}: ${error.message}`, { cause: error })),
      );
    });
    this.#options.logger.debug({ address: this.#options.address }, 'rpc server listens');
  }

  /** Lets running calls end for `graceMs`, then cuts what is left. */
  stop(graceMs = 1_000): Promise<void> {
    this.#stopped ??= shutDown(this.#server, graceMs, ownClock);
    return this.#stopped;
  }
}
