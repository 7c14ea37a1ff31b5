import type { Service } from '@tso/proto';
import { isJob } from './jobs.ts';
import { withoutUpdate } from './update-pace.ts';

/**
 * The service with each of its tasks to be replaced once, as an update does it; attempts that were used up count no more. A job that has no
 * schedule runs again, and one that was stopped is started. What it would go back to stays the same.
 */
export const restarted = (service: Service): Service => {
  const { task } = service.spec;
  const spec = { ...service.spec, task: { ...task, forceUpdate: task.forceUpdate + 1 } };
  const runsAgain = isJob(service) && spec.schedule === undefined;
  return {
    ...withoutUpdate(service),
    spec,
    specVersion: 0,
    stopped: false,
    jobIteration: service.jobIteration + (runsAgain ? 1 : 0),
  };
};
