import { examineCluster, examinePort } from './examine-cluster.ts';
import { examineNetwork } from './examine-network.ts';
import { type HostFacts, kernelThings, seccompProfilePath, vxlanPort, type WantedProgram, wantedPrograms } from './facts.ts';
import { type Finding, finding } from './finding.ts';

export type { Finding, Level } from './finding.ts';

type Check = (facts: HostFacts) => readonly Finding[];

/** The first release's month: a clock before it is wrong. */
const releasedAtMs = Date.UTC(2025, 0, 1);
const minNodeMajor = 24;
const minKernel = [5, 4] as const;
const gib = 1024 ** 3;

const user: Check = ({ uid }) => [
  uid === 0
    ? finding('user', 'ok', 'root')
    : finding('user', 'warn', `user id ${uid}: the daemon needs root, and some checks too`, 'Run it again with sudo.'),
];

const node: Check = ({ nodeVersion }) => {
  const major = Number(/^v?(\d+)/.exec(nodeVersion)?.[1] ?? 0);
  return [
    major >= minNodeMajor
      ? finding('node', 'ok', nodeVersion)
      : finding('node', 'fail', `${nodeVersion} is too old`, `Use Node.js ${minNodeMajor} or later.`),
  ];
};

const kernel: Check = ({ kernel: release }) => {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  const enough = major > minKernel[0] || (major === minKernel[0] && minor >= minKernel[1]);
  return [
    enough
      ? finding('kernel', 'ok', release)
      : finding('kernel', 'fail', `${release} is too old`, `Boot a kernel from ${minKernel.join('.')} on.`),
  ];
};

const program = (facts: HostFacts, name: keyof typeof wantedPrograms): Finding => {
  const wanted: WantedProgram = wantedPrograms[name];
  const path = facts.programs[name];
  const install = `Install it: apt-get install ${wanted.package}`;
  if (path !== undefined) return finding(`program ${name}`, 'ok', facts.versions[name] ?? path);
  if (wanted.need === 'must') return finding(`program ${name}`, 'fail', 'not found', install);
  if (wanted.need === 'may') return finding(`program ${name}`, 'warn', `not found: ${wanted.without ?? ''}`, install);
  const other = name === 'crun' ? 'runc' : 'crun';
  return facts.programs[other] === undefined
    ? finding(`program ${name}`, 'fail', 'not found, and no other runtime either', 'Install one: apt-get install crun')
    : finding(`program ${name}`, 'warn', `not found: containers run with ${other} only`, install);
};

const programs: Check = (facts) => (Object.keys(wantedPrograms) as (keyof typeof wantedPrograms)[]).map((name) => program(facts, name));

const wantedControllers = ['cpu', 'memory', 'pids'];

/** Controllers of cgroup v1 that are mounted, from /proc/mounts. */
const v1Controllers = (mounts: string): readonly string[] =>
  mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields[2] === 'cgroup')
    .flatMap((fields) => fields[3]?.split(',') ?? []);

const cgroups: Check = ({ cgroup2Controllers, mounts }) => {
  const unified = cgroup2Controllers !== undefined;
  const there = unified ? cgroup2Controllers.split(/\s+/) : v1Controllers(mounts);
  const missing = wantedControllers.filter((controller) => !there.includes(controller));
  const layout = unified ? 'v2' : /^\S+ \S+ cgroup2 /m.test(mounts) ? 'v1 with a v2 hierarchy beside it' : 'v1';
  if (missing.length === 0) return [finding('cgroups', 'ok', `${layout}, with ${wantedControllers.join(', ')}`)];
  const level = there.includes('pids') || there.includes('memory') ? 'warn' : 'fail';
  return [
    finding(
      'cgroups',
      level,
      `${layout} without ${missing.join(', ')}: limits on it are refused`,
      missing.includes('memory')
        ? 'Boot with cgroup_enable=memory, or mount the controller.'
        : 'Mount the controller, or switch it on for the root group.',
    ),
  ];
};

/** A filesystem that is a module is listed only once something was mounted; the kernel loads it by itself then. */
const overlayfs: Check = ({ filesystems, modules }) => [
  /\boverlay$/m.test(filesystems)
    ? finding('overlayfs', 'ok', 'there')
    : /\/overlay\.ko/.test(modules)
      ? finding('overlayfs', 'ok', 'loaded when first used')
      : finding('overlayfs', 'fail', 'the kernel does not have it', 'Load it: modprobe overlay'),
];

const networking: Check = ({ kernelMakes }) =>
  kernelThings.map((thing) => {
    const made = kernelMakes[thing];
    if (made === true) return finding(`network ${thing}`, 'ok', 'there');
    if (made === undefined)
      return finding(`network ${thing}`, 'warn', 'could not be tried', 'Run it again as root, with iproute2 and nftables installed.');
    const module = thing === 'nftables' ? 'nf_tables' : thing;
    // Overlays over several hosts are what these two are for; one host does without.
    const level = thing === 'vxlan' || thing === 'macvlan' ? 'warn' : 'fail';
    return finding(`network ${thing}`, level, 'the kernel does not make it', `Load it: modprobe ${module}`);
  });

const userNamespaces: Check = ({ maxUserNamespaces }) => [
  maxUserNamespaces === undefined
    ? finding('user namespaces', 'warn', 'the kernel has none: --userns-remap cannot be used', 'Use a kernel with CONFIG_USER_NS.')
    : maxUserNamespaces === 0
      ? finding(
          'user namespaces',
          'warn',
          'switched off: --userns-remap cannot be used',
          'Allow them: sysctl user.max_user_namespaces=15000',
        )
      : finding('user namespaces', 'ok', `up to ${maxUserNamespaces}`),
];

const seccomp: Check = (facts) => {
  if (!facts.seccomp) return [finding('seccomp', 'fail', 'the kernel has none', 'Use a kernel with CONFIG_SECCOMP_FILTER.')];
  return [
    facts.seccompProfile
      ? finding('seccomp', 'ok', `default profile ${seccompProfilePath}`)
      : finding(
          'seccomp',
          'fail',
          `the default profile ${seccompProfilePath} is missing`,
          'Install it: apt-get install golang-github-containers-common',
        ),
  ];
};

const sysctls: Check = (facts) => {
  const forward = facts.sysctls['net.ipv4.ip_forward'];
  const instances = Number(facts.sysctls['fs.inotify.max_user_instances'] ?? Number.NaN);
  return [
    forward === '1'
      ? finding('sysctl net.ipv4.ip_forward', 'ok', '1')
      : finding(
          'sysctl net.ipv4.ip_forward',
          'warn',
          `${forward ?? 'unknown'}: containers reach nothing outside until it is 1`,
          'Set it: sysctl -w net.ipv4.ip_forward=1 (and in /etc/sysctl.d).',
        ),
    instances >= 128
      ? finding('sysctl fs.inotify.max_user_instances', 'ok', String(instances))
      : finding(
          'sysctl fs.inotify.max_user_instances',
          'warn',
          `${instances}: too few for many tasks`,
          'Set it: sysctl -w fs.inotify.max_user_instances=1024',
        ),
  ];
};

const port: Check = ({ vxlanPort: state, daemon }) => {
  const check = `port ${vxlanPort}/udp`;
  if (state === 'free') return [finding(check, 'ok', 'free')];
  if (state === 'unknown') return [finding(check, 'warn', 'could not be tried')];
  // Our own overlay devices hold it too: only without a daemon is it someone else's for sure.
  return [
    daemon.errno === undefined
      ? finding(check, 'ok', 'in use while the daemon runs')
      : finding(
          check,
          'warn',
          'taken by something else: networks over several hosts need it',
          `See by what: ss -ulnp 'sport = :${vxlanPort}'; ip -d link show type vxlan`,
        ),
  ];
};

const clock: Check = ({ nowMs, rtcMs }) => {
  const fix = 'Keep it right: apt-get install systemd-timesyncd';
  if (nowMs < releasedAtMs) return [finding('clock', 'fail', `it says ${new Date(nowMs).toISOString()}, which is in the past`, fix)];
  if (rtcMs !== undefined && Math.abs(rtcMs - nowMs) > 60_000) {
    return [finding('clock', 'warn', `it and the hardware clock differ by ${Math.round(Math.abs(rtcMs - nowMs) / 1000)} s`, fix)];
  }
  return [finding('clock', 'ok', new Date(nowMs).toISOString())];
};

const disk: Check = ({ freeBytes, dataDir }) => {
  if (freeBytes === undefined) return [finding('disk', 'warn', `the space under ${dataDir} cannot be seen`)];
  const text = `${(freeBytes / gib).toFixed(1)} GiB free under ${dataDir}`;
  if (freeBytes >= 2 * gib) return [finding('disk', 'ok', text)];
  return [finding('disk', freeBytes < gib / 4 ? 'fail' : 'warn', text, 'Make room, or choose another --data-dir.')];
};

const daemon: Check = ({ daemon: { socket, errno } }) => {
  if (errno === undefined) return [finding('daemon', 'ok', `listens on ${socket}`)];
  if (errno === 'EACCES') return [finding('daemon', 'warn', `${socket} is not for you`, 'Use sudo, or let root add you to the group tso.')];
  return [finding('daemon', 'warn', `none listens on ${socket}`, 'Start it: sudo tso daemon; sudo tso up does so by itself.')];
};

const checks: readonly Check[] = [
  user,
  node,
  kernel,
  programs,
  cgroups,
  overlayfs,
  networking,
  examineNetwork,
  userNamespaces,
  seccomp,
  sysctls,
  port,
  examinePort,
  clock,
  disk,
  daemon,
  examineCluster,
];

/** Everything there is to say about a host, in a fixed order. */
export const examine = (facts: HostFacts): readonly Finding[] => checks.flatMap((check) => check(facts));
