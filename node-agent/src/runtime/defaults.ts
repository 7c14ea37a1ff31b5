import type { OciDeviceRule, OciMount } from './oci-spec.ts';

/** The runtime-spec version that both runtimes of Debian 12 read. */
export const ociVersion = '1.0.2';

export const defaultShmSizeBytes = 64 * 1024 * 1024;

/** The kernel's own period of real-time budgets, in microseconds (sched_rt_period_us). */
export const realTimePeriodUs = 1_000_000;

/** Files under /proc and /sys that tell about or reach the host; hidden from a container (as Docker and Podman do). */
export const maskedPaths: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/dev/block',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/fs/selinux',
];

/** Paths under /proc through which root in a container would change the host. */
export const readonlyPaths: readonly string[] = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** All devices refused, then the harmless ones allowed. mknod itself is allowed: opening what was made is what the rest decides. */
export const defaultDeviceRules: readonly OciDeviceRule[] = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' }, // null
  { allow: true, type: 'c', major: 1, minor: 5, access: 'rwm' }, // zero
  { allow: true, type: 'c', major: 1, minor: 7, access: 'rwm' }, // full
  { allow: true, type: 'c', major: 1, minor: 8, access: 'rwm' }, // random
  { allow: true, type: 'c', major: 1, minor: 9, access: 'rwm' }, // urandom
  { allow: true, type: 'c', major: 5, minor: 0, access: 'rwm' }, // tty
  { allow: true, type: 'c', major: 5, minor: 1, access: 'rwm' }, // console
  { allow: true, type: 'c', major: 5, minor: 2, access: 'rwm' }, // ptmx
  { allow: true, type: 'c', major: 136, access: 'rwm' }, // pts/*
];

/** Where the default mounts need to know how isolated the container is. */
export interface MountSituation {
  readonly privileged: boolean;
  readonly userNamespace: boolean;
  readonly hostPid: boolean;
  readonly hostIpc: boolean;
  /** ipc: none. */
  readonly noShm: boolean;
  /** Host path of what is its /dev/shm and that of others; undefined: one of its own. */
  readonly sharedMemory: string | undefined;
  readonly shmSizeBytes: number;
}

const bind = (path: string, ...options: readonly string[]): OciMount => ({
  destination: path,
  type: 'bind',
  source: path,
  options: ['rbind', 'rprivate', 'nosuid', 'noexec', 'nodev', ...options],
});

/** The kernel lets a user namespace mount proc only with a pid namespace of its own; the host's is bound instead. */
const procMount = (situation: MountSituation): OciMount =>
  situation.userNamespace && situation.hostPid
    ? bind('/proc')
    : { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] };

/** The kernel lets a user namespace mount sysfs only with a network namespace of its own, and ours belong to the host. */
const sysMount = (situation: MountSituation): OciMount => {
  const access = situation.privileged ? 'rw' : 'ro';
  return situation.userNamespace
    ? bind('/sys', access)
    : { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', access] };
};

/** A mount of mqueue shows the queues of the IPC namespace it is made in; only that namespace's owner may make it. */
const mqueueMount = (situation: MountSituation): readonly OciMount[] =>
  situation.hostIpc && situation.userNamespace
    ? []
    : [{ destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] }];

const shmMount = ({ hostIpc, sharedMemory, shmSizeBytes }: MountSituation): OciMount => {
  if (hostIpc) return bind('/dev/shm');
  if (sharedMemory !== undefined) return { ...bind('/dev/shm'), source: sharedMemory };
  return {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${shmSizeBytes}`],
  };
};

const ipcMounts = (situation: MountSituation): readonly OciMount[] => [
  ...(situation.noShm ? [] : [shmMount(situation)]),
  ...mqueueMount(situation),
];

/** What every container finds mounted, in mount order. */
export const defaultMounts = (situation: MountSituation): readonly OciMount[] => [
  procMount(situation),
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  sysMount(situation),
  {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'noexec', 'nodev', 'relatime', situation.privileged ? 'rw' : 'ro'],
  },
  ...ipcMounts(situation),
];

/** Annotations with these starts steer the runtime (crun reads host paths from some): a user's label must not reach it. */
export const runtimeAnnotationPrefixes: readonly string[] = [
  'run.oci.',
  'org.systemd.',
  'module.wasm.',
  'org.criu.',
  'io.kubernetes.cri',
  'org.opencontainers.runc',
];
