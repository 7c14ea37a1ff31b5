import type { History } from './history.ts';
import { RegisterClient } from './register.ts';

const connections = 24;

/**
 * Many reads at one member at the same instant, over connections that stand already: sent to a member that is stopped, they are the
 * first that it sees when it goes on, before it has learned what happened meanwhile.
 */
export class Burst {
  readonly #history: History;
  readonly #clients: readonly RegisterClient[];

  private constructor(history: History, clients: readonly RegisterClient[]) {
    this.#history = history;
    this.#clients = clients;
  }

  /** Resolves once each connection has answered a first read. */
  static async at(history: History, target: string): Promise<Burst> {
    const clients = Array.from({ length: connections }, () => new RegisterClient(target));
    await Promise.all(clients.map((client) => client.read('burst', 10_000)));
    return new Burst(history, clients);
  }

  /** Reads each of the keys so many times; resolves when all are answered, well or not. */
  async fire(keys: readonly string[], times: number, deadlineMs: number): Promise<void> {
    const asked = Array.from({ length: times }, () => keys).flat();
    await Promise.all(asked.map((key, index) => this.#read(this.#clients[index % connections], key, deadlineMs)));
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  async #read(client: RegisterClient | undefined, key: string, deadlineMs: number): Promise<void> {
    const invocation = { process: this.#history.newProcess(), f: 'read', key, value: null } as const;
    this.#history.invoke(invocation);
    try {
      this.#history.answer(invocation, 'ok', (await client?.read(key, deadlineMs))?.value ?? null);
    } catch {
      // It does not lead any more, or found no majority: a read that was not answered says nothing.
      this.#history.answer(invocation, 'fail');
    }
  }
}
