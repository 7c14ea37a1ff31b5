import { type Attribute, acts, below, refuses, warns, withAll } from './attribute.ts';

/** What a task may do, and what it may use up. */
const isolation: readonly Attribute[] = [
  acts('cap_add', 'both', 'capabilities more; ALL for every one'),
  acts('cap_drop', 'both', 'capabilities less; ALL for every one'),
  acts('privileged', 'compose', 'all capabilities and devices of the node the task is on'),
  acts(
    'security_opt',
    'compose',
    'no-new-privileges, seccomp=unconfined, seccomp=FILE (read where the command runs)',
    'W400: label, apparmor=unconfined',
    'E401: anything else',
  ),
  acts('read_only', 'both', 'nothing is written but in mounts'),
  acts('userns_mode', 'compose', 'host', 'E401: anything else'),
  acts('uts', 'compose', 'host', 'E401: anything else'),
  acts('pid', 'compose', 'host, service:NAME, container:NAME; the task is then on the node of the other one', 'E401: anything else'),
  acts(
    'ipc',
    'compose',
    'host, private, shareable, none, service:NAME, container:NAME; the task is then on the node of the other one',
    'E401: anything else',
    'E304: of a service whose ipc is private',
  ),
  acts('cgroup', 'compose', 'host or private', 'E202: anything else'),
  acts('cgroup_parent', 'compose', 'a control group below the one of the node', 'E401: one that does not lie below that'),
  acts('devices', 'compose', 'files under /dev of the node the task is on', 'E401: names of the Container Device Interface'),
  acts('devices[].source', 'compose', 'absolute; constrain the service to nodes that have it'),
  acts('devices[].target', 'compose', 'the same path unless said'),
  acts('devices[].permissions', 'compose', 'rwm unless said'),
  acts('device_cgroup_rules', 'compose', 'c 1:3 rwm: which devices may be used by their numbers'),
  ...withAll(refuses('gpus', 'compose', 'graphics cards are not given out by number', 'list their device files under devices:'), [
    '[].driver',
    '[].count',
    '[].device_ids',
    '[].capabilities',
    '[].options',
  ]),
  acts('sysctls', 'both', 'those that belong to a namespace of the container'),
  acts('ulimits', 'both', 'a number for both, or soft and hard'),
  acts('ulimits.*.soft', 'both', '-1 for no limit'),
  acts('ulimits.*.hard', 'both', '-1 for no limit'),
  acts('shm_size', 'compose', 'the size of /dev/shm; 64m unless said', 'W400: where ipc is that of another service'),
  refuses('storage_opt', 'compose', 'the layers of a container have no limit of their own', 'write to a volume or a tmpfs with a size'),
  warns('isolation', 'both', 'it applies to Windows only', 'remove it'),
  ...withAll(refuses('credential_spec', 'stack', 'it applies to Windows only', 'remove it'), ['.file', '.registry', '.config']),
];

const processors: readonly Attribute[] = [
  acts('cpus', 'compose', 'at most so many processors; the same as deploy.resources.limits.cpus', 'E402: less than 0.001'),
  acts('cpuset', 'compose', 'which processors of the node: 0-3 or 0,1'),
  acts('cpu_shares', 'compose', 'the weight against others of the node when time is short'),
  acts('cpu_quota', 'compose', 'microseconds of each cpu_period', 'E402: less than a thousandth of it'),
  acts('cpu_period', 'compose', '100ms unless said'),
  acts('cpu_rt_runtime', 'compose', 'real-time scheduling: on nodes with cgroup v1; the task is rejected elsewhere'),
  acts('cpu_rt_period', 'compose', 'real-time scheduling: on nodes with cgroup v1; the task is rejected elsewhere'),
  warns('cpu_count', 'compose', 'it applies to Windows only', 'use cpus'),
  warns('cpu_percent', 'compose', 'it applies to Windows only', 'use cpus'),
];

const memory: readonly Attribute[] = [
  acts('mem_limit', 'compose', 'the same as deploy.resources.limits.memory', 'E402: less than 4m'),
  acts(
    'mem_reservation',
    'compose',
    'the same as deploy.resources.reservations.memory: only a node that has it left is chosen',
    'E402: less than 4m',
  ),
  acts('memswap_limit', 'compose', 'memory and swap together; -1 for as much swap as there is'),
  acts('mem_swappiness', 'compose', '0 to 100, on nodes with cgroup v1; without effect on others', 'E402: anything else'),
  acts('oom_kill_disable', 'compose', 'on nodes with cgroup v1; the task is rejected elsewhere'),
  acts('oom_score_adj', 'both', '-1000 to 1000: whom the kernel ends first when memory is short'),
  acts('pids_limit', 'compose', 'processes at once; -1 for no limit; the same as deploy.resources.limits.pids'),
];

const rates: readonly Attribute[] = [
  acts('blkio_config', 'compose', 'limits and weights of block devices of the node'),
  acts('blkio_config.weight', 'compose', '10 to 1000; where the kernel has weights', 'E402: anything else'),
  acts('blkio_config.weight_device', 'compose', 'the same for one device'),
  acts('blkio_config.weight_device[].path', 'compose', 'of the device on the node'),
  acts('blkio_config.weight_device[].weight', 'compose', '10 to 1000'),
  ...['device_read_bps', 'device_write_bps', 'device_read_iops', 'device_write_iops'].flatMap((key) => [
    acts(`blkio_config.${key}`, 'compose', `at most so many ${key.endsWith('bps') ? 'bytes' : 'operations'} a second`),
    acts(`blkio_config.${key}[].path`, 'compose', 'of the device on the node'),
    acts(`blkio_config.${key}[].rate`, 'compose', key.endsWith('bps') ? 'a number, or a size such as 12mb' : 'a number'),
  ]),
];

const logs: readonly Attribute[] = [
  acts('logging', 'both', 'nodes keep the logs of their tasks, and tso logs merges them'),
  acts('logging.driver', 'both', 'json-file and local', 'W401: with any other one logs stay on the nodes'),
  acts('logging.options', 'both', 'max-size and max-file', 'W400: other options', 'W401: max-size: -1'),
];

export const isolationAttributes: readonly Attribute[] = below('services.*', [...isolation, ...processors, ...memory, ...rates, ...logs]);
