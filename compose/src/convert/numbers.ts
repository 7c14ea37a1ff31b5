import type { ResourcesModel, RolloutModel, ServiceModel, UlimitsModel } from '../model.ts';
import { pathText, type TreePath } from '../tree.ts';
import { parseBytes, parseDuration } from '../units.ts';
import { type ConvertInput, tell } from './context.ts';

/** How large numbers, sizes and times of a service may be: what no kernel takes, or what the cluster has no room for, is told at its line. */

/** Tasks of one service, as the manager takes them. */
const mostTasks = 10_000;
const mostCpus = 10_000;
/** A count that 31 bits hold. */
const mostCounted = 2 ** 31 - 1;
/** Shares of the CPU that the kernel tells apart (Documentation/scheduler, CFS bandwidth: MAX_SHARES). */
const mostShares = 262_144;
/** Microseconds of a period of the CPU's time (the same, 1 ms to 1 s). */
const leastPeriod = 1_000;
const mostPeriod = 1_000_000;
const longestMs = 100 * 365 * 86_400_000;

type Keys = readonly (string | number)[];

interface Bounds {
  readonly least: number;
  readonly most: number;
  /** Fractions are no mistake. */
  readonly fraction?: true;
}

type Said = readonly [keys: Keys, value: number | undefined, bounds: Bounds];

const upTo = (most: number, least = 0): Bounds => ({ least, most });

const ofRollout = (key: string, rollout: RolloutModel | undefined): readonly Said[] => [
  [['deploy', key, 'parallelism'], rollout?.parallelism, upTo(mostTasks)],
  [['deploy', key, 'max_failure_ratio'], rollout?.max_failure_ratio, { least: 0, most: 1, fraction: true }],
];

/** That limits are not below nothing has a message of its own. */
const cpus: Bounds = { least: -mostCpus, most: mostCpus, fraction: true };

const ofResources = (kind: 'limits' | 'reservations', resources: ResourcesModel | undefined): readonly Said[] => [
  [['deploy', 'resources', kind, 'cpus'], resources?.cpus, kind === 'limits' ? cpus : { ...cpus, least: 0 }],
  [['deploy', 'resources', kind, 'pids'], resources?.pids, upTo(mostCounted, -1)],
];

const ofNetworks = (service: ServiceModel): readonly Said[] =>
  Object.entries(service.networks ?? {}).flatMap(([key, attachment]): readonly Said[] => [
    [['networks', key, 'priority'], attachment?.priority, upTo(mostCounted, -mostCounted)],
    [['networks', key, 'gw_priority'], attachment?.gw_priority, upTo(mostCounted, -mostCounted)],
  ]);

const numbersOf = (service: ServiceModel & { readonly cpu_quota?: number; readonly cpu_period?: number }): readonly Said[] => [
  [['cpus'], service.cpus, cpus],
  [['cpu_shares'], service.cpu_shares, upTo(mostShares)],
  [['cpu_quota'], service.cpu_quota, upTo(mostCpus * mostPeriod, -1)],
  [['cpu_period'], service.cpu_period === 0 ? undefined : service.cpu_period, upTo(mostPeriod, leastPeriod)],
  [['pids_limit'], service.pids_limit, upTo(mostCounted, -1)],
  [['oom_score_adj'], service.oom_score_adj, upTo(1000, -1000)],
  // That they are not negative is a rule of the specification, told before.
  [['scale'], service.scale, upTo(mostTasks, -mostCounted)],
  [['deploy', 'replicas'], service.deploy?.replicas, upTo(mostTasks, -mostCounted)],
  [['healthcheck', 'retries'], service.healthcheck?.retries, upTo(mostCounted)],
  [['deploy', 'restart_policy', 'max_attempts'], service.deploy?.restart_policy?.max_attempts, upTo(mostCounted)],
  [['deploy', 'placement', 'max_replicas_per_node'], service.deploy?.placement?.max_replicas_per_node, upTo(mostTasks)],
  ...ofRollout('update_config', service.deploy?.update_config),
  ...ofRollout('rollback_config', service.deploy?.rollback_config),
  ...ofResources('limits', service.deploy?.resources?.limits),
  ...ofResources('reservations', service.deploy?.resources?.reservations),
  ...ofNetworks(service),
];

const checkNumber = (input: ConvertInput, path: TreePath, value: number, { least, most, fraction }: Bounds): void => {
  if (fraction !== true && !Number.isInteger(value) && Number.isFinite(value))
    tell(input, 'E202', path, `${pathText(path)} must be a whole number, but is ${value}`, 'write it without a fraction');
  else if (!(value >= least && value <= most))
    tell(
      input,
      'E402',
      path,
      `${pathText(path)} cannot be ${value}`,
      `write a number from ${Math.max(least, fraction === true ? 0 : least)} to ${most}`,
    );
};

const timesOf = (service: ServiceModel): readonly (readonly [Keys, string | undefined])[] => [
  [['stop_grace_period'], service.stop_grace_period],
  ...(['interval', 'timeout', 'start_period', 'start_interval'] as const).map(
    (key) => [['healthcheck', key], service.healthcheck?.[key]] as const,
  ),
  ...(['update_config', 'rollback_config'] as const).flatMap((key) =>
    (['delay', 'monitor'] as const).map((time) => [['deploy', key, time], service.deploy?.[key]?.[time]] as const),
  ),
  ...(['delay', 'window'] as const).map((key) => [['deploy', 'restart_policy', key], service.deploy?.restart_policy?.[key]] as const),
];

const checkTimes = (input: ConvertInput, service: ServiceModel, at: TreePath): void => {
  for (const [keys, text] of timesOf(service)) {
    if (text === undefined) continue;
    const ms = (parseDuration(text) ?? 0) / 1e6;
    const path = [...at, ...keys];
    if (ms < 0)
      tell(input, 'E402', path, `${pathText(path)} cannot be ${text}, which is before it begins`, 'write a duration of 0s or more');
    else if (ms > longestMs) tell(input, 'E402', path, `${pathText(path)} cannot be longer than 100 years`, 'write a shorter one');
  }
};

/** `memswap_limit` alone may be without a limit, -1. */
const sizesOf = (service: ServiceModel): readonly (readonly [Keys, string | undefined, number])[] => [
  [['mem_reservation'], service.mem_reservation, 0],
  [['deploy', 'resources', 'reservations', 'memory'], service.deploy?.resources?.reservations?.memory, 0],
  [['shm_size'], service.shm_size, 0],
  [['memswap_limit'], service.memswap_limit, -1],
  [['build', 'shm_size'], service.build?.shm_size, 0],
  ...(service.volumes ?? []).map((mount, index) => [['volumes', index, 'tmpfs', 'size'], mount.tmpfs?.size, 0] as const),
];

const checkSizes = (input: ConvertInput, service: ServiceModel, at: TreePath): void => {
  for (const [keys, text, least] of sizesOf(service)) {
    const bytes = parseBytes(text ?? '');
    const path = [...at, ...keys];
    if (bytes !== undefined && bytes < least)
      tell(
        input,
        'E402',
        path,
        `${pathText(path)} cannot be ${bytes} bytes`,
        least < 0 ? 'write a size, or -1 for no limit' : 'write a size: 64m',
      );
  }
};

const checkUlimits = (input: ConvertInput, ulimits: UlimitsModel | undefined, at: TreePath): void => {
  for (const [key, value] of Object.entries(ulimits ?? {})) {
    const path = [...at, 'ulimits', key];
    const { soft, hard } = typeof value === 'number' ? { soft: value, hard: value } : value;
    for (const one of new Set([soft, hard])) {
      // What could not be read was told when it was read.
      if (one === undefined || (Number.isSafeInteger(one) && one >= -1)) continue;
      tell(input, 'E402', path, `${pathText(path)} cannot be ${one}`, 'write a number, or -1 for no limit');
    }
    if (hard >= 0 && (soft > hard || soft < 0))
      tell(input, 'E304', path, `the soft limit of ${pathText(path)} is above its hard limit`, 'write a soft limit up to the hard one');
  }
};

const memoryOf = (said: string | undefined): number => parseBytes(said ?? '') ?? 0;

/** Pairs of which one cannot be above the other. */
const checkPairs = (input: ConvertInput, service: ServiceModel, at: TreePath): void => {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const memory = memoryOf(service.mem_limit ?? limits?.memory);
  const swap = memoryOf(service.memswap_limit);
  if (memory > 0 && swap > 0 && swap < memory) {
    const message = `memswap_limit is memory and swap together, and at ${pathText(at)} less than the memory alone`;
    tell(input, 'E304', [...at, 'memswap_limit'], message, 'write a size from mem_limit on, or -1');
  }
  const reservedAt = service.mem_reservation === undefined ? ['deploy', 'resources', 'reservations', 'memory'] : ['mem_reservation'];
  if (memory > 0 && memoryOf(service.mem_reservation ?? reservations?.memory) > memory)
    tell(
      input,
      'E304',
      [...at, ...reservedAt],
      `${pathText(at)} reserves more memory than its limit allows`,
      'reserve less, or raise the limit',
    );
  const most = service.cpus ?? limits?.cpus ?? 0;
  if (most > 0 && (reservations?.cpus ?? 0) > most) {
    const path = [...at, 'deploy', 'resources', 'reservations', 'cpus'];
    tell(input, 'E304', path, `${pathText(at)} reserves more CPUs than its limit allows`, 'reserve fewer, or raise the limit');
  }
};

/** `3` or `0-3`, of which the first is not behind the last. */
const isCpuRange = (text: string): boolean => {
  const [, first, last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(text) ?? [];
  return first !== undefined && Number(first) <= Number(last);
};

/** Numbers, sizes and times of a service that cannot be (E202, E304, E402). */
export const checkNumbers = (input: ConvertInput, service: ServiceModel, name: string): void => {
  const at = ['services', name];
  for (const [keys, value, bounds] of numbersOf(service)) if (value !== undefined) checkNumber(input, [...at, ...keys], value, bounds);
  checkTimes(input, service, at);
  checkSizes(input, service, at);
  checkUlimits(input, service.ulimits, at);
  checkUlimits(input, service.build?.ulimits, [...at, 'build']);
  checkPairs(input, service, at);
  const cpuset = service.cpuset ?? '';
  if (cpuset !== '' && !cpuset.split(',').every(isCpuRange))
    tell(input, 'E202', [...at, 'cpuset'], `'${cpuset}' is no list of processors`, 'write numbers and ranges: 0-3,7');
};
