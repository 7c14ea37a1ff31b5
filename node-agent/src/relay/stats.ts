import { readFile, readlink } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { type Clock, type RelayFrame, type StatsOptions, TsoError } from '@tso/proto';
import type { Containers } from '../runtime/types.ts';
import type { Worker } from '../worker.ts';
import { type NetworkBytes, networkBytes, noNetwork, type Reading, sampleOf } from './stats-sample.ts';

export interface StatsPorts {
  readonly clock: Clock;
  readonly containers: Pick<Containers, 'stats' | 'observe'>;
  readonly worker: Pick<Worker, 'onStatus'>;
}

const everyMs = 1_000;

/** A file of /proc; undefined: its process has ended. */
const ifAlive = async (read: () => Promise<string>): Promise<string | undefined> => {
  try {
    return await read();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EINVAL'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
};

/** Of the container's own network namespace; none for one that shares the host's, whose figures are not its own. */
const networkOf = async (pid: number): Promise<NetworkBytes> => {
  const namespace = await ifAlive(() => readlink(`/proc/${pid}/ns/net`));
  if (namespace === undefined || namespace === (await readlink('/proc/self/ns/net'))) return noNetwork;
  const text = await ifAlive(() => readFile(`/proc/${pid}/net/dev`, 'utf8'));
  return text === undefined ? noNetwork : networkBytes(text);
};

/** undefined: it does not run any more. */
const readingOf = async (taskId: string, { clock, containers }: StatsPorts): Promise<Reading | undefined> => {
  const observed = await containers.observe(taskId);
  if (observed.state !== 'running') return undefined;
  const stats = await containers.stats(taskId);
  if (stats === undefined) return undefined;
  return { atMs: clock.now(), monotonicMs: clock.monotonic(), stats, network: await networkOf(observed.process.pid) };
};

/** Waits for the time, an end of the task or the signal. */
const pause = (taskId: string, { clock, worker }: StatsPorts, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      cancel();
      unsubscribe();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.setTimer(everyMs, done);
    const unsubscribe = worker.onStatus(taskId, done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });

/**
 * One sample that was measured over a second, or one at once and then one each second until the container ends or the signal; then `end`.
 * FAILED_PRECONDITION: it does not run.
 */
export async function* statsFrames(
  taskId: string,
  { stream }: StatsOptions,
  signal: AbortSignal,
  ports: StatsPorts,
): AsyncGenerator<RelayFrame> {
  let before = await readingOf(taskId, ports);
  if (before === undefined) throw new TsoError('FAILED_PRECONDITION', `the task ${taskId} is not running`, { hint: 'See what is: tso ps' });
  if (stream) yield { stats: sampleOf(taskId, before, undefined, totalmem()) };
  do {
    await pause(taskId, ports, signal);
    if (signal.aborted) return;
    const now = await readingOf(taskId, ports);
    if (now === undefined) break;
    yield { stats: sampleOf(taskId, now, before, totalmem()) };
    before = now;
  } while (stream);
  yield { end: true };
}
