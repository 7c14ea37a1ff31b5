import type { Service } from '@tso/proto';
import { isAssigned, isLive, isServing, statusAtMs } from '../rules/task-facts.ts';
import { updatePace } from '../rules/update-pace.ts';
import type { Pass } from './pass.ts';
import type { SlotWork } from './slots.ts';

/** Whether a task of the place is on its way, or was a moment ago; one that finds no room keeps nobody from leaving. */
const isOnItsWay = (pass: Pass, service: Service, { fresh, leaving }: SlotWork): boolean => {
  if (fresh === undefined || !isLive(fresh)) return false;
  if (!isServing(fresh)) return isAssigned(fresh) || fresh.pendingReason === '' || fresh.notBeforeMs > pass.now;
  if (leaving.some((task) => task.id !== fresh.id && isLive(task))) return true;
  const restsUntilMs = statusAtMs(fresh) + updatePace(service).delayMs;
  if (restsUntilMs > pass.now) pass.wakeAt(restsUntilMs);
  return restsUntilMs > pass.now;
};

/**
 * Begins to move tasks that serve and have to leave their nodes, as many at once as updates replace and in their order: another one is made
 * ready elsewhere, or serves there, before the old one is stopped. Returns whether any is still to leave.
 */
export const evacuate = (pass: Pass, service: Service, works: readonly SlotWork[]): boolean => {
  const toLeave = works.filter((work) => work.evictee !== undefined);
  if (toLeave.length === 0) return false;
  const { parallelism } = updatePace(service);
  const underWay = works.filter((work) => isOnItsWay(pass, service, work)).length;
  const room = parallelism === 0 ? toLeave.length : Math.max(0, parallelism - underWay);
  for (const work of toLeave.slice(0, Math.min(room, pass.newTasks.left))) work.leave();
  return true;
};
