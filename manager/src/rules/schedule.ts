import { ConcurrencyPolicy, type JobRun, lastFiring, nextFiring, RunState, type ScheduleSpec, type Service, type Task } from '@tso/proto';
import { scheduleOf } from './jobs.ts';
import { durationText } from './words.ts';

/** More runs of one job do not go on side by side, whatever its policy allows: one that never ends must not fill the cluster. */
export const maxRunsAtOnce = 10;

export const isUnderWayRun = ({ state }: JobRun): boolean => state === RunState.RUN_UNDER_WAY;

/** Whether none was begun after it. */
export const isLastRun = ({ jobIteration }: Pick<Service, 'jobIteration'>, { iteration }: JobRun): boolean => iteration === jobIteration;

/** Whether somebody asked for it, rather than it being due. */
export const isByHand = ({ scheduledAtMs }: JobRun): boolean => scheduledAtMs === 0;

/** Newest first. */
export const runsUnderWay = ({ runs }: Pick<Service, 'runs'>): readonly JobRun[] => runs.filter(isUnderWayRun);

/** Whether the last run that came to an end came to a good one; false when there was none. */
export const lastRunSucceeded = ({ runs }: Pick<Service, 'runs'>): boolean => {
  const ended = runs.find((run) => !isUnderWayRun(run) && run.state !== RunState.RUN_SKIPPED);
  return ended?.state === RunState.RUN_SUCCEEDED;
};

/** Whether both are due at the same instants. */
export const isSameSchedule = (a: ScheduleSpec | undefined, b: ScheduleSpec | undefined): boolean =>
  a?.cron === b?.cron && a?.timeZone === b?.timeZone;

/** The job as if it had run in that iteration last: what is asked of its tasks is then asked of those of that run. */
export const asOfRun = (service: Service, { iteration }: JobRun): Service => ({ ...service, jobIteration: iteration });

export const isOfRun = ({ iteration }: JobRun, task: Task): boolean => iteration !== 0 && task.jobIteration === iteration;

type Kind = 'success' | 'failure' | 'skipped';

const kindOf = ({ state }: JobRun): Kind | undefined => {
  switch (state) {
    case RunState.RUN_UNDER_WAY:
      return undefined;
    case RunState.RUN_SUCCEEDED:
      return 'success';
    case RunState.RUN_SKIPPED:
      return 'skipped';
    default:
      return 'failure';
  }
};

/**
 * The runs that are kept, and whether their tasks are: those under way, and of those that ended as many as the schedule says of each kind. What was
 * replaced counts among what failed. The last that ended and the last that was left out are kept in any case, without tasks where the history is none.
 */
export const keptRuns = (
  runs: readonly JobRun[],
  { successfulHistory, failedHistory }: Pick<ScheduleSpec, 'successfulHistory' | 'failedHistory'>,
): readonly { readonly run: JobRun; readonly withTasks: boolean }[] => {
  const limit: Readonly<Record<Kind, number>> = { success: successfulHistory, failure: failedHistory, skipped: Math.max(1, failedHistory) };
  const count: Record<Kind, number> = { success: 0, failure: 0, skipped: 0 };
  let hasEnded = false;
  return runs.flatMap((run) => {
    const kind = kindOf(run);
    if (kind === undefined) return [{ run, withTasks: true }];
    count[kind] += 1;
    const isWithin = count[kind] <= limit[kind];
    const isLastEnded = kind !== 'skipped' && !hasEnded;
    hasEnded ||= kind !== 'skipped';
    return isWithin || isLastEnded ? [{ run, withTasks: isWithin && kind !== 'skipped' }] : [];
  });
};

/** The run without those that its history has no room for. */
const withRuns = (service: Service, schedule: ScheduleSpec, runs: readonly JobRun[]): Service => ({
  ...service,
  runs: keptRuns(runs, schedule).map(({ run }) => run),
});

const runText = ({ iteration }: JobRun): string => `run ${iteration}`;

/** The job with a run that is left out, and why. */
const skipped = (service: Service, schedule: ScheduleSpec, scheduledAtMs: number, now: number, message: string): Service => {
  const run: JobRun = { iteration: 0, scheduledAtMs, startedAtMs: now, endedAtMs: now, state: RunState.RUN_SKIPPED, message };
  return withRuns(service, schedule, [run, ...service.runs]);
};

/** Why a run cannot be begun beside those under way, one sentence; undefined: it can. */
const hindrance = (schedule: ScheduleSpec, underWay: readonly JobRun[]): string | undefined => {
  const [newest] = underWay;
  if (newest === undefined || schedule.concurrency === ConcurrencyPolicy.CONCURRENCY_REPLACE) return undefined;
  if (schedule.concurrency === ConcurrencyPolicy.CONCURRENCY_FORBID) return `${runText(newest)} was still under way`;
  return underWay.length < maxRunsAtOnce ? undefined : `${underWay.length} runs were still under way, and no more go on at once`;
};

/**
 * The job with one more run, as its policy has it: beside those under way, in their place, or left out.
 * @param scheduledAtMs when it was due; 0: somebody asked for it
 */
const withRun = (service: Service, schedule: ScheduleSpec, scheduledAtMs: number, now: number): Service => {
  const hindered = hindrance(schedule, runsUnderWay(service));
  if (hindered !== undefined) return skipped(service, schedule, scheduledAtMs, now, hindered);
  const iteration = service.jobIteration + 1;
  const run: JobRun = { iteration, scheduledAtMs, startedAtMs: now, endedAtMs: 0, state: RunState.RUN_UNDER_WAY, message: '' };
  const replaces = schedule.concurrency === ConcurrencyPolicy.CONCURRENCY_REPLACE;
  const others = service.runs.map((other) =>
    replaces && isUnderWayRun(other)
      ? { ...other, endedAtMs: now, state: RunState.RUN_REPLACED, message: `${runText(run)} took its place` }
      : other,
  );
  return { ...withRuns(service, schedule, [run, ...others]), jobIteration: iteration };
};

/**
 * A scheduled job asked to run now, beside its schedule; its policy holds for that run as well, and one that is left out is among the job's
 * runs with the reason. Any other service as it is.
 * @param now epoch milliseconds
 */
export const runNow = (service: Service, now: number): Service => {
  const schedule = scheduleOf(service);
  return schedule === undefined ? service : withRun(service, schedule, 0, now);
};

/** The job with what is due now dealt with: at most one run more, the last that was due, unless that was too long ago. */
const withDueRun = (service: Service, schedule: ScheduleSpec, now: number): Service => {
  const dueAtMs = lastFiring(schedule, service.scheduledAtMs, now);
  if (dueAtMs === undefined) return service;
  const lateMs = now - dueAtMs;
  const dealtWith = { ...service, scheduledAtMs: dueAtMs };
  if (schedule.startingDeadlineMs === 0 || lateMs <= schedule.startingDeadlineMs) return withRun(dealtWith, schedule, dueAtMs, now);
  const message = `it could be begun ${durationText(lateMs)} after it was due, and ${durationText(schedule.startingDeadlineMs)} are the most`;
  return skipped(dealtWith, schedule, dueAtMs, now, message);
};

export interface Firing {
  readonly service: Service;
  /** When it is due next (epoch milliseconds); undefined: not again, or it is stopped. */
  readonly nextAtMs: number | undefined;
}

/** From when on a job is due that was just changed or started: what was dealt with by a clock that was ahead is not due again. */
const sinceMs = ({ meta, runs }: Service): number => Math.max(meta.updatedAtMs, ...runs.map(({ scheduledAtMs }) => scheduledAtMs));

/**
 * A scheduled job with the runs begun that are due (SwarmKit has none of this; what is missed is as with cron jobs of Kubernetes). It is due from
 * when it was last changed or started on, never for the time before.
 */
export const fired = (service: Service, schedule: ScheduleSpec, now: number): Firing => {
  if (service.stopped) return { service: service.scheduledAtMs === 0 ? service : { ...service, scheduledAtMs: 0 }, nextAtMs: undefined };
  const counted = service.scheduledAtMs === 0 ? { ...service, scheduledAtMs: sinceMs(service) } : service;
  const after = withDueRun(counted, schedule, now);
  return { service: after, nextAtMs: nextFiring(schedule, Math.max(after.scheduledAtMs, now)) };
};
