import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, type LogsOptions, type RelayFrame, TsoError } from '@tso/proto';
import { readLog } from '../logs/log-reader.ts';
import type { Containers } from '../runtime/types.ts';
import type { Worker } from '../worker.ts';

/** The frames of a task's log: one per line, then `end`. */
export async function* logFrames(
  taskId: string,
  options: LogsOptions,
  signal: AbortSignal,
  ports: {
    readonly clock: Clock;
    readonly worker: Pick<Worker, 'hostname' | 'isAlive' | 'onStatus' | 'task'>;
    readonly containers: Pick<Containers, 'logPath'>;
  },
): AsyncGenerator<RelayFrame> {
  const { clock, worker, containers } = ports;
  const task = worker.task(taskId);
  if (task === undefined) throw new TsoError('NOT_FOUND', `the task ${taskId} is not on this host any more`);
  const path = containers.logPath(taskId);
  // To be watched before the first line is there.
  if (options.follow && worker.isAlive(taskId)) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const entries = readLog(path, {
    options,
    signal,
    clock,
    isLive: () => worker.isAlive(taskId),
    onLifeChange: (listener) => worker.onStatus(taskId, listener),
  });
  for await (const entry of entries) {
    yield {
      log: {
        taskId,
        atNsHigh: entry.atSeconds,
        atNsLow: entry.atNanos,
        stream: entry.stream,
        data: entry.data,
        partial: entry.partial,
        serviceName: task.serviceName,
        slot: task.slot,
        stack: task.stack,
        node: worker.hostname,
        ordinal: entry.ordinal,
      },
    };
  }
  yield { end: true };
}
