import { ServiceMode, type ServiceView } from '@tso/proto';
import { autoscaleBounds } from './autoscale-text.ts';
import { isIdle } from './schedule-text.ts';

/** Whether the service runs to its end. */
export const isJob = ({ service }: ServiceView): boolean =>
  service.spec.mode === ServiceMode.REPLICATED_JOB || service.spec.mode === ServiceMode.GLOBAL_JOB;

/** How often a job is done in its present iteration; what runs of a scheduled one did that are over counts no more. A manager that does not say yet has none done. */
export const completedOf = (view: ServiceView): number => (isIdle(view) ? 0 : (view.completed ?? 0));

const modeNames: Readonly<Record<ServiceMode, string>> = {
  [ServiceMode.REPLICATED]: 'replicated',
  [ServiceMode.GLOBAL]: 'global',
  [ServiceMode.REPLICATED_JOB]: 'replicated-job',
  [ServiceMode.GLOBAL_JOB]: 'global-job',
};

/** As compose files call it. */
export const modeText = ({ service }: ServiceView): string => modeNames[service.spec.mode];

/** `2 of 3 run`; of a job `1 of 3 done, 2 run`, of a scheduled one between its runs `idle`. */
export const countsText = (view: ServiceView): string => {
  if (!isJob(view)) return `${view.running} of ${view.desired} run`;
  if (isIdle(view)) return 'idle';
  const running = view.running === 0 ? '' : `, ${view.running} run`;
  return `${completedOf(view)} of ${view.desired} done${running}`;
};

/** `2/3`, of one that scales by itself `2/3 (1-5)`; of a job `1/3 done`, of a scheduled one between its runs `idle`. */
export const shortCounts = (view: ServiceView): string => {
  if (!isJob(view)) return `${view.running}/${view.desired}${autoscaleBounds(view)}`;
  return isIdle(view) ? 'idle' : `${completedOf(view)}/${view.desired} done`;
};

/** Of all services together: `5 of 6 tasks run`, with jobs `5 of 6 tasks run, 1 of 3 completions`. */
export const totalsText = (services: readonly ServiceView[]): string => {
  const sum = (views: readonly ServiceView[], of: (view: ServiceView) => number): number =>
    views.reduce((total, view) => total + of(view), 0);
  const jobs = services.filter(isJob);
  const others = services.filter((view) => !isJob(view));
  const tasks = `${sum(others, ({ running }) => running)} of ${sum(others, ({ desired }) => desired)} tasks run`;
  const done = `${sum(jobs, completedOf)} of ${sum(jobs, ({ desired }) => desired)} completions`;
  if (jobs.length === 0) return tasks;
  return others.length === 0 ? done : `${tasks}, ${done}`;
};
