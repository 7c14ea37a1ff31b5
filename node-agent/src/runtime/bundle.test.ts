import { capabilityNames, emptyContainerSpec, emptyResources, TsoError } from '@tso/proto';
import test from 'ava';
import { weightLines } from './block-io.ts';
import { type BundleFacts, bundleConfig } from './bundle.ts';
import type { OciConfig } from './oci-spec.ts';
import { ociJson, parseOciConfig } from './oci-spec.ts';
import { resourceNotes } from './resources.ts';
import type { ContainerPlan } from './types.ts';

const profile = JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO',
  archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] }],
  syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
});

const basePlan: ContainerPlan = {
  id: 't1',
  spec: { ...emptyContainerSpec, image: 'busybox:1' },
  limits: emptyResources,
  reservations: emptyResources,
  image: {
    entrypoint: [],
    command: ['sh'],
    env: ['PATH=/bin'],
    workingDir: '',
    user: '',
    volumes: [],
    exposedPorts: [],
    stopSignal: '',
    labels: {},
  },
  rootfs: '/r',
  mounts: [],
  netns: '/run/netns/x',
  linkEnv: [],
  etcFiles: { hosts: '/e/hosts', 'resolv.conf': '/e/resolv.conf', hostname: '/e/hostname' },
  hostname: 'web-1',
  cgroupPath: '/tso/t1',
  shift: undefined,
  seccompProfile: profile,
  labels: {},
  logMaxSizeBytes: 0,
};

const facts: BundleFacts = {
  user: { uid: 0, gid: 0, additionalGids: [], home: '/root' },
  args: ['sh'],
  initPath: undefined,
  architecture: 'amd64',
  kernel: { major: 6, minor: 1 },
  capabilities: capabilityNames,
  openFilesMax: 1_000_000,
  swapAccounting: true,
  cgroupVersion: 1,
  realTimeGroups: true,
  blockWeights: 'runtime',
  sharesByWeight: true,
  blockDevices: new Map([['/dev/vda', { major: 254, minor: 0, weighted: true }]]),
  isInsideNetns: false,
  devices: [],
};

const config = (
  plan: Partial<Omit<ContainerPlan, 'spec'>> & { readonly spec?: Partial<ContainerPlan['spec']> } = {},
  more: Partial<BundleFacts> = {},
): OciConfig => bundleConfig({ ...basePlan, ...plan, spec: { ...basePlan.spec, ...plan.spec } }, { ...facts, ...more });

const namespaces = (made: OciConfig): readonly string[] => made.linux.namespaces.map((namespace) => namespace.type);
const mountAt = (made: OciConfig, target: string) => made.mounts.find((mount) => mount.destination === target);

test('a plain container has its own pid, ipc, uts, cgroup and mount namespaces and joins the given network', (t) => {
  const made = config();
  t.deepEqual([...namespaces(made)].sort(), ['cgroup', 'ipc', 'mount', 'network', 'pid', 'uts']);
  t.is(made.linux.namespaces.find((namespace) => namespace.type === 'network')?.path, '/run/netns/x');
});

test('without a network namespace the container shares the network of the host', (t) => {
  t.false(namespaces(config({ netns: undefined })).includes('network'));
});

test('each host mode takes its namespace away, and a host uts takes the hostname', (t) => {
  const made = config({ spec: { pidMode: 'host', ipcMode: 'host', utsMode: 'host', cgroupMode: 'host' } });
  t.deepEqual(namespaces(made), ['mount', 'network']);
  t.is(made.hostname, undefined);
  t.is(mountAt(made, '/dev/shm')?.source, '/dev/shm');
});

test('a plain container has the fourteen default capabilities, masked and read-only paths and a filter', (t) => {
  const made = config();
  t.is(made.process.capabilities.bounding.length, 14);
  t.deepEqual(made.process.capabilities.effective, made.process.capabilities.bounding);
  t.true(made.linux.maskedPaths.includes('/proc/kcore'));
  t.true(made.linux.readonlyPaths.includes('/proc/sys'));
  t.deepEqual(made.linux.seccomp?.architectures, ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86']);
  t.false(made.process.noNewPrivileges);
});

test('a container that may not change its network gets no sockets past the rules of it', (t) => {
  const refused = (spec: Parameters<typeof config>[0]): boolean =>
    config(spec).linux.seccomp?.syscalls.some(({ names, errnoRet }) => names.includes('socket') && errnoRet === 97) ?? false;
  t.true(refused({}));
  t.false(refused({ spec: { capAdd: ['NET_ADMIN'] } }));
  t.false(refused({ spec: { seccomp: profile } }), 'what a user wrote stands');
});

test('a privileged container has every capability and device, no masks and no filter', (t) => {
  const made = config({ spec: { privileged: true } });
  t.is(made.process.capabilities.bounding.length, capabilityNames.length);
  t.deepEqual([made.linux.maskedPaths, made.linux.readonlyPaths, made.linux.seccomp], [[], [], undefined]);
  t.deepEqual(made.linux.resources.devices, [{ allow: true, access: 'rwm' }]);
  t.true(mountAt(made, '/sys')?.options.includes('rw'));
});

test('a host without a seccomp profile refuses a container that does not ask to be unconfined', (t) => {
  const error = t.throws(() => config({ seccompProfile: undefined }), { instanceOf: TsoError });
  t.is(error.code, 'FAILED_PRECONDITION');
  t.is(config({ seccompProfile: undefined, spec: { seccomp: 'unconfined' } }).linux.seccomp, undefined);
});

test('a profile in the spec replaces the default and keeps every architecture it names', (t) => {
  t.deepEqual(config({ seccompProfile: undefined, spec: { seccomp: profile } }).linux.seccomp?.architectures.length, 3);
});

test('a remapped container gets a user namespace and a bound /sys, since sysfs belongs to the owner of the network', (t) => {
  const made = config({ shift: { base: 200_000, size: 65_536 } });
  t.true(namespaces(made).includes('user'));
  t.deepEqual(made.linux.uidMappings, [{ containerID: 0, hostID: 200_000, size: 65_536 }]);
  t.deepEqual(made.linux.gidMappings, made.linux.uidMappings);
  t.like(mountAt(made, '/sys'), { type: 'bind', source: '/sys' });
  t.true(mountAt(made, '/sys')?.options.includes('ro'));
});

test('limits become cgroup resources: quota per 100 ms, swap as much as memory, pids', (t) => {
  const made = config({
    limits: { nanoCpus: 1.5e9, memoryBytes: 64 << 20, pids: 20 },
    reservations: { nanoCpus: 0, memoryBytes: 32 << 20, pids: 0 },
    spec: { cpusetCpus: '0-1', cpuShares: 512 },
  });
  t.like(made.linux.resources, {
    cpu: { quota: 150_000, period: 100_000, shares: 512, cpus: '0-1' },
    memory: { limit: 64 << 20, swap: 64 << 20, reservation: 32 << 20 },
    pids: { limit: 20 },
  });
});

test('without limits no cgroup value is set, and without swap accounting no swap limit', (t) => {
  t.deepEqual(Object.keys(config().linux.resources), ['devices']);
  t.deepEqual(config({ limits: { ...emptyResources, memoryBytes: 4096 } }, { swapAccounting: false }).linux.resources.memory, {
    limit: 4096,
  });
  t.is(config({ limits: { ...emptyResources, memoryBytes: 4096 }, spec: { memorySwapBytes: -1 } }).linux.resources.memory?.swap, -1);
});

test('a tiny cpu limit is raised to the smallest quota the kernel takes', (t) => {
  t.is(config({ limits: { ...emptyResources, nanoCpus: 1_000_000 } }).linux.resources.cpu?.quota, 1_000);
});

test('an unlimited ulimit is written with all its digits and read back the same', (t) => {
  const made = config({
    spec: {
      ulimits: [
        { name: 'nofile', soft: 10, hard: 20 },
        { name: 'MEMLOCK', soft: -1, hard: -1 },
      ],
    },
  });
  const text = ociJson(made);
  t.true(text.includes('"soft":18446744073709551615'));
  t.deepEqual(parseOciConfig(text).process.rlimits, [
    { type: 'RLIMIT_NOFILE', soft: 10n, hard: 20n },
    { type: 'RLIMIT_MEMLOCK', soft: 18_446_744_073_709_551_615n, hard: 18_446_744_073_709_551_615n },
  ]);
});

test('ulimits that make no sense are refused by name', (t) => {
  t.throws(() => config({ spec: { ulimits: [{ name: 'nofiles', soft: 1, hard: 1 }] } }), { message: /no ulimit nofiles/ });
  t.throws(() => config({ spec: { ulimits: [{ name: 'nofile', soft: 2, hard: 1 }] } }), { message: /above the hard limit/ });
});

test('the environment is the image under the spec, a bare key removes, PATH HOME and HOSTNAME are there', (t) => {
  const image = { ...basePlan.image, env: ['PATH=/opt/bin', 'A=1', 'B=1', 'C=1'] };
  const made = config({ image, spec: { env: ['A=2', 'B', 'D='] } });
  t.deepEqual([...made.process.env].sort(), ['A=2', 'C=1', 'D=', 'HOME=/root', 'HOSTNAME=web-1', 'PATH=/opt/bin']);
  t.true(config({ image: { ...image, env: [] } }).process.env.some((entry) => entry.startsWith('PATH=/usr/local/sbin')));
});

test('somebody else than root keeps only the capabilities that were asked for by name', (t) => {
  const user = { uid: 1000, gid: 1000, additionalGids: [50], home: '/home/web' };
  const made = config({ spec: { capDrop: ['ALL'], capAdd: ['net_bind_service'] } }, { user });
  t.deepEqual(made.process.capabilities.ambient, ['CAP_NET_BIND_SERVICE']);
  t.deepEqual(made.process.capabilities.bounding, ['CAP_NET_BIND_SERVICE']);
  t.deepEqual(config({}, { user }).process.capabilities.effective, []);
  t.deepEqual(made.process.user, { uid: 1000, gid: 1000, additionalGids: [50] });
});

test('init is bound into /dev and started before the command', (t) => {
  const made = config({}, { initPath: '/usr/bin/tini-static' });
  t.deepEqual(made.process.args, ['/dev/init', '--', 'sh']);
  t.is(mountAt(made, '/dev/init')?.source, '/usr/bin/tini-static');
});

test('mounts of the user come after ours, parents first, and replace ours at the same target', (t) => {
  const mount = { source: '/v', kind: 'bind', readOnly: true, propagation: '', recursive: true, sizeBytes: 0, mode: 0 } as const;
  const made = config({
    mounts: [
      { ...mount, target: '/data/deep/er' },
      { ...mount, target: '/data' },
      { ...mount, target: '/etc/hosts' },
      { ...mount, kind: 'tmpfs', readOnly: false, sizeBytes: 4096, target: '/dev/shm' },
    ],
  });
  const targets = made.mounts.map((entry) => entry.destination);
  t.true(targets.indexOf('/data') < targets.indexOf('/data/deep/er'));
  t.is(targets.filter((target) => target === '/etc/hosts').length, 1);
  t.deepEqual(mountAt(made, '/etc/hosts'), { destination: '/etc/hosts', type: 'bind', source: '/v', options: ['rbind', 'rprivate', 'ro'] });
  t.deepEqual(mountAt(made, '/dev/shm')?.options, ['nosuid', 'nodev', 'noexec', 'mode=1777', 'size=4096', 'rw']);
});

test('sysctls of the network are left to the network, a domain name is one of the rest', (t) => {
  const made = config({ spec: { sysctls: { 'net.ipv4.ip_forward': '1', 'kernel.msgmax': '65536' }, domainname: 'example.org' } });
  t.deepEqual(made.linux.sysctl, { 'kernel.msgmax': '65536', 'kernel.domainname': 'example.org' });
});

test('labels become annotations, but none that steers the runtime', (t) => {
  t.deepEqual(config({ labels: { team: 'a', 'run.oci.hooks.stdout': '/etc/passwd' } }).annotations, { team: 'a' });
});

test('a granted device is made and allowed with exactly its access', (t) => {
  const device = { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0 } as const;
  const made = config({}, { devices: [{ device, access: 'rw' }] });
  t.deepEqual(made.linux.devices, [device]);
  t.deepEqual(made.linux.resources.devices.at(-1), { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' });
  t.deepEqual(made.linux.resources.devices[0], { allow: false, access: 'rwm' });
});

const blkio = { weight: 300, weightDevice: [], readBps: [], writeBps: [{ path: '/dev/vda', rate: 1024 }], readIops: [], writeIops: [] };

test('limits and weights of block devices name them by number', (t) => {
  const made = config({
    spec: { blkio: { ...blkio, weightDevice: [{ path: '/dev/vda', weight: 20 }], readIops: [{ path: '/dev/vda', rate: 5 }] } },
  });
  t.deepEqual(made.linux.resources.blockIO, {
    weight: 300,
    weightDevice: [{ major: 254, minor: 0, weight: 20 }],
    throttleWriteBpsDevice: [{ major: 254, minor: 0, rate: 1024 }],
    throttleReadIOPSDevice: [{ major: 254, minor: 0, rate: 5 }],
  });
  t.is(config().linux.resources.blockIO, undefined);
});

test('a host that shares nothing out by weight keeps the limits, and it is said', (t) => {
  const made = config({ spec: { blkio } }, { blockWeights: 'none' });
  t.deepEqual(made.linux.resources.blockIO, { throttleWriteBpsDevice: [{ major: 254, minor: 0, rate: 1024 }] });
  const spec = { ...basePlan.spec, blkio: { ...blkio, weightDevice: [{ path: '/dev/vda', weight: 20 }] } };
  t.deepEqual(resourceNotes(spec, facts), []);
  t.is(resourceNotes(spec, { ...facts, sharesByWeight: false }).length, 2);
  const plain = new Map([['/dev/vda', { major: 254, minor: 0, weighted: false }]]);
  t.deepEqual(resourceNotes(spec, { ...facts, blockDevices: plain }), [
    "blkio_config's weight has no effect for /dev/vda: not scheduled by BFQ",
  ]);
  t.is(config({ spec }, { blockDevices: plain }).linux.resources.blockIO?.weightDevice, undefined);
});

test('where the agent writes weights the runtime is told of none', (t) => {
  const both = { ...blkio, weightDevice: [{ path: '/dev/vda', weight: 20 }] };
  const { blockIO } = config({ spec: { blkio: both } }, { blockWeights: 'agent' }).linux.resources;
  t.deepEqual([blockIO?.weight, blockIO?.weightDevice], [undefined, undefined]);
  t.deepEqual(weightLines(both, facts.blockDevices), { weight: '300', devices: ['254:0 20'] });
});

test('a weight out of bounds, a rate of nothing and a device that is none are refused', (t) => {
  const refused = (change: Partial<typeof blkio>, message: RegExp): void => {
    t.throws(() => config({ spec: { blkio: { ...blkio, ...change } } }), { message });
  };
  refused({ weight: 5 }, /the weight is 5; it can be from 10 to 1000/);
  refused({ writeBps: [{ path: '/dev/vda', rate: 0 }] }, /the rate 0 for \/dev\/vda is none/);
  refused({ writeBps: [{ path: '/dev/vdz', rate: 1 }] }, /\/dev\/vdz is not a block device/);
});

test('the OOM killer, swappiness and real-time budgets are said with control groups of version 1', (t) => {
  const spec = { oomKillDisable: true, memSwappiness: 0, cpuRtRuntimeUs: 5_000, cpuRtPeriodUs: 10_000 };
  const { memory, cpu } = config({ spec }).linux.resources;
  t.deepEqual(memory, { swappiness: 0, disableOOMKiller: true });
  t.deepEqual(cpu, { realtimeRuntime: 5_000, realtimePeriod: 10_000 });
});

test('with version 2 what it does not have is refused, but swappiness, of which it is said', (t) => {
  const v2 = { cgroupVersion: 2, realTimeGroups: false } as const;
  t.throws(() => config({ spec: { oomKillDisable: true } }, v2), {
    code: 'FAILED_PRECONDITION',
    message: /oom_kill_disable is not possible/,
  });
  t.throws(() => config({ spec: { cpuRtRuntimeUs: 1 } }, v2), { code: 'FAILED_PRECONDITION', message: /cpu_rt_runtime .*version 2/ });
  t.is(config({ spec: { memSwappiness: 10 } }, v2).linux.resources.memory?.swappiness, undefined);
  t.regex(resourceNotes({ ...basePlan.spec, memSwappiness: 10 }, { ...facts, cgroupVersion: 2 }).join(), /vm\.swappiness/);
});

test('a real-time budget beyond its period and a swappiness beyond 100 are refused', (t) => {
  t.throws(() => config({ spec: { cpuRtRuntimeUs: 20, cpuRtPeriodUs: 10 } }), { message: /more than its period/ });
  t.throws(() => config({ spec: { memSwappiness: 101 } }), { message: /from 0 to 100/ });
});

test('device rules come behind the default ones and those of granted devices', (t) => {
  const made = config({ spec: { deviceCgroupRules: ['c 10:200 rw'] } });
  t.deepEqual(made.linux.resources.devices.at(-1), { allow: true, type: 'c', major: 10, minor: 200, access: 'rw' });
});

test('annotations reach the runtime, but not those that the agent steers it by; labels that would steer it do not', (t) => {
  const made = config({
    spec: { annotations: { 'run.oci.keep_original_groups': '1', note: 'x' } },
    labels: { 'run.oci.handler': 'y', tier: 'z' },
  });
  t.deepEqual(made.annotations, { tier: 'z', 'run.oci.keep_original_groups': '1', note: 'x' });
  t.throws(() => config({ spec: { annotations: { 'run.oci.seccomp_bpf_data': 'AA==' } } }), {
    message: /run\.oci\.seccomp_bpf_data is the agent's own/,
  });
});

test('a tmpfs has its owner, and a recursive read-only bind the option of the newer mount', (t) => {
  const mount = { source: '/s', readOnly: true, propagation: '', recursive: true, sizeBytes: 0, mode: 0o700 };
  const made = config({
    mounts: [
      { ...mount, kind: 'tmpfs', target: '/t', readOnly: false, uid: 0, gid: 12 },
      { ...mount, kind: 'bind', target: '/b', recursiveReadOnly: true },
    ],
  });
  t.deepEqual(mountAt(made, '/t')?.options.slice(3), ['mode=700', 'uid=0', 'gid=12', 'rw']);
  t.deepEqual(mountAt(made, '/b')?.options, ['rbind', 'rprivate', 'rro']);
  t.throws(
    () => config({ mounts: [{ ...mount, kind: 'bind', target: '/b', recursiveReadOnly: true }] }, { kernel: { major: 5, minor: 11 } }),
    {
      code: 'FAILED_PRECONDITION',
      message: /it takes 5\.12/,
    },
  );
});
