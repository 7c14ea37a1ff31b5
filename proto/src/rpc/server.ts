import { createServer, type ListenOptions, type Server as NetServer, type Socket } from 'node:net';
import { type ConnectionInjector, Server, ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import { TsoError } from '../errors.ts';
import type { Logger } from '../ports.ts';
import type { Authenticate } from './call-context.ts';
import { Connections } from './connections.ts';
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

/** UNAVAILABLE when the address cannot be had. */
export const listenOn = async (server: NetServer, where: ListenOptions, address: string): Promise<void> => {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error) => reject(new TsoError('UNAVAILABLE', `cannot listen on ${address}: ${error.message}`, { cause: error }));
    server.once('error', failed);
    server.listen(where, () => {
      server.off('error', failed);
      resolve();
    });
  });
};

/** Takes connections on which HTTP/2 is spoken: what protects them is done by then. */
export const injectorOf = (server: Server): ConnectionInjector => server.createConnectionInjector(ServerCredentials.createInsecure());

/**
 * A gRPC server on a unix socket, whose handlers are plain async functions and generators that throw TsoError. It sends no pings: the
 * kernel tells who is gone, and a process may be suspended at leisure. For the network there is `NetworkDoor`.
 */
export class RpcServer {
  readonly #server = new Server(memberServerOptions);
  readonly #listener: NetServer;
  readonly #connections = new Connections<Socket>();
  readonly #options: RpcServerOptions;
  #stopped: Promise<void> | undefined;

  constructor(options: RpcServerOptions) {
    this.#options = options;
    const injector = injectorOf(this.#server);
    this.#listener = createServer((socket) => {
      // Without a listener, a caller that resets its connection would end the process; the close that follows is what counts.
      socket.on('error', () => undefined);
      this.#connections.add(socket);
      injector.injectConnection(socket);
    });
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
    await listenOn(this.#listener, { path: address.slice('unix:'.length) }, address);
    logger.debug({ address }, 'rpc server listens');
  }

  /** Lets running calls end for `graceMs`, then cuts what is left. */
  stop(graceMs = 1_000): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    const closed = this.#listener.listening ? new Promise((resolve) => this.#listener.close(resolve)) : undefined;
    this.#server.tryShutdown(() => undefined);
    const timer = setTimeout(() => this.#connections.cut(), graceMs);
    await this.#connections.ended();
    clearTimeout(timer);
    await closed;
  }
}
