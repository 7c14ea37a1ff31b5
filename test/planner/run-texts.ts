import { type JobRun, RunState, type Service } from '@tso/proto';

/** What transcripts tell of the runs of scheduled jobs. */

const words: Readonly<Record<RunState, string>> = {
  [RunState.RUN_UNDER_WAY]: 'begun',
  [RunState.RUN_SUCCEEDED]: 'succeeded',
  [RunState.RUN_FAILED]: 'failed',
  [RunState.RUN_SKIPPED]: 'left out',
  [RunState.RUN_REPLACED]: 'replaced',
};

const dueText = ({ scheduledAtMs }: JobRun): string =>
  scheduledAtMs === 0 ? 'asked for' : `due ${new Date(scheduledAtMs).toISOString().slice(11, 19)}`;

const because = (message: string): string => (message === '' ? '' : `: ${message}`);

/** `run 2 (due 22:20:00) begun`. */
const runText = (run: JobRun): string =>
  `${run.iteration === 0 ? 'a run' : `run ${run.iteration}`} (${dueText(run)}) ${words[run.state]}${because(run.message)}`;

const isSame = (a: JobRun, b: JobRun): boolean =>
  a.iteration === b.iteration && a.scheduledAtMs === b.scheduledAtMs && a.startedAtMs === b.startedAtMs;

/** What became of a job's runs, the oldest first: those that are new, and those that are in another state now. */
export const runChanges = (before: Service, { runs }: Service): readonly string[] =>
  runs
    .filter((run) => before.runs.find((other) => isSame(other, run))?.state !== run.state)
    .map(runText)
    .toReversed();
