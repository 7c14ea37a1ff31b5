import { HealthState, isTerminal, isWishedRunning, type ServiceView, type Task, TaskState } from '@tso/proto';
import { type FollowState, waitedServices } from './follow.ts';
import { totalsText } from './job-text.ts';
import { durationText, isFailure, isStopping, oneLine, slotKey, stateDetail, stateWord, taskName, withoutFailure } from './task-text.ts';
import { updateCounts } from './update-progress.ts';

export type Mark = 'busy' | 'wait' | 'ok' | 'bad';

export interface ScreenRow {
  readonly key: string;
  readonly mark: Mark;
  readonly name: string;
  readonly state: string;
  readonly detail: string;
  readonly elapsed: string;
}

export interface Screen {
  readonly title: string;
  readonly rows: readonly ScreenRow[];
  /** How many rows did not fit. */
  readonly hidden: number;
  readonly nameWidth: number;
  readonly stateWidth: number;
}

const markOf = (task: Task): Mark => {
  const { state, health } = task.status;
  if (isFailure(state)) return 'bad';
  if (isStopping(task)) return 'busy';
  if (state === TaskState.RUNNING) return health === HealthState.UNHEALTHY ? 'bad' : health === HealthState.HEALTH_STARTING ? 'busy' : 'ok';
  if (state === TaskState.COMPLETE) return 'ok';
  return state < TaskState.ASSIGNED ? 'wait' : 'busy';
};

/** One task for each slot, its newest, and whatever is still ending. */
const shownTasks = (state: FollowState): readonly Task[] => {
  const slots = new Set<string>();
  return (state.view?.services ?? []).flatMap((service) =>
    service.tasks.filter((task) => {
      if (isStopping(task)) return true;
      const current = isWishedRunning(task.desiredState) || task.status.state === TaskState.COMPLETE || isFailure(task.status.state);
      if (!current || slots.has(slotKey(task))) return false;
      slots.add(slotKey(task));
      return true;
    }),
  );
};

/** While a failed task's successor waits for its turn, the failure is the news. */
const lastFailure = (state: FollowState, task: Task): string => {
  const failed = state.failures.get(slotKey(task))?.at(-1);
  if (failed === undefined || task.status.state >= TaskState.RUNNING) return '';
  return `after ${stateWord(failed)}: ${stateDetail(failed)}`;
};

const rowOf = (state: FollowState, task: Task, nowMs: number): ScreenRow => {
  const seen = state.seen.get(task.id);
  const until = seen?.runningMs ?? nowMs;
  const settled = isTerminal(task.status.state) || (seen !== undefined && until <= seen.firstSeenMs);
  return {
    key: task.id,
    mark: markOf(task),
    name: taskName(task),
    state: stateWord(task),
    detail: [withoutFailure(stateDetail(task), state.failures.get(slotKey(task)) ?? []), lastFailure(state, task)]
      .filter((text) => text !== '')
      .join(', '),
    elapsed: settled || seen === undefined ? '' : durationText(until - seen.firstSeenMs),
  };
};

/** A service whose update is under way, or that waits for something no task of it tells of, has a line of its own above. */
const serviceRow = (state: FollowState, service: ServiceView): readonly ScreenRow[] => {
  const name = service.service.spec.name;
  const counts = updateCounts(service);
  const reason = state.reasons.get(name) ?? '';
  const isTold = service.tasks.some((task) => task.pendingReason !== '' && reason.includes(task.pendingReason));
  const detail = isTold ? '' : oneLine(withoutFailure(reason, service.tasks));
  if (counts === '' && detail === '') return [];
  return [{ key: `service ${name}`, mark: service.failed ? 'bad' : 'wait', name, state: counts || 'waiting', detail, elapsed: '' }];
};

const titleOf = (state: FollowState): string => {
  const { view, options, outcome } = state;
  if (view === undefined) return `${options.stack}: asking the cluster`;
  if (options.goal === 'gone') return outcome.kind === 'done' ? `${options.stack}: removed` : `${options.stack}: being removed`;
  const services = waitedServices(view, options).filter((service) => !service.service.removing);
  return `${options.stack}: ${totalsText(services)}`;
};

const urgency: Readonly<Record<Mark, number>> = { bad: 0, busy: 1, wait: 2, ok: 3 };

/** What the live view draws: at most `height` rows, the unfinished ones first when not all fit. */
export const screenOf = (state: FollowState, nowMs: number, height: number): Screen => {
  const services = state.options.goal === 'gone' ? [] : (state.view?.services ?? []);
  const tasks = shownTasks(state).map((task) => rowOf(state, task, nowMs));
  const all = [...services.flatMap((service) => serviceRow(state, service)), ...tasks];
  const room = Math.max(1, height);
  const rows = all.length <= room ? all : [...all].sort((a, b) => urgency[a.mark] - urgency[b.mark]).slice(0, room);
  return {
    title: titleOf(state),
    rows,
    hidden: all.length - rows.length,
    nameWidth: Math.max(4, ...rows.map((row) => row.name.length)),
    stateWidth: Math.max(4, ...rows.map((row) => row.state.length)),
  };
};
