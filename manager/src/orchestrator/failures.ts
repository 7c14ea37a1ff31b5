import type { Service, Task, UpdateStatus } from '@tso/proto';
import { RestartCondition, TaskState } from '@tso/proto';
import { endText, hasFailed, isLive, isServing, lifetimeMs } from '../rules/task-facts.ts';
import { updatePace } from '../rules/update-pace.ts';
import { taskName } from '../rules/words.ts';
import type { SlotWork } from './slots.ts';

/** Whether it ended though it is to go on: what its policy starts again whatever it came to has not done its work by ending. */
const hasGivenUp = (service: Service, task: Task): boolean =>
  hasFailed(task) ||
  (task.status.state === TaskState.COMPLETE &&
    task.retiredBecause === undefined &&
    service.spec.task.restart.condition === RestartCondition.RESTART_ANY);

/** The newest task of the place, of the present spec, that failed in this update before it served for the monitor period; undefined: none did. */
export const failureIn = (service: Service, update: UpdateStatus, work: SlotWork): Task | undefined =>
  work.tasks.find(
    (task) =>
      task.specVersion === service.specVersion &&
      hasGivenUp(service, task) &&
      task.meta.createdAtMs >= update.startedAtMs &&
      lifetimeMs(task) <= updatePace(service).monitorMs,
  );

/** `web.1 failed: exit code 1` */
export const failureText = (task: Task): string =>
  hasFailed(task) ? `${taskName(task)} failed: ${endText(task)}` : `${taskName(task)} ended, and is to go on: ${endText(task)}`;

/**
 * Whether an update under way has nothing more to do in the place: its new task serves, or has ended and stays so, with nothing older
 * left; or it has failed, and the update's settings let it go on without. What serves there of an older spec does so until another attempt succeeds.
 */
export const isThrough = (service: Service, update: UpdateStatus, work: SlotWork): boolean => {
  const { fresh, stale } = work;
  if (stale.length === 0 && (fresh === undefined || !isLive(fresh) || isServing(fresh))) return true;
  return fresh !== undefined && failureIn(service, update, work) !== undefined;
};
