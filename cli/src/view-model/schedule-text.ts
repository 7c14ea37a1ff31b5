import {
  ConcurrencyPolicy,
  isWishedRunning,
  type JobRun,
  nextFiring,
  RunState,
  type ScheduleSpec,
  type Service,
  type ServiceView,
} from '@tso/proto';
import { isoInstant } from '../output/json.ts';
import type { DetailLine } from './detail-lines.ts';
import { durationText, oneLine, taskName } from './task-text.ts';

const policyWords: Readonly<Record<ConcurrencyPolicy, string>> = {
  [ConcurrencyPolicy.CONCURRENCY_ALLOW]: 'allow',
  [ConcurrencyPolicy.CONCURRENCY_FORBID]: 'forbid',
  [ConcurrencyPolicy.CONCURRENCY_REPLACE]: 'replace',
};

const policyTexts: Readonly<Record<ConcurrencyPolicy, string>> = {
  [ConcurrencyPolicy.CONCURRENCY_ALLOW]: 'runs go on side by side',
  [ConcurrencyPolicy.CONCURRENCY_FORBID]: 'what is due while a run goes on is left out',
  [ConcurrencyPolicy.CONCURRENCY_REPLACE]: 'what is due takes the place of the run under way',
};

const stateWords: Readonly<Record<RunState, string>> = {
  [RunState.RUN_UNDER_WAY]: 'under way',
  [RunState.RUN_SUCCEEDED]: 'succeeded',
  [RunState.RUN_FAILED]: 'failed',
  [RunState.RUN_SKIPPED]: 'skipped',
  [RunState.RUN_REPLACED]: 'replaced',
};

const zoneOf = ({ timeZone }: ScheduleSpec): string => (timeZone === '' ? 'UTC' : timeZone);

/** `2026-11-22 03:00:00`, by the clocks of the schedule's zone; in UTC with `Z` where that zone is not known here. */
const clockText = (schedule: ScheduleSpec, atMs: number): string => {
  try {
    return new Intl.DateTimeFormat('sv-SE', { timeZone: zoneOf(schedule), dateStyle: 'short', timeStyle: 'medium' }).format(atMs);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  }
};

/** When the job is due next (epoch milliseconds); undefined: never, it is stopped, or it has no schedule. */
export const nextRunAtMs = ({ spec, stopped, removing, scheduledAtMs }: Service, nowMs: number): number | undefined =>
  spec.schedule === undefined || stopped || removing ? undefined : nextFiring(spec.schedule, Math.max(nowMs, scheduledAtMs));

/** `in 4 min`. */
const nextText = (service: Service, nowMs: number): string => {
  const atMs = nextRunAtMs(service, nowMs);
  if (atMs !== undefined) return `in ${durationText(atMs - nowMs)}`;
  return service.stopped ? 'not before it is started' : 'never again';
};

const dueText = (schedule: ScheduleSpec, { scheduledAtMs }: JobRun): string =>
  scheduledAtMs === 0 ? 'asked for by hand' : `due ${clockText(schedule, scheduledAtMs)}`;

const isUnderWay = ({ state }: JobRun): boolean => state === RunState.RUN_UNDER_WAY;
const isSkipped = ({ state }: JobRun): boolean => state === RunState.RUN_SKIPPED;

/** `run 7 succeeded after 12 s`, `run 8 under way for 4 min`, `left out: run 8 was still under way`. */
const runText = (run: JobRun, nowMs: number): string => {
  const message = run.message === '' ? '' : `: ${oneLine(run.message)}`;
  if (isSkipped(run)) return `left out${message}`;
  const took = durationText((isUnderWay(run) ? nowMs : run.endedAtMs) - run.startedAtMs);
  return `run ${run.iteration} ${stateWords[run.state]} ${isUnderWay(run) ? 'for' : 'after'} ${took}${message}`;
};

const runKey = ({ id }: Service, { iteration }: JobRun): string => `${id}/${iteration}`;

/** The runs that somebody asked for and that go on: who follows the service waits for them. */
export const runsAskedFor = ({ service }: Pick<ServiceView, 'service'>): readonly string[] =>
  service.runs.filter((run) => isUnderWay(run) && run.scheduledAtMs === 0).map((run) => runKey(service, run));

/** The newest run that somebody asked for, whatever became of it by now: for who has just asked. */
export const lastAskedFor = ({ service }: Pick<ServiceView, 'service'>): readonly string[] => {
  const last = service.runs.find((run) => run.scheduledAtMs === 0);
  return last === undefined ? [] : [runKey(service, last)];
};

/** What became of a run that was waited for, where it came to no good end: `run 3 failed: …`; undefined: none did. */
export const lostRun = ({ service }: Pick<ServiceView, 'service'>, awaited: ReadonlySet<string>): string | undefined => {
  const lost = service.runs.find(
    (run) => awaited.has(runKey(service, run)) && (run.state === RunState.RUN_FAILED || run.state === RunState.RUN_REPLACED),
  );
  return lost === undefined ? undefined : `run ${lost.iteration} ${stateWords[lost.state]}: ${oneLine(lost.message)}`;
};

/** What a run under way waits for: `report.1: no node fits (1 drained)`. */
const pendingText = ({ service, tasks }: ServiceView): string => {
  const pending = tasks.find((task) => isWishedRunning(task.desiredState) && task.pendingReason !== '');
  return pending === undefined || !service.runs.some(isUnderWay) ? '' : `${taskName(pending)}: ${oneLine(pending.pendingReason)}`;
};

/**
 * What a list of services says of a scheduled job: `runs next in 4 min; run 7 succeeded after 12 s`, with what a run under way waits for. Empty for any
 * other.
 */
export const scheduleSummary = (view: ServiceView, nowMs: number): string => {
  const { service } = view;
  if (service.spec.schedule === undefined) return '';
  const underWay = service.runs.filter(isUnderWay);
  const others = underWay.length > 1 ? `, and ${underWay.length - 1} before it` : '';
  const last = underWay[0] ?? service.runs.find((run) => !isSkipped(run));
  const lastText = last === undefined ? '' : `${runText(last, nowMs)}${others}`;
  return [`runs next ${nextText(service, nowMs)}`, lastText, pendingText(view)].filter((part) => part !== '').join('; ');
};

/** Whether it is a scheduled job that no run goes on of: then there is nothing to count. */
export const isIdle = ({ service }: Pick<ServiceView, 'service'>): boolean =>
  service.spec.schedule !== undefined && !service.runs.some(isUnderWay);

/** What the details of a scheduled job say of its times and its runs, newest first; none for any other. */
export const scheduleDetails = ({ service }: Pick<ServiceView, 'service'>, nowMs: number): readonly DetailLine[] => {
  const { schedule } = service.spec;
  if (schedule === undefined) return [];
  const { cron, concurrency, successfulHistory, failedHistory, startingDeadlineMs } = schedule;
  const parts = [
    `${cron} ${zoneOf(schedule)}`,
    policyTexts[concurrency],
    `keeps ${successfulHistory} that succeeded and ${failedHistory} that failed`,
    startingDeadlineMs === 0 ? '' : `at most ${durationText(startingDeadlineMs)} late`,
  ];
  const nextAtMs = nextRunAtMs(service, nowMs);
  const next = nextAtMs === undefined ? nextText(service, nowMs) : `${clockText(schedule, nextAtMs)} (${nextText(service, nowMs)})`;
  return [
    ['Schedule', parts.filter((part) => part !== '').join('; ')],
    ['Next run', next],
    ...service.runs.map((run, index) => [index === 0 ? 'Runs' : '', `${dueText(schedule, run)}: ${runText(run, nowMs)}`] as const),
  ];
};

/** What `--format json` shows of the schedule of a service; null: it has none. Field names are a contract. */
export const scheduleRow = ({ service }: Pick<ServiceView, 'service'>, nowMs: number): object | null => {
  const { schedule } = service.spec;
  if (schedule === undefined) return null;
  return {
    cron: schedule.cron,
    timeZone: zoneOf(schedule),
    concurrency: policyWords[schedule.concurrency],
    successfulHistory: schedule.successfulHistory,
    failedHistory: schedule.failedHistory,
    startingDeadlineMs: schedule.startingDeadlineMs,
    nextAt: isoInstant(nextRunAtMs(service, nowMs) ?? 0),
    runs: service.runs.map((run) => ({
      run: isSkipped(run) ? null : run.iteration,
      // null: somebody asked for it.
      scheduledAt: isoInstant(run.scheduledAtMs),
      startedAt: isoInstant(run.startedAtMs),
      endedAt: isoInstant(run.endedAtMs),
      state: stateWords[run.state].replace(' ', '_'),
      message: run.message,
    })),
  };
};
