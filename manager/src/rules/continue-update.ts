import { type Service, TsoError, UpdateState } from '@tso/proto';
import { isPaused, isUnderWay } from './update-pace.ts';

const nothingText = ({ spec: { name }, update, removing, stopped }: Service): string => {
  if (removing) return `service ${name} is being removed: no update of it goes on`;
  if (stopped) return `service ${name} is stopped: no update of it goes on before it is started`;
  if (update?.state === UpdateState.ROLLBACK_STARTED) return `service ${name} is on its way back already: nothing of it stands still`;
  if (isUnderWay(update)) return `the update of service ${name} is under way already: it does not stand still`;
  return `service ${name} has no update that stands still`;
};

/**
 * The service with its update going on that stood still. One that its own settings stopped goes on as it was and stops no more. One that
 * failures stopped, or a rollback, is given a new start: failures so far and attempts that were used up count no more.
 * FAILED_PRECONDITION: nothing stands still.
 * @param now epoch milliseconds, by the cluster's clock
 */
export const continueUpdate = (service: Service, now: number): Service | TsoError => {
  const { update } = service;
  if (update === undefined || !isPaused(update) || service.removing || service.stopped)
    return new TsoError('FAILED_PRECONDITION', nothingText(service), { details: { service: service.spec.name } });
  if (update.wished === true && update.state === UpdateState.UPDATE_PAUSED)
    return { ...service, update: { ...update, state: UpdateState.UPDATING, message: '', wished: false, progressAtMs: now } };
  const state = update.state === UpdateState.ROLLBACK_PAUSED ? UpdateState.ROLLBACK_STARTED : UpdateState.UPDATING;
  return { ...service, specVersion: 0, update: { ...update, state, startedAtMs: now, message: '', progressAtMs: now } };
};
