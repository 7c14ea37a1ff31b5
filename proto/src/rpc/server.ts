import { Server, ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import { TsoError } from '../errors.ts';
import type { Logger } from '../ports.ts';
import type { Authenticate } from './call-context.ts';
import { type Methods, maxMessageBytes } from './method.ts';
import { addService, type Handlers } from './service-implementation.ts';
import { isLocal } from './tls-credentials.ts';

export interface RpcServerOptions {
  /** `unix:/path`. */
  readonly address: string;
  readonly authenticate: Authenticate;
  readonly logger: Logger;
}

export const memberServerOptions: ServerOptions = {
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
  'grpc.enable_channelz': 0,
};

/**
 * A gRPC server on a unix socket, whose handlers are plain async functions and generators that throw TsoError. It sends no pings: the
 * kernel tells who is gone, and a process may be suspended at leisure. For the network there is `NetworkDoor`.
 */
export class RpcServer {
  readonly #server = new Server(memberServerOptions);
  readonly #options: RpcServerOptions;
  #stopped: Promise<void> | undefined;

  constructor(options: RpcServerOptions) {
    this.#options = options;
  }

  add<S extends Methods>(methods: S, handlers: Handlers<S>): this {
    addService(this.#server, methods, handlers, this.#options.authenticate);
    return this;
  }

  /** Listens. UNAVAILABLE when the address cannot be had. FAILED_PRECONDITION: a network address. */
  async start(): Promise<void> {
    const { address, logger } = this.#options;
    if (!isLocal(address)) {
      throw new TsoError('FAILED_PRECONDITION', `${address} is a network address, and there would be no TLS on it`, {
        details: { address },
      });
    }
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(new TsoError('UNAVAILABLE', `cannot listen on ${address}: ${error.message}`, { cause: error })),
      );
    });
    logger.debug({ address }, 'rpc server listens');
  }

  /** Lets running calls end for `graceMs`, then cuts what is left. */
  stop(graceMs = 1_000): Promise<void> {
    this.#stopped ??= new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#server.forceShutdown(), graceMs);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    return this.#stopped;
  }
}
