import { type JobSpec, RestartCondition, type RestartPolicy, ServiceMode } from '@tso/proto';
import { concurrencyKey } from '../attributes/extensions.ts';
import type { ServiceModel } from '../model.ts';
import { type ConvertInput, tell } from './context.ts';

/** Services that run to their end. */

export const isJob = (mode: ServiceMode): boolean => mode === ServiceMode.REPLICATED_JOB || mode === ServiceMode.GLOBAL_JOB;

/** What Docker refuses beside a job too, or what nothing could come of (E303). */
const checkJob = (input: ConvertInput, service: ServiceModel, name: string): void => {
  const path = ['services', name];
  const mode = service.deploy?.mode ?? '';
  for (const key of ['update_config', 'rollback_config'] as const) {
    if (service.deploy?.[key] === undefined) continue;
    const message = `service ${name} is a ${mode}, which is run anew when it changes and never updated task by task: ${key} cannot be said`;
    tell(input, 'E303', [...path, 'deploy', key], message, `remove ${key}`);
  }
  if ((service.ports ?? []).length > 0) {
    const message = `service ${name} is a ${mode}, which answers nobody: ports cannot be published`;
    tell(input, 'E303', [...path, 'ports'], message, 'remove ports, or use deploy.mode: replicated');
  }
};

/** `x-tso-max-concurrent: 3`; undefined: it is not said. */
const toConcurrency = (input: ConvertInput, service: ServiceModel, name: string, mode: ServiceMode): number | undefined => {
  const said = service[concurrencyKey];
  if (said === undefined || said === null) return undefined;
  const path = ['services', name, concurrencyKey];
  if (mode !== ServiceMode.REPLICATED_JOB) {
    const message = `${concurrencyKey} has no effect: service ${name} is no job that completes several times`;
    tell(input, 'W400', path, message, 'remove it, or use deploy.mode: replicated-job');
  }
  if (/^\d{1,5}$/.test(String(said))) return Number(said);
  tell(input, 'E202', path, `${JSON.stringify(said)} is not a number of tasks`, 'write a number from 1, or 0 for all at once');
  return undefined;
};

/**
 * How far a job goes: as many completions as replicas, all at once, as Docker takes it, unless `x-tso-max-concurrent` says fewer. Undefined: it is no such
 * job.
 */
export const toJob = (input: ConvertInput, service: ServiceModel, name: string, mode: ServiceMode): JobSpec | undefined => {
  const concurrent = toConcurrency(input, service, name, mode);
  if (!isJob(mode)) return undefined;
  checkJob(input, service, name);
  if (mode === ServiceMode.GLOBAL_JOB) return undefined;
  const count = service.deploy?.replicas ?? service.scale ?? 1;
  return { totalCompletions: count, maxConcurrent: concurrent ?? count };
};

/** A job that has ended well has ended: `any` means on-failure there (SwarmKit orchestrator/restart). Where the file asks for more it is told. */
export const jobRestart = (input: ConvertInput, service: ServiceModel, name: string, policy: RestartPolicy): RestartPolicy => {
  if (policy.condition !== RestartCondition.RESTART_ANY) return policy;
  const said = service.deploy?.restart_policy?.condition ?? service.restart;
  if (said !== undefined) {
    const key = service.deploy?.restart_policy?.condition === undefined ? ['restart'] : ['deploy', 'restart_policy', 'condition'];
    const message = `service ${name} is a ${service.deploy?.mode}: what has completed is not run again, so ${said} means on-failure`;
    tell(input, 'W401', ['services', name, ...key], message, 'write on-failure, or none');
  }
  return { ...policy, condition: RestartCondition.RESTART_ON_FAILURE };
};
