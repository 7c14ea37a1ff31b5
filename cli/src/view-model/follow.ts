import { HealthState, isTerminal, type ServiceView, type StackView, type Task, TaskState, UpdateState } from '@tso/proto';
import { isJob } from './job-text.ts';
import { lastAskedFor, lostRun, runsAskedFor } from './schedule-text.ts';
import { failureText, isFailure, slotKey, stateDetail, stateWord, taskName, withoutFailure } from './task-text.ts';
import { updateCounts } from './update-progress.ts';
import { nameOf, reasonOf, standsStill, waitsFor } from './waiting-text.ts';

/** After so many short-lived tasks in a row nobody should wait for the next. */
export const failuresInARow = 3;
/** A task that lived this long did run: its end starts a new count. */
export const longLifeMs = 10_000;
/** A task without a health check is believed to run once it has for this long: most wrong commands end sooner. */
export const settleMs = 500;

export interface FollowOptions {
  readonly stack: string;
  /** Services that are waited for; others of the stack are shown only. Undefined: all of them. */
  readonly services: readonly string[] | undefined;
  /** `converged`: all run as wished. `gone`: nothing of the stack is left. */
  readonly goal: 'converged' | 'gone';
  /** The newest run that somebody asked for is waited for also where the first view shows it ended. @default it is history */
  readonly asksForRuns?: boolean;
}

export interface ServiceFailure {
  readonly service: string;
  readonly task: string;
  readonly error: string;
  readonly exitCode: number | undefined;
}

export interface Waiting {
  readonly service: string;
  readonly reason: string;
}

export type Outcome =
  | { readonly kind: 'waiting'; readonly waiting: readonly Waiting[] }
  | { readonly kind: 'settling'; readonly untilMs: number }
  | { readonly kind: 'done' }
  /** All others are there; of these the update stands still because its own settings ask for it. */
  | { readonly kind: 'standing'; readonly standing: readonly Waiting[] }
  | { readonly kind: 'failed'; readonly failures: readonly ServiceFailure[] };

interface SeenTask {
  readonly name: string;
  readonly service: string;
  readonly firstSeenMs: number;
  /** When it was first seen running; undefined: not yet. */
  readonly runningMs: number | undefined;
  readonly text: string;
  readonly ended: boolean;
}

/** Everything known from the views so far. Data only: the same views give the same state. */
export interface FollowState {
  readonly options: FollowOptions;
  readonly view: StackView | undefined;
  /** What changed with the last view, one line each, ready to print. */
  readonly changes: readonly string[];
  readonly seen: ReadonlyMap<string, SeenTask>;
  /** Failed tasks of each slot since it last ran for long, oldest first; those of the first view are history and not counted. */
  readonly failures: ReadonlyMap<string, readonly Task[]>;
  readonly reasons: ReadonlyMap<string, string>;
  /** Runs of scheduled jobs that were seen to go on because somebody asked for them. */
  readonly awaitedRuns: ReadonlySet<string>;
  /** How far the update of each service is: `3/5 updated`. */
  readonly updates: ReadonlyMap<string, string>;
  readonly outcome: Outcome;
}

/** Failed in a row too often to wait for more; what could not even be prepared, twice for the same reason, will not be the third time. */
const isHopeless = (tasks: readonly Task[]): boolean => {
  const [before, last] = tasks.slice(-2);
  const sameRejection =
    before !== undefined &&
    last !== undefined &&
    [before, last].every(({ status }) => status.state === TaskState.REJECTED) &&
    before.status.error === last.status.error;
  return sameRejection || tasks.length >= failuresInARow;
};

export const startFollow = (options: FollowOptions): FollowState => ({
  options,
  view: undefined,
  changes: [],
  seen: new Map(),
  failures: new Map(),
  reasons: new Map(),
  awaitedRuns: new Set(),
  updates: new Map(),
  outcome: { kind: 'waiting', waiting: [] },
});

const textOf = (task: Task, tasks: readonly Task[]): string => {
  const detail = isFailure(task.status.state) ? stateDetail(task) : withoutFailure(stateDetail(task), tasks);
  return detail === '' ? stateWord(task) : `${stateWord(task)}: ${detail}`;
};

const isServing = (task: Task): boolean => task.status.state === TaskState.RUNNING;

const seeTask = (task: Task, tasks: readonly Task[], before: SeenTask | undefined, first: boolean, nowMs: number): SeenTask => ({
  name: taskName(task),
  service: task.serviceName,
  firstSeenMs: before?.firstSeenMs ?? nowMs,
  // What already ran when we came has proven itself.
  runningMs: before?.runningMs ?? (isServing(task) ? (first ? nowMs - settleMs : nowMs) : undefined),
  text: textOf(task, tasks),
  ended: isTerminal(task.status.state),
});

const lived = (task: Task): number => (task.status.startedAtMs === 0 ? 0 : task.status.finishedAtMs - task.status.startedAtMs);

const countFailures = (state: FollowState, tasks: readonly Task[], nowMs: number): ReadonlyMap<string, readonly Task[]> => {
  const failures = new Map(state.failures);
  if (state.view === undefined) return failures;
  for (const task of [...tasks].reverse()) {
    const key = slotKey(task);
    const before = state.seen.get(task.id);
    if (isFailure(task.status.state)) {
      if (before?.ended) continue;
      failures.set(key, lived(task) >= longLifeMs ? [task] : [...(failures.get(key) ?? []), task]);
    } else if (isServing(task) && before?.runningMs !== undefined && nowMs - before.runningMs >= longLifeMs) {
      failures.delete(key);
    }
  }
  return failures;
};

const taskChanges = (state: FollowState, seen: ReadonlyMap<string, SeenTask>): string[] => {
  const lines: string[] = [];
  for (const [id, task] of seen) {
    const before = state.seen.get(id);
    // What ended before we came is history.
    if (before === undefined ? !(task.ended && state.view === undefined) : before.text !== task.text)
      lines.push(`${task.name}: ${task.text}`);
  }
  if (state.options.goal === 'gone') {
    for (const [id, task] of state.seen) if (!seen.has(id) && !task.ended) lines.push(`${task.name}: removed`);
  }
  return lines;
};

/** By the cluster's clock: those of two nodes may be hours apart. */
const endedAtMs = (task: Task): number => task.stateAtMs ?? task.status.atMs;

/** The newest failed task of a service, or undefined. */
const newestFailure = (service: ServiceView): Task | undefined =>
  service.tasks
    .filter((task) => isFailure(task.status.state))
    .reduce<Task | undefined>((newest, task) => (newest === undefined || endedAtMs(task) > endedAtMs(newest) ? task : newest), undefined);

const failureOf = (service: ServiceView, task: Task | undefined): ServiceFailure => ({
  service: nameOf(service),
  task: task === undefined ? '' : taskName(task),
  error: task === undefined ? service.waitingReason || 'it cannot become what was wished' : failureText(task),
  exitCode: task?.status.exitCode ?? undefined,
});

const gaveUpStates: readonly UpdateState[] = [UpdateState.UPDATE_PAUSED, UpdateState.ROLLBACK_PAUSED, UpdateState.ROLLBACK_COMPLETED];

/** What became of an update that failed, which tells of the task as well; undefined: none did. */
const updateFailure = (service: ServiceView): ServiceFailure | undefined => {
  const { state, message } = service.service.update ?? { state: UpdateState.UPDATE_NONE, message: '' };
  if (!service.failed || message === '' || !gaveUpStates.includes(state)) return undefined;
  return { ...failureOf(service, newestFailure(service)), task: '', error: `service ${nameOf(service)} is not updated: ${message}` };
};

/** Whether the manager will say when its attempts are used up: a job that was given so many is given them. */
const hasItsCount = (service: ServiceView): boolean => isJob(service) && service.service.spec.task.restart.maxAttempts > 0;

/** Empty while there is hope for all. Once one is lost, the others that failed and do not run are told with it. */
const failedServices = (services: readonly ServiceView[], failures: ReadonlyMap<string, readonly Task[]>): readonly ServiceFailure[] => {
  const broken = services.filter((service) => !service.converged || service.failed);
  const rowsOf = (service: ServiceView) => [...failures.values()].filter((tasks) => tasks[0]?.serviceName === nameOf(service));
  const isLost = (service: ServiceView) => service.failed || (!hasItsCount(service) && rowsOf(service).some(isHopeless));
  if (!broken.some(isLost)) return [];
  return broken.flatMap((service) => {
    const update = updateFailure(service);
    if (update !== undefined) return [update];
    const longest = rowsOf(service).toSorted((a, b) => b.length - a.length)[0];
    if (longest !== undefined) return [failureOf(service, longest.at(-1))];
    return service.failed ? [failureOf(service, newestFailure(service))] : [];
  });
};

/** The services that the goal speaks of. */
export const waitedServices = (view: StackView, options: FollowOptions): readonly ServiceView[] =>
  view.services.filter(
    (service) => options.services === undefined || options.services.includes(nameOf(service)) || service.service.removing,
  );

const settledAtMs = (services: readonly ServiceView[], seen: ReadonlyMap<string, SeenTask>): number =>
  Math.max(
    0,
    ...services
      .flatMap((service) => service.tasks)
      .filter((task) => isServing(task) && task.status.health === HealthState.HEALTH_NONE)
      .map((task) => (seen.get(task.id)?.runningMs ?? 0) + settleMs),
  );

const outcomeOf = (state: Omit<FollowState, 'outcome'>, view: StackView, nowMs: number): Outcome => {
  const { options } = state;
  if (options.goal === 'gone') {
    const waiting = view.services.map((service) => ({ service: nameOf(service), reason: waitsFor(service) }));
    return view.exists ? { kind: 'waiting', waiting } : { kind: 'done' };
  }
  const services = waitedServices(view, options);
  const failures = failedServices(services, state.failures);
  if (failures.length > 0) return { kind: 'failed', failures };
  const lost = services.flatMap((service) => {
    const text = lostRun(service, state.awaitedRuns);
    return text === undefined ? [] : [{ ...failureOf(service, undefined), error: `service ${nameOf(service)}: ${text}` }];
  });
  if (lost.length > 0) return { kind: 'failed', failures: lost };
  const missing = (options.services ?? []).filter((name) => !services.some((service) => nameOf(service) === name));
  const waiting = [
    ...services
      .filter((service) => (!service.converged && standsStill(service) === undefined) || service.service.removing)
      .map((service) => ({ service: nameOf(service), reason: waitsFor(service) })),
    ...missing.map((service) => ({ service, reason: 'it is not known to the cluster' })),
  ];
  if (waiting.length > 0) return { kind: 'waiting', waiting };
  const untilMs = settledAtMs(services, state.seen);
  if (untilMs > nowMs) return { kind: 'settling', untilMs };
  const standing = services.flatMap((service) => {
    const reason = standsStill(service);
    return reason === undefined ? [] : [{ service: nameOf(service), reason }];
  });
  return standing.length > 0 ? { kind: 'standing', standing } : { kind: 'done' };
};

/** Slots as they come, each slot's tasks from the oldest: told is what happened in the order it did. */
const inOrder = (tasks: readonly Task[]): readonly Task[] => {
  const keys = [...new Set(tasks.map(slotKey))];
  return tasks.toReversed().sort((a, b) => keys.indexOf(slotKey(a)) - keys.indexOf(slotKey(b)));
};

/** The state after one more view. `nowMs` is the caller's own clock: only its differences mean something. */
export const observe = (state: FollowState, view: StackView, nowMs: number): FollowState => {
  const tasks = view.services.flatMap((service) => service.tasks);
  const first = state.view === undefined;
  const seen = new Map(inOrder(tasks).map((task) => [task.id, seeTask(task, tasks, state.seen.get(task.id), first, nowMs)]));
  // What stands still as it was asked to is told at the end, with how to go on.
  const reasons = new Map(view.services.map((service) => [nameOf(service), standsStill(service) === undefined ? reasonOf(service) : '']));
  const told = tasks
    .flatMap((task) => [task.pendingReason, isFailure(task.status.state) ? failureText(task) : ''])
    .filter((text) => text !== '');
  const reasonLines = [...reasons]
    .filter(([name, reason]) => reason !== '' && reason !== state.reasons.get(name) && !told.some((text) => reason.includes(text)))
    .map(([name, reason]) => `${name}: ${reason}`);
  const updates = new Map(view.services.map((service) => [nameOf(service), updateCounts(service)]));
  const updateLines = [...updates]
    .filter(([name, counts]) => counts !== '' && counts !== state.updates.get(name))
    .map(([name, counts]) => `${name}: ${counts}`);
  const next = {
    options: state.options,
    view,
    changes: [...taskChanges(state, seen), ...updateLines, ...reasonLines],
    seen,
    updates,
    failures: countFailures(state, tasks, nowMs),
    reasons,
    awaitedRuns: new Set([
      ...state.awaitedRuns,
      ...view.services.flatMap(runsAskedFor),
      ...(first && state.options.asksForRuns ? waitedServices(view, state.options).flatMap(lastAskedFor) : []),
    ]),
  };
  return { ...next, outcome: outcomeOf(next, view, nowMs) };
};

/** The state when only time went by. */
export const tick = (state: FollowState, nowMs: number): FollowState =>
  state.view === undefined ? state : { ...state, changes: [], outcome: outcomeOf(state, state.view, nowMs) };

/** `web: no node fits…; cache: 0 of 1 run; cache.1 is preparing`. */
export const waitingText = (state: FollowState): string => {
  if (state.outcome.kind !== 'waiting') return '';
  if (state.view === undefined) return 'the cluster has not answered yet';
  return state.outcome.waiting.map(({ service, reason }) => `${service}: ${reason}`).join('; ') || 'the rest of the stack is being removed';
};
