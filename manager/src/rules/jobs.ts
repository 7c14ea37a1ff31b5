import {
  RestartCondition,
  type RestartPolicy,
  type ScheduleSpec,
  type Service,
  ServiceMode,
  type ServiceSpec,
  type Task,
  TaskState,
} from '@tso/proto';
import { servesSpec } from './replacement.ts';

/** Whether services of that mode run to their end: once on every node, or so many times. */
export const isJobMode = (mode: ServiceMode): boolean => mode === ServiceMode.REPLICATED_JOB || mode === ServiceMode.GLOBAL_JOB;

export const isJob = ({ spec }: Pick<Service, 'spec'>): boolean => isJobMode(spec.mode);

/** The schedule of a job; undefined: it has none and runs when it is applied, or it is no job. */
export const scheduleOf = (service: Pick<Service, 'spec'>): ScheduleSpec | undefined =>
  isJob(service) ? service.spec.schedule : undefined;

/** Whether it runs when it is due rather than when it is applied. */
export const isScheduled = (service: Pick<Service, 'spec'>): boolean => scheduleOf(service) !== undefined;

/** Whether its places are nodes rather than numbered slots. */
export const isByNode = (mode: ServiceMode): boolean => mode === ServiceMode.GLOBAL || mode === ServiceMode.GLOBAL_JOB;

/** How many numbered places a service is to have; 0 for one whose places are nodes. */
export const slotsOf = ({ mode, replicas, job }: Pick<ServiceSpec, 'mode' | 'replicas' | 'job'>): number => {
  if (mode === ServiceMode.REPLICATED_JOB) return job?.totalCompletions ?? 1;
  return mode === ServiceMode.REPLICATED ? replicas : 0;
};

/** How many tasks of a job may go on at once. */
export const mostAtOnce = ({ job }: Pick<ServiceSpec, 'job'>): number => {
  const most = job?.maxConcurrent ?? 0;
  return most === 0 ? Number.POSITIVE_INFINITY : most;
};

/** Whether it may have more than one task at a time; one that follows its load, as many as its bounds let it. */
export const mayHaveSeveral = (spec: Pick<ServiceSpec, 'mode' | 'replicas' | 'job' | 'autoscale'>): boolean => {
  if (isByNode(spec.mode)) return true;
  if (isJobMode(spec.mode)) return Math.min(slotsOf(spec), mostAtOnce(spec)) > 1;
  return (spec.autoscale?.max ?? spec.replicas) > 1;
};

/** The service with another number of tasks, or of completions; one whose places are nodes as it is. A job that does all at once goes on doing so. */
export const withSlots = (spec: ServiceSpec, slots: number): ServiceSpec => {
  if (spec.mode === ServiceMode.REPLICATED) return { ...spec, replicas: slots };
  if (spec.mode !== ServiceMode.REPLICATED_JOB) return spec;
  const { totalCompletions, maxConcurrent } = spec.job ?? { totalCompletions: 1, maxConcurrent: 0 };
  return { ...spec, job: { totalCompletions: slots, maxConcurrent: maxConcurrent === totalCompletions ? slots : maxConcurrent } };
};

/** What becomes of ended tasks: what a job has completed is not done again, whatever the policy says (SwarmKit's rule). */
export const restartPolicyOf = ({ mode, task }: Pick<ServiceSpec, 'mode' | 'task'>): RestartPolicy =>
  isJobMode(mode) && task.restart.condition === RestartCondition.RESTART_ANY
    ? { ...task.restart, condition: RestartCondition.RESTART_ON_FAILURE }
    : task.restart;

/** Whether the task is of the present time that the job runs; true of every task of what is no job. */
export const isOfIteration = (service: Service, task: Task): boolean => !isJob(service) || task.jobIteration === service.jobIteration;

/**
 * Whether the task has done, once and for all, what is asked of its place in the job as it is; also when it was asked to stop meanwhile. What a run
 * of a scheduled job has done stays done when the job is changed: the next run is of what it is then.
 */
export const isDone = (service: Service, task: Task): boolean =>
  isJob(service) &&
  task.status.state === TaskState.COMPLETE &&
  task.jobIteration === service.jobIteration &&
  (isScheduled(service) || task.specVersion === service.specVersion || servesSpec(service, task));
