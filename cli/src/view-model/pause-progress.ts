import { isTerminal, isWishedRunning, type StackView, type Task, TaskState } from '@tso/proto';
import type { Progress, ProgressRow } from './progress.ts';
import { oneLine, slotKey, stateDetail, stateWord, taskName } from './task-text.ts';

export interface PauseWish {
  /** Services, or web.2; empty: all of the stack. */
  readonly targets: readonly string[];
  readonly paused: boolean;
  /** Of the change: an older view says nothing of it. */
  readonly minVersion: number;
}

const isMeant = (task: Task, { targets, paused }: PauseWish): boolean =>
  isWishedRunning(task.desiredState) &&
  !isTerminal(task.status.state) &&
  (task.paused ?? false) === paused &&
  (targets.length === 0 || targets.includes(task.serviceName) || targets.includes(taskName(task)));

const rowOf = (task: Task, paused: boolean): ProgressRow => {
  const common = { key: slotKey(task), name: taskName(task) };
  const isFrozen = task.status.paused ?? false;
  // One that has not come so far has nothing to be frozen yet, and is once it has.
  if (paused && task.status.state < TaskState.STARTING) {
    return { ...common, state: stateWord(task), detail: stateDetail(task), mark: 'wait' };
  }
  const isThere = isFrozen === paused;
  const detail = isThere ? '' : oneLine(task.status.message);
  return { ...common, state: isFrozen ? 'paused' : stateWord(task), detail, mark: isThere ? 'ok' : 'busy' };
};

/** How far the tasks are that are to be frozen, or to go on. One that ends meanwhile, or is new, is not waited for. */
export const pauseProgress = (view: StackView, wish: PauseWish): Progress => {
  const word = wish.paused ? 'paused' : 'going on';
  if (view.version < wish.minVersion) return { title: `${view.name}: asking the cluster`, rows: [], outcome: { kind: 'waiting' } };
  const tasks = view.services.flatMap(({ tasks: all }) => all).filter((task) => isMeant(task, wish));
  const rows = tasks.map((task) => rowOf(task, wish.paused));
  const there = rows.filter(({ mark }) => mark === 'ok').length;
  return {
    title: `${view.name}: ${there} of ${rows.length} tasks ${word}`,
    rows,
    outcome: { kind: there === rows.length ? 'done' : 'waiting' },
  };
};
