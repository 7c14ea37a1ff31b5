import { sentenceOf } from '@tso/proto';
import type { HealthMonitor } from '../health/monitor.ts';
import type { Containers } from '../runtime/types.ts';

export interface PausingPorts {
  readonly containers: Pick<Containers, 'pause' | 'observe'>;
  readonly health: Pick<HealthMonitor, 'rest'>;
  /** What is said of the task now. */
  readonly said: () => string;
  readonly say: (message: string) => void;
}

/** Freezes a task, and says why while that does not succeed. */
export class Pausing {
  readonly #taskId: string;
  readonly #ports: PausingPorts;
  /** What was said of it before it could not be paused. */
  #beforeTrouble: string | undefined;

  constructor(options: { readonly taskId: string }, ports: PausingPorts) {
    this.#taskId = options.taskId;
    this.#ports = ports;
  }

  /** A health check that is under way would wait for an answer that cannot come: it rests before. Rejects when it could not be frozen. */
  async pause(): Promise<void> {
    const { containers, health, said, say } = this.#ports;
    health.rest(this.#taskId, true);
    try {
      await containers.pause(this.#taskId);
    } catch (error) {
      health.rest(this.#taskId, false);
      // It may have ended meanwhile, which the next look finds.
      if ((await containers.observe(this.#taskId)).state !== 'running') return;
      this.#beforeTrouble ??= said();
      say(`could not be paused: ${sentenceOf(error)}`);
      throw error;
    }
    this.forgetTrouble();
  }

  /** That it could not be paused is nothing to say any more. */
  forgetTrouble(): void {
    if (this.#beforeTrouble !== undefined) this.#ports.say(this.#beforeTrouble);
    this.#beforeTrouble = undefined;
  }
}
