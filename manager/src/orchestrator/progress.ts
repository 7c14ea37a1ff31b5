import type { Service, Task, UpdateStatus } from '@tso/proto';
import { HealthState, TaskState, taskStateName, UpdateState } from '@tso/proto';
import { endText, isAssigned, isLive, isOccupant, isServing, statusAtMs, stopMs } from '../rules/task-facts.ts';
import { updatePace } from '../rules/update-pace.ts';
import { durationText, taskName } from '../rules/words.ts';
import { isThrough } from './failures.ts';
import { firstStartHold } from './hold.ts';
import type { Pass } from './pass.ts';
import type { SlotWork } from './slots.ts';

/** How long an update may go on without a task more that serves, where it does not say. */
export const defaultProgressDeadlineMs = 10 * 60_000;

/** When a task more served last in the update, or it was begun, or told to go on. */
export const progressAtMs = (update: UpdateStatus, works: readonly SlotWork[]): number =>
  works.reduce((latest, { fresh }) => {
    return fresh !== undefined && isServing(fresh) ? Math.max(latest, statusAtMs(fresh)) : latest;
  }, update.progressAtMs ?? update.startedAtMs);

/** How long tasks that are being stopped may take to end: their successors are not late before. */
const graceMs = (works: readonly SlotWork[]): number =>
  works
    .flatMap(({ tasks }) => tasks)
    .filter((task) => isLive(task) && !isOccupant(task))
    .reduce((most, task) => Math.max(most, stopMs(task)), 0);

/** What a task that does not serve is at: its pending reason, or what its agent says of it. */
const waitText = (task: Task): string => {
  const { state, health, message, error } = task.status;
  if (task.pendingReason !== '') return `${taskName(task)}: ${task.pendingReason}`;
  if (!isLive(task)) return `${taskName(task)} failed: ${endText(task)}`;
  if (!isAssigned(task)) return `${taskName(task)} has no node yet`;
  const isUnhealthy = health === HealthState.UNHEALTHY || (state === TaskState.RUNNING && health === HealthState.HEALTH_STARTING);
  const said = error === '' ? message : error;
  return `${taskName(task)} ${isUnhealthy ? 'is not healthy' : `is ${taskStateName(state)}`}${said === '' ? '' : `: ${said}`}`;
};

/** The first of the new tasks that does not serve; of several in a place the one that is to. */
const waitedFor = (works: readonly SlotWork[]): string => {
  const task = works.flatMap(({ fresh }) => (fresh === undefined || isServing(fresh) ? [] : [fresh])).find(Boolean);
  return task === undefined ? '' : `; ${waitText(task)}`;
};

/** Whether an update comes too slowly. */
export type Progress =
  | { readonly kind: 'on time' }
  /** It waits for services that it depends on: their own time is what counts meanwhile. */
  | { readonly kind: 'held' }
  /** The end of a sentence that says what it waits for. */
  | { readonly kind: 'late'; readonly why: string };

/**
 * Whether the deadline of an update under way has passed without a task more that serves. What its own settings ask for is not counted: its
 * delay, and the time that tasks are given to end. Asks for a plan when it passes.
 */
export const progressOf = (pass: Pass, service: Service, update: UpdateStatus, works: readonly SlotWork[]): Progress => {
  const { progressDeadlineMs = defaultProgressDeadlineMs, delayMs } = updatePace(service);
  const behind = works.filter((work) => !isThrough(service, update, work));
  if (progressDeadlineMs === 0 || behind.length === 0) return { kind: 'on time' };
  const lateAtMs = progressAtMs(update, works) + progressDeadlineMs + delayMs + graceMs(works);
  if (lateAtMs > pass.now) {
    pass.wakeAt(lateAtMs);
    return { kind: 'on time' };
  }
  const wasHeld = update.state === UpdateState.UPDATING && update.message !== '';
  if (wasHeld || firstStartHold(pass.draft, service, pass.known) !== undefined) return { kind: 'held' };
  return { kind: 'late', why: `no task more has served for ${durationText(progressDeadlineMs)}${waitedFor(behind)}` };
};
