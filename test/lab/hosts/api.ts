import { Ca, Control, RpcChannel, type RpcClient } from '@tso/proto/rpc';
import type { LabHost } from '../support/lab-host.ts';

/** The gRPC services of a host's socket. A call that fails is the last one of its connection: the next one makes another. */
export class Api {
  readonly #host: LabHost;
  #channel: RpcChannel | undefined;

  constructor(host: LabHost) {
    this.#host = host;
  }

  control<T>(call: (control: RpcClient<typeof Control>) => Promise<T>): Promise<T> {
    return this.#attempt((channel) => call(channel.client(Control)));
  }

  ca<T>(call: (ca: RpcClient<typeof Ca>) => Promise<T>): Promise<T> {
    return this.#attempt((channel) => call(channel.client(Ca)));
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }

  async #attempt<T>(call: (channel: RpcChannel) => Promise<T>): Promise<T> {
    this.#channel ??= new RpcChannel(`unix:${this.#host.socket}`);
    const channel = this.#channel;
    try {
      return await call(channel);
    } catch (error) {
      channel.close();
      if (this.#channel === channel) this.#channel = undefined;
      throw error;
    }
  }
}
