import { type Clock, type Lifecycle, type Logger, sentenceOf, type Task } from '@tso/proto';
import { limits } from '../limits.ts';
import type { Containers } from '../runtime/types.ts';
import { fileSize, rotate } from './log-files.ts';

/** Bounds the logs of running containers by size: renames full files and has conmon open a new one. */
export class LogRotation implements Lifecycle {
  readonly #containers: Pick<Containers, 'logPath' | 'reopenLog'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #running: () => readonly Task[];
  #cancel: () => void = () => undefined;
  #stopped = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(ports: {
    readonly containers: Pick<Containers, 'logPath' | 'reopenLog'>;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly runningTasks: () => readonly Task[];
  }) {
    this.#containers = ports.containers;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#running = ports.runningTasks;
  }

  async start(): Promise<void> {
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#turn;
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#cancel = this.#clock.setTimer(limits.logRotationMs, () => {
      this.#turn = this.#rotateAll().finally(() => this.#schedule());
    });
  }

  async #rotateAll(): Promise<void> {
    for (const task of this.#running()) {
      try {
        await this.#rotateOne(task);
      } catch (error) {
        this.#logger.warn({ taskId: task.id, error: sentenceOf(error) }, 'a log could not be rotated');
      }
    }
  }

  async #rotateOne(task: Task): Promise<void> {
    const path = this.#containers.logPath(task.id);
    const sizeBytes = await fileSize(path);
    if (sizeBytes !== undefined) {
      if (sizeBytes < (task.spec.logMaxSizeBytes || limits.logMaxSizeBytes)) return;
      await rotate(path, task.spec.logMaxFiles || limits.logMaxFiles);
    }
    // Without a file too: an agent that ended right after the renaming left conmon writing into the file it put aside.
    await this.#containers.reopenLog(task.id);
  }
}
