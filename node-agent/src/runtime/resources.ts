import type { ContainerSpec, Resources, Ulimit } from '@tso/proto';
import { TsoError } from '@tso/proto';
import { defaultDeviceRules } from './defaults.ts';
import type { OciDeviceRule, OciResources, OciRlimit } from './oci-spec.ts';

/** Length of the accounting period of a CPU limit, in microseconds: the kernel's own default (cgroup-v2.rst, cpu.max). */
const cpuPeriodUs = 100_000;
/** The kernel refuses a smaller quota (kernel/sched/core.c, min_cfs_quota_period). */
const smallestQuotaUs = 1_000;
const unlimited = 18_446_744_073_709_551_615n; // RLIM_INFINITY

export interface ResourceFacts {
  /** false: the kernel does not account swap, and a runtime asked for a swap limit fails. */
  readonly swapAccounting: boolean;
  readonly deviceRules: readonly OciDeviceRule[];
}

const memoryOf = (
  spec: ContainerSpec,
  limits: Resources,
  reservations: Resources,
  facts: ResourceFacts,
): NonNullable<OciResources['memory']> => {
  const limited = limits.memoryBytes > 0;
  const swap = spec.memorySwapBytes === 0 ? limits.memoryBytes : spec.memorySwapBytes;
  return {
    ...(limited ? { limit: limits.memoryBytes } : {}),
    ...(limited && facts.swapAccounting ? { swap } : {}),
    ...(reservations.memoryBytes > 0 ? { reservation: reservations.memoryBytes } : {}),
  };
};

const cpuOf = (spec: ContainerSpec, limits: Resources): NonNullable<OciResources['cpu']> => ({
  ...(spec.cpuShares > 0 ? { shares: spec.cpuShares } : {}),
  ...(limits.nanoCpus > 0
    ? { quota: Math.max(smallestQuotaUs, Math.round((limits.nanoCpus * cpuPeriodUs) / 1e9)), period: cpuPeriodUs }
    : {}),
  ...(spec.cpusetCpus === '' ? {} : { cpus: spec.cpusetCpus }),
});

/** The cgroup limits of a container (runtime-spec config-linux.md, Control groups). The runtime translates them for cgroup v2. */
export const containerResources = (spec: ContainerSpec, limits: Resources, reservations: Resources, facts: ResourceFacts): OciResources => {
  const memory = memoryOf(spec, limits, reservations, facts);
  const cpu = cpuOf(spec, limits);
  return {
    devices: spec.privileged ? [{ allow: true, access: 'rwm' }] : [...defaultDeviceRules, ...facts.deviceRules],
    ...(Object.keys(memory).length > 0 ? { memory } : {}),
    ...(Object.keys(cpu).length > 0 ? { cpu } : {}),
    ...(limits.pids > 0 ? { pids: { limit: limits.pids } } : {}),
  };
};

/** Names of setrlimit(2) without RLIMIT_, lower case. */
const rlimitNames = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
];

/** Many programs close or scan every descriptor up to the soft limit: kept low, as systemd does; the hard limit leaves room to raise it. */
const defaultOpenFiles = { soft: 1024, hard: 524_288 };

const rlimitValue = (value: number): bigint => (value < 0 ? unlimited : BigInt(value));

/**
 * The process limits of a container: unique types, in the order given. INVALID_ARGUMENT: an unknown name, or soft above hard.
 * `openFilesMax`: as many as this host lets a process have; bounds the default, not what somebody asks for.
 */
export const containerRlimits = (ulimits: readonly Ulimit[], openFilesMax: number): readonly OciRlimit[] => {
  const openFiles = {
    name: 'nofile',
    soft: Math.min(defaultOpenFiles.soft, openFilesMax),
    hard: Math.min(defaultOpenFiles.hard, openFilesMax),
  };
  const chosen = new Map<string, OciRlimit>();
  for (const { name, soft, hard } of [openFiles, ...ulimits]) {
    const short = name.toLowerCase();
    if (!rlimitNames.includes(short)) {
      throw new TsoError('INVALID_ARGUMENT', `there is no ulimit ${name}`, { hint: `Known: ${rlimitNames.join(', ')}` });
    }
    const limit = { type: `RLIMIT_${short.toUpperCase()}`, soft: rlimitValue(soft), hard: rlimitValue(hard) };
    if (limit.soft > limit.hard)
      throw new TsoError('INVALID_ARGUMENT', `ulimit ${name}: the soft limit ${soft} is above the hard limit ${hard}`);
    chosen.set(limit.type, limit);
  }
  return [...chosen.values()];
};
