import type { Socket } from 'node:net';

/**
 * The connections that a server stands on. grpc-js closes those that it did not accept itself only when its callers do, and cuts none of
 * them (without channelz, which costs every call, it does not cut its own either).
 */
export class Connections<S extends Socket> implements Iterable<S> {
  readonly #sockets = new Set<S>();

  get size(): number {
    return this.#sockets.size;
  }

  /** Until it closes. */
  add(socket: S): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Resolves when those that stand now have ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  [Symbol.iterator](): Iterator<S> {
    return this.#sockets.values();
  }
}
