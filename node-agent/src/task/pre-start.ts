import { open } from 'node:fs/promises';
import { type Task, TsoError } from '@tso/proto';
import { isMissing } from '../durable-file.ts';
import { limits } from '../limits.ts';
import { fileSize, listLog, rotate } from '../logs/log-files.ts';
import { LineSplitter, parseLogLine } from '../logs/log-format.ts';
import type { ContainerExit, Containers } from '../runtime/types.ts';
import { preStartId } from './hook-ids.ts';
import { hookFailure, hookName } from './hooks.ts';

export interface PreStartHooksPorts {
  readonly containers: Pick<Containers, 'observe' | 'run' | 'onChange' | 'logPath' | 'reopenLog'>;
}

/** So much of a log's end is searched for its last line. */
const tailBytes = 64 * 1024;

/** The last line of a log that is not empty, of what was written from that byte on; empty: none. */
const lastLineOf = async (path: string, fromByte: number): Promise<string> => {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const from = Math.max(fromByte, size - tailBytes);
      const buffer = Buffer.alloc(Math.max(0, size - from));
      await file.read(buffer, 0, buffer.length, from);
      const said = new LineSplitter().push(buffer).map((line) =>
        Buffer.from(parseLogLine(line)?.data ?? [])
          .toString()
          .trim(),
      );
      return said.findLast((line) => line !== '') ?? '';
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
};

/**
 * Runs the hooks of a task that come before its start. Their containers were made with the task's own, and how each of them ended stands in its
 * files: an agent that was started anew goes on where its predecessor was, and runs none twice.
 */
export class PreStartHooks {
  readonly #ports: PreStartHooksPorts;

  constructor(ports: PreStartHooksPorts) {
    this.#ports = ports;
  }

  /** One after the other. FAILED_PRECONDITION: one failed, with its last line; CANCELLED by the signal, the hook itself goes on until it is removed. */
  async run(task: Task, signal: AbortSignal, say: (message: string) => void): Promise<void> {
    const { containers } = this.#ports;
    const hooks = task.spec.container.preStart;
    for (const index of hooks.keys()) {
      const name = hookName('pre_start', hooks, index);
      const id = preStartId(task.id, index);
      const log = containers.logPath(task.id);
      say(`running ${name}`);
      const isNew = (await containers.observe(id)).state === 'created';
      const fromByte = isNew ? ((await fileSize(log)) ?? 0) : 0;
      const exit = await this.#exitOf(id, name, signal);
      if (exit.exitCode === 0 && !exit.oomKilled) continue;
      const why = exit.oomKilled
        ? `${name} was killed by the kernel: it needed more memory than its limit`
        : hookFailure(name, exit.exitCode, await lastLineOf(log, fromByte));
      throw new TsoError('FAILED_PRECONDITION', why, { hint: 'Its output is in the log: tso logs' });
    }
    await this.#handOverLog(task);
  }

  /** A log that was put aside while hooks wrote has a new file since, which the task's own monitor does not know of. */
  async #handOverLog(task: Task): Promise<void> {
    const { containers } = this.#ports;
    const path = containers.logPath(task.id);
    if ((await listLog(path)).length < 2) return;
    try {
      await rotate(path, task.spec.logMaxFiles || limits.logMaxFiles);
    } catch (error) {
      // It was just put aside by the rotation of logs.
      if (!isMissing(error)) throw error;
    }
    await containers.reopenLog(task.id);
  }

  /** Starts it when it was not, and waits for its end. */
  async #exitOf(id: string, name: string, signal: AbortSignal): Promise<ContainerExit> {
    const { containers } = this.#ports;
    const changes = new Changes(signal);
    const unsubscribe = containers.onChange((changed) => (changed === id ? changes.note() : undefined));
    try {
      for (;;) {
        const observed = await containers.observe(id);
        if (signal.aborted) throw new TsoError('CANCELLED', `${name} was cut short`);
        switch (observed.state) {
          case 'created':
            await containers.run(id);
            break;
          case 'running':
            await changes.next();
            break;
          case 'exited':
            return observed.exit;
          case 'none':
          case 'lost':
            throw new TsoError('FAILED_PRECONDITION', `the container of ${name} is gone`);
          default:
            observed satisfies never;
        }
      }
    } finally {
      unsubscribe();
      changes.end();
    }
  }
}

/** Lets somebody wait for the next change; one that came since the last wait counts. */
class Changes {
  readonly #signal: AbortSignal;
  #next = Promise.withResolvers<void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.note, { once: true });
  }

  readonly note = (): void => this.#next.resolve();

  async next(): Promise<void> {
    await this.#next.promise;
    this.#next = Promise.withResolvers<void>();
  }

  end(): void {
    this.#signal.removeEventListener('abort', this.note);
  }
}
