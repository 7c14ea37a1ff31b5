import { isTerminal, type ServiceView, type StackView, type Task, TaskState, taskStateName } from '@tso/proto';
import { isJob } from './job-text.ts';
import { failureText, isFailure, slotKey, taskName } from './task-text.ts';

/** A task that was waited for, and how it ended. */
export interface EndedTask {
  readonly service: string;
  readonly slot: number;
  readonly taskId: string;
  readonly name: string;
  /** `complete`, `failed`, …; `gone` when it was forgotten before its end was seen. */
  readonly state: string;
  /** Null: its process never began, or its end was not seen. */
  readonly exitCode: number | null;
  /** Why it ended badly, one sentence; empty when it did not. */
  readonly error: string;
}

export type WaitOutcome =
  | { readonly kind: 'waiting'; readonly names: readonly string[] }
  | { readonly kind: 'ended'; readonly tasks: readonly EndedTask[] }
  /** A service that is waited for is not there. */
  | { readonly kind: 'missing'; readonly service: string };

/** Tasks that were there at the first look, by id as they were last seen; jobs are waited for as a whole. */
export interface WaitState {
  readonly services: readonly string[];
  readonly waited: ReadonlyMap<string, Task> | undefined;
  readonly outcome: WaitOutcome;
}

export const startWait = (services: readonly string[]): WaitState => ({
  services,
  waited: undefined,
  outcome: { kind: 'waiting', names: services },
});

const endOf = (task: Task, isSeen: boolean): EndedTask => {
  const { state, exitCode } = task.status;
  const common = { service: task.serviceName, slot: task.slot, taskId: task.id, name: taskName(task) };
  if (!isSeen && !isTerminal(state)) return { ...common, state: 'gone', exitCode: null, error: 'it is gone, and its end was not seen' };
  return { ...common, state: taskStateName(state), exitCode: exitCode ?? null, error: isFailure(state) ? failureText(task) : '' };
};

/** The newest task of each place that has come to an end. */
const lastOnes = (tasks: readonly Task[]): readonly Task[] => {
  const newest = new Map<string, Task>();
  for (const task of tasks.filter(({ status }) => isTerminal(status.state))) {
    const before = newest.get(slotKey(task));
    if (before === undefined || task.meta.createdAtMs > before.meta.createdAtMs) newest.set(slotKey(task), task);
  }
  return [...newest.values()];
};

/** Of the run that is under way, or was the last. */
const ofLastRun = ({ service, tasks }: ServiceView): readonly Task[] => {
  const last = Math.max(0, ...tasks.map(({ jobIteration }) => jobIteration));
  const iteration = service.spec.schedule === undefined ? service.jobIteration : last;
  return tasks.filter((task) => task.jobIteration === iteration);
};

/** Whether a job goes on by itself: it has neither come to its end nor been given up. */
const goesOn = (view: ServiceView): boolean => !view.converged && !view.failed;

const firstTasks = (services: readonly ServiceView[]): ReadonlyMap<string, Task> => {
  const waited = services
    .filter((view) => !isJob(view))
    .flatMap(({ tasks }) => {
      const live = tasks.filter(({ status }) => !isTerminal(status.state));
      return live.length > 0 ? live : lastOnes(tasks);
    });
  return new Map(waited.map((task) => [task.id, task]));
};

const bySlot = (a: EndedTask, b: EndedTask): number => (a.service < b.service ? -1 : a.service > b.service ? 1 : a.slot - b.slot);

/** The state after one more view: what ends first is remembered although the cluster forgets it. */
export const observeWait = (state: WaitState, view: StackView): WaitState => {
  const services = view.services.filter(({ service }) => state.services.includes(service.spec.name));
  const missing = state.services.find((name) => !services.some(({ service }) => service.spec.name === name));
  if (missing !== undefined) return { ...state, outcome: { kind: 'missing', service: missing } };
  const now = new Map(services.flatMap(({ tasks }) => tasks).map((task) => [task.id, task]));
  const waited = new Map([...(state.waited ?? firstTasks(services))].map(([id, task]) => [id, now.get(id) ?? task]));
  const open = [...waited.values()].filter(({ id, status }) => now.has(id) && !isTerminal(status.state)).map(taskName);
  const jobs = services.filter(isJob);
  const names = [...open, ...jobs.filter(goesOn).map(({ service }) => service.spec.name)];
  if (names.length > 0) return { ...state, waited, outcome: { kind: 'waiting', names } };
  const ends = [
    ...[...waited.values()].map((task) => endOf(task, now.has(task.id))),
    ...jobs.flatMap((job) => lastOnes(ofLastRun(job)).map((task) => endOf(task, true))),
  ];
  return { ...state, waited, outcome: { kind: 'ended', tasks: ends.toSorted(bySlot) } };
};

/** What the command ends with: the first code that is not 0; 1 where a task ended badly without one. */
export const exitCodeOfTasks = (tasks: readonly EndedTask[]): number =>
  tasks.map(({ exitCode, state }) => exitCode ?? (state === taskStateName(TaskState.SHUTDOWN) ? 0 : 1)).find((code) => code !== 0) ?? 0;

/** `web.1: failed with exit code 3`. */
export const endText = ({ name, state, exitCode, error }: EndedTask): string => {
  const code = exitCode === null ? '' : ` with exit code ${exitCode}`;
  return `${name}: ${state}${code}${exitCode === null && error !== '' ? `: ${error}` : ''}`;
};
