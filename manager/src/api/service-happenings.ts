import { type JobRun, RunState, type Service, UpdateState, type UpdateStatus } from '@tso/proto';
import { changedFiles } from '../rules/files.ts';
import { isPaused } from '../rules/update-pace.ts';
import { wishedSlots } from '../rules/wanted.ts';
import { sameData } from '../store/equal.ts';
import { fileText } from './file-rules.ts';
import { type Attributes, differences, type Happening, wordOf } from './happenings.ts';

const stateOf = (update: UpdateStatus | undefined): UpdateState | undefined => update?.state;

/** What an update has come to, in the words of who follows it. */
const updateActions: Readonly<Partial<Record<UpdateState, string>>> = {
  [UpdateState.UPDATING]: 'update_started',
  [UpdateState.UPDATE_PAUSED]: 'update_paused',
  [UpdateState.UPDATE_COMPLETED]: 'update_completed',
  [UpdateState.ROLLBACK_STARTED]: 'rollback_started',
  [UpdateState.ROLLBACK_PAUSED]: 'rollback_paused',
  [UpdateState.ROLLBACK_COMPLETED]: 'rollback_completed',
};

const ofUpdate = ({ update: before }: Service, { update: after }: Service): readonly Happening[] => {
  const state = stateOf(after);
  if (after === undefined || state === undefined || state === stateOf(before)) return [];
  const goesOn = isPaused(before) && (state === UpdateState.UPDATING || state === UpdateState.ROLLBACK_STARTED);
  const isContinued = goesOn && (stateOf(before) === UpdateState.ROLLBACK_PAUSED) === (state === UpdateState.ROLLBACK_STARTED);
  const action = isContinued ? 'update_continued' : updateActions[state];
  return action === undefined ? [] : [{ action, attributes: { reason: after.message } }];
};

const ofNumber = (before: Service, after: Service): readonly Happening[] => {
  const [from, to] = [before, after].map(wishedSlots);
  if (from === undefined || to === undefined || from === to || before.spec.mode !== after.spec.mode) return [];
  const reason = after.spec.autoscale === undefined || after.autoscale === undefined ? '' : after.autoscale.message;
  return [{ action: 'scaled', attributes: { from: String(from), to: String(to), reason } }];
};

const runAction = ({ state }: JobRun): string => (state === RunState.RUN_UNDER_WAY ? 'run_started' : `run_${wordOf(RunState, state)}`);

const ofRun = (run: JobRun): Happening => ({
  action: runAction(run),
  attributes: {
    run: run.iteration === 0 ? '' : String(run.iteration),
    scheduledAt: run.scheduledAtMs === 0 ? '' : String(run.scheduledAtMs),
    reason: run.message,
  },
});

const isSameRun = (a: JobRun, b: JobRun): boolean =>
  a.iteration === b.iteration && a.scheduledAtMs === b.scheduledAtMs && a.startedAtMs === b.startedAtMs;

/** Runs that began, ended or were left out; those before first. One that was forgotten tells nobody anything. */
const ofRuns = ({ runs: before }: Service, { runs: after }: Service): readonly Happening[] =>
  after === before
    ? []
    : after
        .filter((run) => before.find((other) => isSameRun(other, run))?.state !== run.state)
        .toReversed()
        .map(ofRun);

const changedOf = (before: Service, after: Service): Attributes => {
  const changed = differences(before, after, {
    image: ({ spec }) => spec.task.container.image,
    replicas: ({ spec }) => String(spec.replicas),
    updateState: ({ update }) => wordOf(UpdateState, update?.state ?? 0),
    rebalance: ({ rebalance }) => String(rebalance),
    removing: ({ removing }) => String(removing),
    restarts: ({ spec }) => String(spec.task.forceUpdate),
  });
  const files = changedFiles(before.files, after.files).map(fileText);
  return files.length === 0 ? changed : { ...changed, files: files.join(', ') };
};

/** What happened to a service that was there before and still is: that it was changed, and each thing that people wait for by a word of its own. */
export const serviceHappenings = (before: Service, after: Service): readonly Happening[] => {
  const changed = changedOf(before, after);
  const isOther = Object.keys(changed).length > 0 || !sameData(before.spec, after.spec);
  const stopped: readonly Happening[] = before.stopped === after.stopped ? [] : [{ action: after.stopped ? 'stopped' : 'started' }];
  return [
    ...(isOther ? [{ action: 'update', attributes: changed }] : []),
    ...stopped,
    ...ofNumber(before, after),
    ...ofUpdate(before, after),
    ...ofRuns(before, after),
  ];
};
