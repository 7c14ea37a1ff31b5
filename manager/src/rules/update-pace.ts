import { type Service, type UpdateConfig, UpdateFailureAction, UpdateState, type UpdateStatus } from '@tso/proto';

/** Whether tasks are being replaced: forward, or back. */
export const isUnderWay = (update: UpdateStatus | undefined): boolean =>
  update?.state === UpdateState.UPDATING || update?.state === UpdateState.ROLLBACK_STARTED;

/** An update that begins. */
export const begunUpdate = (now: number): UpdateStatus => ({
  state: UpdateState.UPDATING,
  startedAtMs: now,
  completedAtMs: 0,
  message: '',
  progressAtMs: now,
});

/** Whether it stands still until somebody says how to go on. */
export const isPaused = (update: UpdateStatus | undefined): boolean =>
  update?.state === UpdateState.UPDATE_PAUSED || update?.state === UpdateState.ROLLBACK_PAUSED;

/** Whether it is as somebody wishes: it stands still because its own settings say so, or goes back because it was asked to. */
const isWished = (update: UpdateStatus | undefined): boolean => update?.wished === true && update.state !== UpdateState.ROLLBACK_PAUSED;

/** Whether it stands still because its own settings say so, until somebody tells it to go on. */
export const isPausedByWish = (update: UpdateStatus | undefined): boolean => isPaused(update) && isWished(update);

/** Whether what was wished did not come to be and will not by itself: it stands still, or the service has gone back to what it was by itself. */
export const isGivenUp = (update: UpdateStatus | undefined): boolean =>
  !isWished(update) && (isPaused(update) || update?.state === UpdateState.ROLLBACK_COMPLETED);

/** The service without the state of its last update: the next one starts anew, and what moving its tasks came to is history. */
export const withoutUpdate = ({ update: _ended, rebalancePaused: _forgotten, ...rest }: Service): Service => rest;

/**
 * Whether an update goes on that would go back if one of the new tasks failed while it is watched. Tasks are replaced for other reasons too (a
 * restart, another attempt): then the spec has proven itself, and there is nothing to go back from.
 */
export const mayGoBack = ({ spec, update, unproven, previousSpec }: Service): boolean =>
  update?.state === UpdateState.UPDATING &&
  unproven &&
  previousSpec !== undefined &&
  spec.update.failureAction === UpdateFailureAction.FAILURE_ROLLBACK;

/** Whether the service is on its way back to what it was. */
export const goesBack = ({ update }: Service): boolean => update?.state === UpdateState.ROLLBACK_STARTED;

const backStates: readonly (UpdateState | undefined)[] = [
  UpdateState.ROLLBACK_STARTED,
  UpdateState.ROLLBACK_PAUSED,
  UpdateState.ROLLBACK_COMPLETED,
];

/** How fast tasks of the service are replaced, in which order, and what a failure does: on the way back `rollback_config` says it. */
export const updatePace = ({ spec, update }: Service): UpdateConfig => (backStates.includes(update?.state) ? spec.rollback : spec.update);
