import test from 'ava';
import { examine } from './examine.ts';
import type { HostFacts } from './facts.ts';
import { wantedPrograms } from './facts.ts';
import { ruleKinds } from './network-facts.ts';

const good: HostFacts = {
  uid: 0,
  nodeVersion: 'v24.1.0',
  kernel: '6.1.0-18-cloud-amd64',
  filesystems: 'nodev\tproc\nnodev\toverlay\n\text4\n',
  modules: '',
  mounts: 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n',
  cgroup2Controllers: 'cpuset cpu io memory hugetlb pids\n',
  programs: Object.fromEntries(Object.keys(wantedPrograms).map((name) => [name, `/usr/bin/${name}`])),
  versions: {},
  kernelMakes: { bridge: true, veth: true, macvlan: true, vxlan: true, nftables: true },
  maxUserNamespaces: 100,
  seccomp: true,
  seccompProfile: true,
  sysctls: { 'net.ipv4.ip_forward': '1', 'fs.inotify.max_user_instances': '1024' },
  vxlanPort: 'free',
  memberPort: 'free',
  cluster: undefined,
  nowMs: Date.UTC(2026, 5, 1),
  rtcMs: Date.UTC(2026, 5, 1),
  dataDir: '/var/lib/tso',
  freeBytes: 10 * 1024 ** 3,
  network: {
    rules: Object.fromEntries(Object.keys(ruleKinds).map((kind) => [kind, true])),
    wireguard: true,
    ipv6Disabled: '0',
    conntrack: true,
    sctpConntrack: true,
    forwardDrops: [],
    devices: [],
    routes: [],
  },
  daemon: { socket: '/run/tso/tso.sock', errno: undefined },
};
const unwell = (change: Partial<HostFacts>) =>
  examine({ ...good, ...change })
    .filter((finding) => finding.level !== 'ok')
    .map(({ check, level, fix }) => [check, level, fix.includes('apt-get install') ? 'install' : fix === '' ? '' : 'fix']);

test('a good host has nothing to repair', (t) => {
  t.deepEqual(unwell({}), []);
});

test('a missing program fails and names its package', (t) => {
  t.deepEqual(unwell({ programs: { ...good.programs, conmon: undefined } }), [['program conmon', 'fail', 'install']]);
});

test('one runtime is enough, none is not', (t) => {
  t.deepEqual(unwell({ programs: { ...good.programs, crun: undefined } }), [['program crun', 'warn', 'install']]);
  t.deepEqual(unwell({ programs: { ...good.programs, crun: undefined, runc: undefined } }), [
    ['program crun', 'fail', 'install'],
    ['program runc', 'fail', 'install'],
  ]);
});

test('a program that some do without warns, and says what does not work', (t) => {
  const without = (name: string) =>
    examine({ ...good, programs: { ...good.programs, [name]: undefined } }).find(({ level }) => level !== 'ok')?.message;
  t.is(without('wg'), 'not found: networks with encrypted: "true" are refused on this host');
  t.is(without('buildah'), 'not found: services with build: cannot be built from this host');
  t.is(without('zstd'), 'not found: layers compressed with it cannot be read');
});

test('cgroup v1 is read from the mounts', (t) => {
  const mounts = ['cpu,cpuacct', 'memory', 'pids'].map((options) => `cgroup /sys/fs/cgroup/x cgroup rw,nosuid,${options} 0 0`).join('\n');
  t.deepEqual(unwell({ cgroup2Controllers: undefined, mounts }), []);
  t.deepEqual(unwell({ cgroup2Controllers: undefined, mounts: '' }), [['cgroups', 'fail', 'fix']]);
});

test('what the kernel lacks is told by how much it matters', (t) => {
  t.deepEqual(unwell({ kernelMakes: { ...good.kernelMakes, veth: false, vxlan: false } }), [
    ['network veth', 'fail', 'fix'],
    ['network vxlan', 'warn', 'fix'],
  ]);
  t.deepEqual(unwell({ filesystems: 'ext4\n' }), [['overlayfs', 'fail', 'fix']]);
  t.deepEqual(unwell({ filesystems: 'ext4\n', modules: 'kernel/fs/overlayfs/overlay.ko:\n' }), []);
});

test('a clock in the past fails, one beside the hardware clock warns', (t) => {
  t.deepEqual(unwell({ nowMs: 0, rtcMs: undefined }), [['clock', 'fail', 'install']]);
  t.deepEqual(unwell({ rtcMs: good.nowMs + 300_000 }), [['clock', 'warn', 'install']]);
});

test('a taken overlay port is ours while the daemon runs', (t) => {
  t.deepEqual(unwell({ vxlanPort: 'taken' }), []);
  t.deepEqual(unwell({ vxlanPort: 'taken', daemon: { socket: '/s', errno: 'ENOENT' } }), [
    ['port 4789/udp', 'warn', 'fix'],
    ['daemon', 'warn', 'fix'],
  ]);
});
