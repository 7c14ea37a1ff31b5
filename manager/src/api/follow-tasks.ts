import { type Clock, type Task, TaskState, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import type { Proposer } from '../replication/proposer.ts';
import { Pipe } from './pipe.ts';
import { tasksOfTargets } from './targets.ts';

export interface Followed {
  readonly stack: string;
  readonly targets: readonly string[];
}

export interface FollowPorts {
  readonly proposer: Pick<Proposer, 'view' | 'subscribe'>;
  readonly clock: Clock;
}

/**
 * What is to be heard of every task that the targets mean and `isWanted` takes, those that come later too, as it comes, until the signal
 * or until what was followed is gone. NOT_FOUND: it never was there.
 * @param listen one task's part
 */
export const followTasks = async function* <T>(
  { proposer }: FollowPorts,
  { stack, targets }: Followed,
  isWanted: (task: Task) => boolean,
  listen: (task: Task, signal: AbortSignal) => AsyncIterable<T>,
  signal: AbortSignal,
): AsyncIterable<T> {
  const ended = new AbortController();
  const onAbort = (): void => ended.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  const heard = new Pipe<T>(limits.relayFrames);
  const followed = new Set<string>();
  const pump = async (task: Task): Promise<void> => {
    try {
      for await (const one of listen(task, ended.signal)) await heard.write(one);
    } catch {
      // The pipe ended: nobody reads any more, and the end is not this task's to report.
    }
  };
  const join = (): void => {
    for (const task of tasksOfTargets(proposer.view, stack, targets)) {
      if (followed.has(task.id) || !isWanted(task)) continue;
      followed.add(task.id);
      void pump(task);
    }
  };
  const watch = async (): Promise<void> => {
    try {
      const relevant = proposer.subscribe(({ kind }) => kind === 'task' || kind === 'service' || kind === 'stack', {
        limit: limits.watchedChanges,
        signal: ended.signal,
      });
      join();
      for await (const _ of relevant) join();
      heard.end();
    } catch (error) {
      // What was followed is gone from the store: the end of the story, unless it never was there.
      heard.end(followed.size > 0 && error instanceof TsoError && error.code === 'NOT_FOUND' ? undefined : error);
    }
  };
  try {
    if (signal.aborted) return;
    void watch();
    yield* heard;
  } finally {
    signal.removeEventListener('abort', onAbort);
    ended.abort();
  }
};

/** Whether the stream to a task that ended so may come back: its agent restarts, its node is away for a while. */
const mayComeBack = (error: unknown): boolean =>
  error instanceof TsoError && (error.code === 'UNAVAILABLE' || error.code === 'DEADLINE_EXCEEDED' || error.code === 'CANCELLED');

const isThere = (task: Task | undefined): boolean =>
  task !== undefined && !(task.desiredState === TaskState.REMOVE && task.status.state >= TaskState.COMPLETE);

const pause = (clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.setTimer(delayMs, done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });

/**
 * One task's stream, opened again as long as it breaks off and may come back: its agent restarts, its node is away. An interruption is told
 * once it lasts. Ends with the stream itself, with the signal, or when the task is forgotten; what cannot be mended is told, not thrown.
 * @param attempt the stream from where it was left; calls `alive` with each sign of life
 */
export const persistently = async function* <T>(
  { proposer, clock }: FollowPorts,
  task: Task,
  attempt: (alive: () => void) => AsyncIterable<T>,
  tell: (error: unknown, goesOn: boolean) => T,
  signal: AbortSignal,
): AsyncIterable<T> {
  let interruptedAt: number | undefined;
  let told = false;
  let delayMs: number = limits.followAgainMinMs;
  const alive = (): void => {
    interruptedAt = undefined;
    told = false;
    delayMs = limits.followAgainMinMs;
  };
  for (;;) {
    try {
      yield* attempt(alive);
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!mayComeBack(error) || !isThere(proposer.view.task(task.id))) {
        yield tell(error, false);
        return;
      }
      interruptedAt ??= clock.monotonic();
      if (!told && clock.monotonic() - interruptedAt >= limits.followSilentMs) {
        told = true;
        yield tell(error, true);
      }
    }
    await pause(clock, delayMs, signal);
    if (signal.aborted) return;
    delayMs = Math.min(delayMs * 2, limits.followAgainMaxMs);
  }
};
