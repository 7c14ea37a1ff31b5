import type { Service, Task, UpdateStatus } from '@tso/proto';
import { UpdateState } from '@tso/proto';
import { isLive, isServing, statusAtMs } from '../rules/task-facts.ts';
import { updatePace } from '../rules/update-pace.ts';
import { failureIn, failureText } from './failures.ts';
import type { Pass } from './pass.ts';
import type { SlotWork } from './slots.ts';

/** After how many replacements an update is to stand still; undefined: it is not, or was told to go on. */
const pauseAfterOf = (service: Service, update: UpdateStatus): number | undefined => {
  const { pauseAfter = 0 } = updatePace(service);
  // Tasks are replaced for other reasons too: only what a change of the spec does is tried with a few.
  const isTrial = update.state === UpdateState.UPDATING && service.unproven && update.wished === undefined;
  return isTrial && pauseAfter > 0 ? pauseAfter : undefined;
};

/** The places that have their task of this update in place of another; those that are new replace nothing. */
const begun = (service: Service, update: UpdateStatus, works: readonly SlotWork[]): readonly SlotWork[] =>
  works.filter(
    ({ fresh, tasks }) =>
      fresh !== undefined &&
      fresh.meta.createdAtMs >= update.startedAtMs &&
      tasks.some(({ specVersion }) => specVersion !== service.specVersion),
  );

/** How many replacements more the update may begin before it is to stand still. */
export const roomBeforePause = (service: Service, update: UpdateStatus, works: readonly SlotWork[]): number => {
  const most = pauseAfterOf(service, update);
  return most === undefined ? Number.POSITIVE_INFINITY : Math.max(0, most - begun(service, update, works).length);
};

const standsText = (replaced: number, places: number, failed: Task | undefined): string =>
  `the update stands still after ${replaced} of ${places} replacements, as its settings ask: "tso service update --continue" goes on, "tso service rollback" goes back${failed === undefined ? '' : `; ${failureText(failed)}`}`;

/**
 * The update standing still, once as many tasks were replaced as its settings say and each of them has served for the monitor period, or failed or
 * ended, while there is more to replace; otherwise as it is.
 * @param left places that are still to be replaced
 */
export const pausedByWish = (
  pass: Pass,
  service: Service,
  update: UpdateStatus,
  works: readonly SlotWork[],
  left: number,
): UpdateStatus => {
  const most = pauseAfterOf(service, update);
  const replaced = begun(service, update, works);
  if (most === undefined || left === 0 || replaced.length < most) return update;
  let watchedUntilMs = 0;
  let failed: Task | undefined;
  for (const work of replaced) {
    const { fresh, leaving } = work;
    const failure = failureIn(service, update, work);
    failed ??= failure;
    if (failure !== undefined || (fresh !== undefined && !isLive(fresh))) continue;
    if (fresh === undefined || !isServing(fresh) || leaving.some(isLive)) return update;
    watchedUntilMs = Math.max(watchedUntilMs, statusAtMs(fresh) + updatePace(service).monitorMs);
  }
  if (watchedUntilMs > pass.now) {
    pass.wakeAt(watchedUntilMs);
    return update;
  }
  return { ...update, state: UpdateState.UPDATE_PAUSED, wished: true, message: standsText(replaced.length, works.length, failed) };
};
