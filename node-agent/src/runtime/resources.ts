import type { ContainerSpec, Resources, Ulimit } from '@tso/proto';
import { TsoError, ulimitNames } from '@tso/proto';
import { type BlockIoFacts, blkioNotes, containerBlockIo } from './block-io.ts';
import { defaultDeviceRules, realTimePeriodUs } from './defaults.ts';
import { deviceRule } from './device-rules.ts';
import type { OciDeviceRule, OciResources, OciRlimit } from './oci-spec.ts';

/** Length of the accounting period of a CPU limit, in microseconds: the kernel's own default (cgroup-v2.rst, cpu.max). */
const cpuPeriodUs = 100_000;
/** The kernel refuses a smaller quota (kernel/sched/core.c, min_cfs_quota_period). */
const smallestQuotaUs = 1_000;
const unlimited = 18_446_744_073_709_551_615n; // RLIM_INFINITY

/** What the control groups of a host can do. */
export interface ResourceFacts extends BlockIoFacts {
  readonly cgroupVersion: 1 | 2;
  /** Whether control groups share out time of the real-time classes. */
  readonly realTimeGroups: boolean;
  /** false: the kernel does not account swap, and a runtime asked for a swap limit fails. */
  readonly swapAccounting: boolean;
}

const memoryOf = (
  spec: ContainerSpec,
  limits: Resources,
  reservations: Resources,
  facts: ResourceFacts,
): NonNullable<OciResources['memory']> => {
  const limited = limits.memoryBytes > 0;
  const swap = spec.memorySwapBytes === 0 ? limits.memoryBytes : spec.memorySwapBytes;
  // Version 2 has one setting for the whole host: the note says so.
  const swappiness = facts.cgroupVersion === 2 ? undefined : spec.memSwappiness;
  return {
    ...(limited ? { limit: limits.memoryBytes } : {}),
    ...(limited && facts.swapAccounting ? { swap } : {}),
    ...(reservations.memoryBytes > 0 ? { reservation: reservations.memoryBytes } : {}),
    ...(swappiness === undefined ? {} : { swappiness }),
    ...(spec.oomKillDisable ? { disableOOMKiller: true } : {}),
  };
};

const requirePossible = (spec: ContainerSpec, facts: ResourceFacts): void => {
  const { oomKillDisable, memSwappiness, cpuRtRuntimeUs, cpuRtPeriodUs } = spec;
  if (oomKillDisable && facts.cgroupVersion === 2) {
    throw new TsoError(
      'FAILED_PRECONDITION',
      'oom_kill_disable is not possible on this host: control groups of version 2 have no such switch',
      {
        hint: 'Leave it out, and make the memory limit large enough; oom_score_adj says who is killed last',
      },
    );
  }
  if (memSwappiness !== undefined && memSwappiness > 100)
    throw new TsoError('INVALID_ARGUMENT', `mem_swappiness is ${memSwappiness}; it can be from 0 to 100`);
  if (cpuRtRuntimeUs === 0 && cpuRtPeriodUs === 0) return;
  if (!facts.realTimeGroups) {
    const why =
      facts.cgroupVersion === 2 ? 'control groups of version 2 share it out to nobody' : 'its kernel was built without RT_GROUP_SCHED';
    throw new TsoError('FAILED_PRECONDITION', `cpu_rt_runtime and cpu_rt_period are not possible on this host: ${why}`, {
      hint: 'Leave them out; cap_add SYS_NICE and the ulimit rtprio let a program ask for real-time priority',
    });
  }
  if (cpuRtRuntimeUs > (cpuRtPeriodUs || realTimePeriodUs))
    throw new TsoError(
      'INVALID_ARGUMENT',
      `cpu_rt_runtime (${cpuRtRuntimeUs} µs) is more than its period (${cpuRtPeriodUs || realTimePeriodUs} µs)`,
    );
};

/** What was asked for and has no effect on this host, a phrase each. */
export const resourceNotes = (spec: ContainerSpec, facts: ResourceFacts): readonly string[] => [
  ...blkioNotes(spec.blkio, facts),
  ...(spec.memSwappiness !== undefined && facts.cgroupVersion === 2
    ? ['without mem_swappiness: control groups of version 2 have one setting for the whole host (vm.swappiness)']
    : []),
];

const cpuOf = (spec: ContainerSpec, limits: Resources): NonNullable<OciResources['cpu']> => ({
  ...(spec.cpuShares > 0 ? { shares: spec.cpuShares } : {}),
  ...(limits.nanoCpus > 0
    ? { quota: Math.max(smallestQuotaUs, Math.round((limits.nanoCpus * cpuPeriodUs) / 1e9)), period: cpuPeriodUs }
    : {}),
  ...(spec.cpusetCpus === '' ? {} : { cpus: spec.cpusetCpus }),
  ...(spec.cpuRtRuntimeUs > 0 ? { realtimeRuntime: spec.cpuRtRuntimeUs } : {}),
  ...(spec.cpuRtPeriodUs > 0 ? { realtimePeriod: spec.cpuRtPeriodUs } : {}),
});

/**
 * The cgroup limits of a container (runtime-spec config-linux.md, Control groups). The runtime translates them for cgroup v2. FAILED_PRECONDITION: this
 * host cannot; INVALID_ARGUMENT: nobody could.
 * @param facts.deviceRules of the devices that the spec grants
 */
export const containerResources = (
  spec: ContainerSpec,
  limits: Resources,
  reservations: Resources,
  facts: ResourceFacts & { readonly deviceRules: readonly OciDeviceRule[] },
): OciResources => {
  requirePossible(spec, facts);
  const memory = memoryOf(spec, limits, reservations, facts);
  const cpu = cpuOf(spec, limits);
  const blockIO = containerBlockIo(spec.blkio, facts);
  const asked = spec.deviceCgroupRules.map(deviceRule);
  return {
    devices: spec.privileged ? [{ allow: true, access: 'rwm' }] : [...defaultDeviceRules, ...facts.deviceRules, ...asked],
    ...(blockIO === undefined ? {} : { blockIO }),
    ...(Object.keys(memory).length > 0 ? { memory } : {}),
    ...(Object.keys(cpu).length > 0 ? { cpu } : {}),
    ...(limits.pids > 0 ? { pids: { limit: limits.pids } } : {}),
  };
};

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
    if (!ulimitNames.includes(short)) {
      throw new TsoError('INVALID_ARGUMENT', `there is no ulimit ${name}`, { hint: `Known: ${ulimitNames.join(', ')}` });
    }
    const limit = { type: `RLIMIT_${short.toUpperCase()}`, soft: rlimitValue(soft), hard: rlimitValue(hard) };
    if (limit.soft > limit.hard)
      throw new TsoError('INVALID_ARGUMENT', `ulimit ${name}: the soft limit ${soft} is above the hard limit ${hard}`);
    chosen.set(limit.type, limit);
  }
  return [...chosen.values()];
};
