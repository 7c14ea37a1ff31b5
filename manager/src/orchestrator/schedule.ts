import { ConcurrencyPolicy, type JobRun, RunState, type ScheduleSpec, type Service, type Task } from '@tso/proto';
import { failureOfPlaces } from '../rules/convergence.ts';
import { isByNode, scheduleOf } from '../rules/jobs.ts';
import { asOfRun, type Firing, fired, isLastRun, isOfRun, isUnderWayRun, keptRuns, runsUnderWay } from '../rules/schedule.ts';
import { isAssigned, isLive, isOccupant } from '../rules/task-facts.ts';
import { orchestrateJob, workOn } from './job.ts';
import type { Pass } from './pass.ts';
import { forget, retire, stoppedText } from './tasks.ts';

/** A job that had no schedule goes on with what it was at, as a run that somebody asked for. */
const withRunOfBefore = ({ draft, now }: Pass, service: Service): Service => {
  const tasks = draft.tasksOfService(service.id).filter(({ jobIteration }) => jobIteration === service.jobIteration);
  if (service.runs.length > 0 || !tasks.some((task) => isLive(task) && isOccupant(task))) return service;
  // Its number is one that no run has had: 0 says that there was none.
  const iteration = service.jobIteration + 1;
  for (const task of tasks) draft.putTask({ ...task, jobIteration: iteration });
  const run: JobRun = { iteration, scheduledAtMs: 0, startedAtMs: now, endedAtMs: 0, state: RunState.RUN_UNDER_WAY, message: '' };
  return { ...service, jobIteration: iteration, runs: [run] };
};

/** A stopped job with its runs ended. */
const withStoppedRuns = ({ now }: Pass, service: Service): Service =>
  service.stopped && service.runs.some(isUnderWayRun)
    ? {
        ...service,
        runs: service.runs.map((run) =>
          isUnderWayRun(run)
            ? { ...run, endedAtMs: now, state: RunState.RUN_FAILED, message: 'the job was stopped while it was under way' }
            : run,
        ),
      }
    : service;

const whyOver = ({ message }: JobRun): string => (message === '' ? 'its run is over' : `its run is over: ${message}`);

/** Lets the tasks go whose runs are not kept, and stops those whose runs are over; what the last run came to stays to be seen. */
const clearAway = ({ draft }: Pass, service: Service, schedule: ScheduleSpec): void => {
  const kept = keptRuns(service.runs, schedule).filter(({ withTasks }) => withTasks);
  const tasks = draft.tasksOfService(service.id);
  const runOf = (task: Task): JobRun | undefined => kept.find(({ run }) => isOfRun(run, task))?.run;
  forget(
    draft,
    tasks.filter((task) => runOf(task) === undefined),
    'its run is kept no more',
  );
  for (const task of tasks) {
    const run = runOf(task);
    if (run === undefined || isUnderWayRun(run) || !isOccupant(task)) continue;
    if (isLive(task) || !isLastRun(service, run)) retire(draft, task, service.stopped ? stoppedText : whyOver(run));
  }
};

/** Whether tasks of runs that are over still run: where runs must not overlap, none begins before they have ended. */
const hasLeftOver = ({ draft }: Pass, service: Service): boolean => {
  const underWay = runsUnderWay(service);
  return draft.tasksOfService(service.id).some((task) => isLive(task) && isAssigned(task) && !underWay.some((run) => isOfRun(run, task)));
};

/** Why a run has no place at all. */
const nowhereText = ({ spec }: Service): string => (isByNode(spec.mode) ? 'no node takes a task of it' : 'no completions are wished of it');

/** The run after its places were brought towards their end. */
const carriedOn = (pass: Pass, service: Service, run: JobRun, mayBegin: boolean): JobRun => {
  const job = asOfRun(service, run);
  const hadTasks = pass.draft.tasksOfService(service.id).some((task) => isOfRun(run, task));
  const { places } = workOn(pass, job, mayBegin);
  const ended = { ...run, endedAtMs: pass.now };
  if (places.length === 0) return { ...ended, state: hadTasks ? RunState.RUN_FAILED : RunState.RUN_SKIPPED, message: nowhereText(service) };
  if (!places.every((place) => place.isOver)) {
    return { ...run, message: mayBegin ? '' : 'waits for what still runs of the run before to end' };
  }
  if (places.every((place) => place.isDone)) return { ...ended, state: RunState.RUN_SUCCEEDED, message: '' };
  return { ...ended, state: RunState.RUN_FAILED, message: failureOfPlaces(pass.draft, job) ?? 'it did not complete' };
};

/** The job with those runs ended that nothing is left to do of. */
const withEndedRuns = (pass: Pass, service: Service): Service => {
  const runs = service.runs.map((run) => {
    const after = isUnderWayRun(run) ? carriedOn(pass, service, run, false) : run;
    return isUnderWayRun(after) ? run : after;
  });
  return { ...service, runs };
};

/** The job with what is due begun: what came to its end since the last plan is no run that goes on, and neither is left out for it nor stopped. */
const firedAfterEnds = (pass: Pass, service: Service, schedule: ScheduleSpec): Firing => {
  const firing = fired(service, schedule, pass.now);
  const changesRuns = service.stopped || firing.service.runs !== service.runs;
  return changesRuns && service.runs.some(isUnderWayRun) ? fired(withEndedRuns(pass, service), schedule, pass.now) : firing;
};

/**
 * Begins the runs of a scheduled job that are due, and brings those under way towards their end, each as a job of its own with places, attempts
 * and a history of its own. A change of the job begins nothing: what a run under way still begins is of what the job is then. Returns the
 * service as it then is.
 */
export const orchestrateSchedule = (pass: Pass, service: Service): Service => {
  const schedule = scheduleOf(service);
  if (schedule === undefined) return orchestrateJob(pass, service);
  const { service: due, nextAtMs } = firedAfterEnds(pass, withRunOfBefore(pass, service), schedule);
  if (nextAtMs !== undefined) pass.wakeAt(nextAtMs);
  const { update: _, ...current } = withStoppedRuns(pass, due);
  clearAway(pass, current, schedule);
  const mayBegin = schedule.concurrency === ConcurrencyPolicy.CONCURRENCY_ALLOW || !hasLeftOver(pass, current);
  const runs = current.runs.map((run) => (isUnderWayRun(run) ? carriedOn(pass, current, run, mayBegin) : run));
  return { ...current, unproven: false, runs: keptRuns(runs, schedule).map(({ run }) => run) };
};
