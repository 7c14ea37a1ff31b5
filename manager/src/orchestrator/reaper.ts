import type { Network, Request, Service, Task, Volume } from '@tso/proto';
import { MountType, TaskState } from '@tso/proto';
import { limits } from '../limits.ts';
import { forgottenVersions } from '../rules/files.ts';
import { isScheduled } from '../rules/jobs.ts';
import { placesOf } from '../rules/places.ts';
import { maxCountedAttempts } from '../rules/restart-policy.ts';
import { asOfRun } from '../rules/schedule.ts';
import { byAge, isLive, isOccupant } from '../rules/task-facts.ts';
import { mayGoBack } from '../rules/update-pace.ts';
import type { Draft } from '../store/transaction.ts';
import type { Pass } from './pass.ts';
import type { RequestsSeen } from './requests-seen.ts';
import { isForgettable } from './tasks.ts';

/** How many finished tasks of a place are kept to look back at. */
export const historyPerPlace = 5;

/** How many finished tasks of each of the service's places are kept: more where its restart policy counts them. */
export const historyLimit = (service: Service): number => {
  const { maxAttempts } = service.spec.task.restart;
  return maxAttempts <= maxCountedAttempts ? Math.max(historyPerPlace, maxAttempts + 1) : historyPerPlace;
};

const isHistory = (task: Task): boolean => !isLive(task) && !isOccupant(task);

const reapHistory = (draft: Draft, service: Service): void => {
  const limit = historyLimit(service);
  let finished = 0;
  for (const task of draft.tasksOfService(service.id)) if (isHistory(task)) finished += 1;
  // So few cannot be too many in any place: a service that runs well is not sorted into places for nothing.
  if (finished <= limit) return;
  // Each run of a scheduled job has places of its own.
  const each = isScheduled(service) ? service.runs.map((run) => asOfRun(service, run)) : [service];
  for (const place of each.flatMap((one) => placesOf(draft, one))) {
    const old = place.tasks.filter(isHistory).sort(byAge).slice(limit);
    for (const task of old) draft.remove('task', task.id);
  }
};

const usesVolume = (task: Task, volume: Volume): boolean =>
  task.spec.container.mounts.some((mount) => mount.type === MountType.VOLUME && mount.source === volume.spec.name);

const usesNetwork = (task: Task, network: Network): boolean => task.networks.some(({ networkId }) => networkId === network.id);

/** Whether the service is wished to be on it, or was before an update that may still go back. */
const serviceUses = (service: Service, network: Network): boolean => {
  const former = mayGoBack(service) ? (service.previousSpec?.task.networks ?? []) : [];
  return !service.removing && [...service.spec.task.networks, ...former].some((attachment) => attachment.network === network.spec.name);
};

/** A network or volume that is being removed goes when nothing uses it any more; another object of its name takes its users over. */
const reapNetworksAndVolumes = (draft: Draft): void => {
  const networks = draft.networks().filter((network) => network.removing);
  const volumes = draft.volumes().filter((volume) => volume.removing);
  if (networks.length === 0 && volumes.length === 0) return;
  const live = draft.tasks().filter(isLive);
  for (const network of networks) {
    const successor = draft.networkByName(network.spec.name)?.id !== network.id;
    const wished = !successor && draft.services().some((service) => serviceUses(service, network));
    if (!wished && !live.some((task) => usesNetwork(task, network))) draft.remove('network', network.id);
  }
  for (const volume of volumes) if (!live.some((task) => usesVolume(task, volume))) draft.remove('volume', volume.id);
};

/** They go together, once a minute at most, once a second when they are too many: each going is an entry of the log. */
const requestsGoEveryMs = 60_000;
const tooManyGoEveryMs = 1_000;
/** How many more go with those that are too many. */
const requestsGoTogether = 1_000;

const reapRequests = (pass: Pass, seen: RequestsSeen | undefined): void => {
  const { draft, now } = pass;
  const { lifeMs, kept, surelyKeptMs } = limits.requests;
  const sinceMs = ({ id, meta }: Request): number => seen?.get(id) ?? meta.createdAtMs;
  const tooMany = draft.table('request').size - kept;
  const [keptMs, everyMs] = tooMany > 0 ? [surelyKeptMs, tooManyGoEveryMs] : [lifeMs, requestsGoEveryMs];
  // They may be very many, and those seen are in their order.
  const [first = Number.POSITIVE_INFINITY] = seen?.values() ?? [
    draft.requests().reduce((least, request) => Math.min(least, sinceMs(request)), Number.POSITIVE_INFINITY),
  ];
  const dueAtMs = first + keptMs + everyMs;
  if (dueAtMs > now) {
    if (Number.isFinite(dueAtMs)) pass.wakeAt(dueAtMs);
    return;
  }
  const due = draft
    .requests()
    .filter((request) => sinceMs(request) + keptMs <= now)
    .toSorted((a, b) => a.meta.version - b.meta.version);
  for (const { id } of tooMany > 0 ? due.slice(0, tooMany + requestsGoTogether) : due) draft.remove('request', id);
};

/** Drops what has served its time of a service: tasks to be removed that have ended, old history, itself when it is emptied. */
export const reapService = (draft: Draft, service: Service): void => {
  for (const task of draft.tasksOfService(service.id)) {
    if (task.desiredState === TaskState.REMOVE && isForgettable(task)) draft.remove('task', task.id);
  }
  if (service.removing && draft.tasksOfService(service.id).length === 0) draft.remove('service', service.id);
  else reapHistory(draft, service);
};

/**
 * Drops what belongs to no service and has served its time: emptied networks and volumes, what files
 * held that nobody uses any more, answers to old requests.
 * @param seen since when each request is known; undefined: since when it says
 */
export const reapShared = (pass: Pass, seen: RequestsSeen | undefined): void => {
  reapNetworksAndVolumes(pass.draft);
  for (const { id } of forgottenVersions(pass.draft)) pass.draft.remove('fileVersion', id);
  reapRequests(pass, seen);
};
