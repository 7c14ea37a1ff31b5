import type { Service } from '@tso/proto';
import { isJob } from './jobs.ts';
import { begunUpdate, withoutUpdate } from './update-pace.ts';

/**
 * The service with nothing of it to run until it is started; how many tasks it is wished to have stays. An update of it ends where it is: what is
 * started then is all of the present spec.
 */
export const stopped = (service: Service): Service => (service.stopped ? service : { ...withoutUpdate(service), stopped: true });

/**
 * The service with as many tasks as it had, or is wished to have, after it was stopped: as at a first start, so that it waits for what it
 * depends on and is started along with it, and attempts that were used up count no more. An update that had not come to its end is watched again. What a job has completed stays done.
 * @param now epoch milliseconds, by the cluster's clock
 */
export const started = (service: Service, now: number): Service => {
  if (!service.stopped) return service;
  const next: Service = { ...service, stopped: false, specVersion: 0 };
  if (!service.unproven || isJob(service)) return next;
  return { ...next, update: begunUpdate(now) };
};
