// A process full of clients, each with a connection of its own and one call under way: what its parent asks for, measured here.
import { randomBytes } from 'node:crypto';
import { StoreClient, type StoreName } from './consensus-protocol.ts';

export interface LoadOrder {
  readonly store: StoreName;
  /** One client each, dealt out in turn. */
  readonly targets: readonly string[];
  readonly clients: number;
  readonly valueBytes: number;
  /** Part of the keys, so that no two processes write the same ones. */
  readonly name: string;
  readonly keysPerClient: number;
  /** Measured for so long after warming up, or, when given, until so many writes are done in all. */
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly writes?: number;
}

export interface LoadResult {
  readonly elapsedMs: number;
  readonly latenciesMs: Float64Array;
  readonly failed: number;
  readonly firstFailure: string | undefined;
}

class Run {
  readonly #order: LoadOrder;
  readonly #latencies: number[] = [];
  #left: number;
  #failed = 0;
  #firstFailure: string | undefined;
  #measuring = false;
  #ended = false;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#left = order.writes ?? Number.POSITIVE_INFINITY;
  }

  async perform(): Promise<LoadResult> {
    const { clients, warmUpMs, durationMs, writes, store, targets } = this.#order;
    const all = Array.from({ length: clients }, (_, index) => new StoreClient(store, targets[index % targets.length] ?? ''));
    const running = all.map((client, index) => this.#loop(client, index));
    if (writes === undefined) await elapsed(warmUpMs);
    this.#measuring = true;
    const beganAt = performance.now();
    if (writes === undefined) {
      await elapsed(durationMs);
      this.#ended = true;
    } else await Promise.all(running);
    const elapsedMs = performance.now() - beganAt;
    this.#measuring = false;
    await Promise.all(running);
    for (const client of all) client.close();
    return { elapsedMs, latenciesMs: Float64Array.from(this.#latencies), failed: this.#failed, firstFailure: this.#firstFailure };
  }

  async #loop(client: StoreClient, index: number): Promise<void> {
    const { name, keysPerClient, valueBytes } = this.#order;
    const value = randomBytes(valueBytes);
    for (let turn = 0; !this.#ended && this.#left > 0; turn += 1) {
      this.#left -= 1;
      const beganAt = performance.now();
      try {
        await client.put(`${name}-${index}-${turn % keysPerClient}`, value);
        if (this.#measuring) this.#latencies.push(performance.now() - beganAt);
      } catch (error) {
        this.#failed += 1;
        this.#firstFailure ??= String(error);
        await elapsed(10);
      }
    }
  }
}

const elapsed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

process.on('message', (order: LoadOrder) => {
  void new Run(order).perform().then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit());
