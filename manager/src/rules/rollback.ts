import { type FileRef, type Service, type ServiceSpec, TsoError, UpdateState } from '@tso/proto';
import type { View } from '../store/view.ts';
import { usesIngressPorts } from './ingress-ports.ts';
import { isJobMode } from './jobs.ts';
import { portsServe, runsAlike } from './replacement.ts';
import { isSameSchedule } from './schedule.ts';
import { withoutUpdate } from './update-pace.ts';
import { countedAsSpecSays } from './wanted.ts';

const nothingText = ({ spec: { name }, update }: Service): string => {
  const wentBack = update?.state === UpdateState.ROLLBACK_STARTED || update?.state === UpdateState.ROLLBACK_PAUSED;
  if (wentBack) return `service ${name} has nothing to go back to: it is on its way back already, because its update failed`;
  if (update?.state === UpdateState.ROLLBACK_COMPLETED)
    return `service ${name} has nothing to go back to: it went back by itself when its update failed, and nothing was changed since`;
  return `service ${name} has nothing to go back to: it was never changed`;
};

/** Why the service cannot go back; undefined: it can. FAILED_PRECONDITION. */
const refusal = (service: Service): TsoError | undefined => {
  const { name } = service.spec;
  if (service.removing) return new TsoError('FAILED_PRECONDITION', `service ${name} is being removed and cannot go back`);
  if (service.previousSpec !== undefined) return undefined;
  return new TsoError('FAILED_PRECONDITION', nothingText(service), { hint: 'Apply the file that is wished: tso up' });
};

/** The former spec; where it would run nothing else than the present one, tasks that were restarted since are no reason to replace them. */
const specToGoBackTo = (present: ServiceSpec, former: ServiceSpec): ServiceSpec => {
  const same = { ...former.task, forceUpdate: present.task.forceUpdate };
  return runsAlike(same, present.task) ? { ...former, task: same } : former;
};

const sameFiles = (a: readonly FileRef[], b: readonly FileRef[]): boolean =>
  a.length === b.length && a.every(({ versionId }, at) => versionId === b[at]?.versionId);

/**
 * The service on its way back to the spec and files that it had before the last change, by its `rollback_config`, because somebody asks for
 * it; what it was until now is what it goes back to when asked again. An update that is under way, or stands still, ends with it. One that is
 * stopped stays so, and a job runs anew (a scheduled one at its next time). FAILED_PRECONDITION: there is nothing to go back to, or it is being removed.
 * @param now epoch milliseconds, by the cluster's clock
 */
export const goBack = (service: Service, now: number): Service | TsoError => {
  const problem = refusal(service);
  const { previousSpec } = service;
  if (problem !== undefined || previousSpec === undefined) return problem ?? new TsoError('FAILED_PRECONDITION', nothingText(service));
  const spec = specToGoBackTo(service.spec, previousSpec);
  const { spec: formerSpec, files: formerFiles, previousFiles } = service;
  const swapped = { ...withoutUpdate(service), spec, files: previousFiles, previousSpec: formerSpec, previousFiles: formerFiles };
  const back: Service = { ...countedAsSpecSays(swapped), unproven: false, specVersion: 0 };
  if (isJobMode(spec.mode)) {
    const runsAnew =
      spec.schedule === undefined &&
      !(
        runsAlike(spec.task, formerSpec.task) &&
        sameFiles(formerFiles, previousFiles) &&
        spec.mode === formerSpec.mode &&
        formerSpec.schedule === undefined
      );
    // Instants of another schedule that have passed were never due.
    const timed = isSameSchedule(spec.schedule, formerSpec.schedule) ? back : { ...back, scheduledAtMs: 0 };
    return { ...timed, jobIteration: service.jobIteration + (runsAnew ? 1 : 0) };
  }
  if (service.stopped) return back;
  const message = 'it goes back to what it was before, as somebody asked for';
  const update = { state: UpdateState.ROLLBACK_STARTED, startedAtMs: now, completedAtMs: 0, message, wished: true, progressAtMs: now };
  return { ...back, update };
};

/**
 * Why what the service would go back to cannot be had any more, for want of a network that was removed since; undefined: nothing is
 * missing. FAILED_PRECONDITION. Secrets and configs are kept as they were, and volumes are made anew.
 */
export const missingToGoBack = (view: View, { spec, previousSpec }: Service): TsoError | undefined => {
  const missing = previousSpec?.task.networks.find(({ network }) => view.networkByName(network) === undefined);
  if (missing === undefined) return undefined;
  return new TsoError(
    'FAILED_PRECONDITION',
    `service ${spec.name} cannot go back: network ${missing.network}, which it was on, is not there any more`,
    { hint: 'Apply the file as it was then: tso up', details: { network: missing.network } },
  );
};

/** Whether going back would replace its tasks, rather than change only what they do not feel. */
export const goingBackReplaces = ({ spec, previousSpec, files, previousFiles }: Service): boolean =>
  previousSpec !== undefined &&
  !(
    runsAlike(specToGoBackTo(spec, previousSpec).task, spec.task) &&
    sameFiles(files, previousFiles) &&
    spec.mode === previousSpec.mode &&
    portsServe(previousSpec.ports, spec.ports, usesIngressPorts(spec))
  );
