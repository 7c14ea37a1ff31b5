import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadOrder, LoadResult } from './consensus-load.ts';

/** Load from several processes at the same time, added up. */
export interface Load {
  readonly perSecond: number;
  readonly latenciesMs: Float64Array;
  readonly failed: number;
}

const entry = join(import.meta.dirname, 'consensus-load.ts');

/** The processes that clients live in: the same ones for both stores. */
export class LoadProcesses {
  readonly #children: readonly ChildProcess[];

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
  }

  static start(count: number): LoadProcesses {
    return new LoadProcesses(Array.from({ length: count }, () => fork(entry, [], { serialization: 'advanced' })));
  }

  get pids(): readonly number[] {
    return this.#children.map(({ pid }) => pid ?? 0);
  }

  /** @param order `clients` and `writes` are the sums over all processes */
  async run(order: LoadOrder): Promise<Load> {
    const children = this.#children.slice(0, order.clients);
    const results = await Promise.all(
      children.map((child, index) =>
        ask(child, {
          ...order,
          name: `${order.name}-${index}`,
          // So that one process does not have all clients of one member.
          targets: [...order.targets.slice(index % order.targets.length), ...order.targets.slice(0, index % order.targets.length)],
          clients: share(order.clients, children.length, index),
          ...(order.writes === undefined ? {} : { writes: share(order.writes, children.length, index) }),
        }),
      ),
    );
    const failed = results.reduce((sum, result) => sum + result.failed, 0);
    if (failed > 0)
      console.error(`${order.store}: ${failed} calls failed: ${results.find((it) => it.firstFailure !== undefined)?.firstFailure}`);
    return {
      perSecond: results.reduce((sum, { latenciesMs, elapsedMs }) => sum + (latenciesMs.length * 1_000) / elapsedMs, 0),
      latenciesMs: Float64Array.from(results.flatMap(({ latenciesMs }) => [...latenciesMs])),
      failed,
    };
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}

const share = (total: number, parts: number, index: number): number => Math.floor((total + index) / parts);

const ask = async (child: ChildProcess, order: LoadOrder): Promise<LoadResult> => {
  child.send(order);
  const [result] = (await once(child, 'message')) as [LoadResult];
  return result;
};
