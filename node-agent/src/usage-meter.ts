import { type Clock, type Logger, sentenceOf, type TaskUsage } from '@tso/proto';
import { limits } from './limits.ts';
import type { Containers } from './runtime/types.ts';
import type { Worker } from './worker.ts';

export interface UsageMeterPorts {
  readonly containers: Pick<Containers, 'usage'>;
  readonly worker: Pick<Worker, 'isAlive'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Measures what tasks take when the manager asks for it, between two heartbeats: none waits for it. */
export class UsageMeter {
  readonly #ports: UsageMeterPorts;
  #measured: readonly TaskUsage[] = [];
  #isMeasuring = false;

  constructor(ports: UsageMeterPorts) {
    this.#ports = ports;
  }

  /** Begins to measure these; what is asked while the last is under way is left out. */
  measure(taskIds: readonly string[]): void {
    if (taskIds.length === 0 || this.#isMeasuring) return;
    this.#isMeasuring = true;
    this.#measure(taskIds.slice(0, limits.measuredTasks))
      .then(
        (measured) => {
          this.#measured = measured;
        },
        (error: unknown) => this.#ports.logger.warn({ error: sentenceOf(error) }, 'what tasks take could not be measured'),
      )
      .finally(() => {
        this.#isMeasuring = false;
      });
  }

  /** What was measured since it was last taken. */
  take(): readonly TaskUsage[] {
    const measured = this.#measured;
    this.#measured = [];
    return measured;
  }

  async #measure(taskIds: readonly string[]): Promise<readonly TaskUsage[]> {
    const { containers, worker, clock } = this.#ports;
    const measured: TaskUsage[] = [];
    for (const taskId of taskIds) {
      const usage = worker.isAlive(taskId) ? await containers.usage(taskId) : undefined;
      if (usage !== undefined) measured.push({ taskId, atMs: Math.round(clock.monotonic()), ...usage });
    }
    return measured;
  }
}
