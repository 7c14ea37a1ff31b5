import {
  type ContainerSpec,
  emptyHook,
  emptyMount,
  emptyPort,
  FileKind,
  MountType,
  RebalanceMode,
  ServiceMode,
  type ServiceSpec,
  type StackSpec,
} from '@tso/proto';
import test from 'ava';
import { attachment, networkSpec, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { validateStack } from './validate.ts';

const { tables: nothing } = new World();
/** All the codes that were seen: a wrong spec is the client's, and nothing else. */
const codes = new Set<string>();
const net = networkSpec('net', { subnet: '10.9.0.0/24' });

const problemsOf = (change: Parameters<typeof serviceSpec>[1]): readonly string[] => {
  const { networks = [] } = change?.task ?? {};
  const spec: StackSpec = stackSpec(
    'shop',
    [serviceSpec('web', change)],
    networks.length === 0 ? {} : { networks: [net, networkSpec('other')] },
  );
  const problem = validateStack(nothing, spec);
  const all = problem?.details?.problems;
  if (problem === undefined) return [];
  codes.add(problem.code);
  return Array.isArray(all) ? all.map(String) : [problem.sentence];
};
const container = (change: Partial<ContainerSpec>) => ({ task: { container: change } });
const hook = { ...emptyHook, command: ['true'] };
const mount = (change: Partial<ContainerSpec['mounts'][number]>) =>
  container({ mounts: [{ ...emptyMount, target: '/data', source: '/srv', ...change }] });
const file = (target: string, mode = 0o444) => ({ kind: FileKind.SECRET_FILE, name: 'shop_key', target, uid: 0, gid: 0, mode });
const blkio = { weight: 0, weightDevice: [], readBps: [], writeBps: [], readIops: [], writeIops: [] };
const job = (change: Partial<Omit<ServiceSpec, 'task'>>): Partial<Omit<ServiceSpec, 'task'>> => ({
  mode: ServiceMode.REPLICATED_JOB,
  job: { totalCompletions: 1, maxConcurrent: 0 },
  ...change,
});
const port = { ...emptyPort, target: 80, published: 8080 };

const refused: readonly (readonly [expected: string, change: Parameters<typeof serviceSpec>[1]])[] = [
  ['post_start[1] has no command', container({ postStart: [hook, emptyHook] })],
  ['pre_stop[0] has no command', container({ preStop: [{ ...emptyHook, command: [''] }] })],
  ['post_start[0] runs in the container, and has an image of its own', container({ postStart: [{ ...hook, image: 'busybox' }] })],
  ['pre_start[0]: working_dir "tmp" is not an absolute path', container({ preStart: [{ ...hook, workingDir: 'tmp' }] })],
  ['pre_stop[0]: a variable of its environment is not KEY=value', container({ preStop: [{ ...hook, env: ['=x'] }] })],
  ['post_start[0] has a zero byte in its command', container({ postStart: [{ ...hook, command: ['echo', 'a\0b'] }] })],
  ['pre_start[0] has a zero byte in its command', container({ preStart: [{ ...hook, command: ['a\0b'] }] })],
  ['33 hooks are more than the 32 that pre_start may have', container({ preStart: Array.from({ length: 33 }, () => hook) })],
  ['blkio_config.weight cannot be 5', container({ blkio: { ...blkio, weight: 5 } })],
  [
    'blkio_config.weight_device of /dev/sda cannot be 1001',
    container({ blkio: { ...blkio, weightDevice: [{ path: '/dev/sda', weight: 1001 }] } }),
  ],
  ['blkio_config names "sda", which is not the path of a device', container({ blkio: { ...blkio, readBps: [{ path: 'sda', rate: 1 }] } })],
  [
    'blkio_config.device_write_iops of /dev/sda cannot be 0',
    container({ blkio: { ...blkio, writeIops: [{ path: '/dev/sda', rate: 0 }] } }),
  ],
  ['cgroup_parent "../x" does not lie below the cgroup of the node', container({ cgroupParent: '../x' })],
  ['cgroup_parent "/x" does not lie below the cgroup of the node', container({ cgroupParent: '/x' })],
  ['cgroup_parent "a//b" does not lie below the cgroup of the node', container({ cgroupParent: 'a//b' })],
  ['"d 1:3 rwm" is not a rule for devices', container({ deviceCgroupRules: ['c 1:3 r', 'd 1:3 rwm'] })],
  ['"c 1:3 rr" is not a rule for devices', container({ deviceCgroupRules: ['c 1:3 rr'] })],
  ['mem_swappiness cannot be 101', container({ memSwappiness: 101 })],
  ['2000 µs of realtime do not fit into a period of 1000 µs', container({ cpuRtRuntimeUs: 2000, cpuRtPeriodUs: 1000 })],
  ['a realtime of the processor is negative', container({ cpuRtRuntimeUs: -1 })],
  ['an annotation has no name, or a zero byte in it', container({ annotations: { '': 'x' } })],
  ['its annotations take up to 210003 bytes, they may take 65536', container({ annotations: { a: 'x'.repeat(70_000) } })],
  ['pid "private" is not known', container({ pidMode: 'private' })],
  ['ipc "service:" is not known', container({ ipcMode: 'service:' })],
  ['uts "service:web" is not known', container({ utsMode: 'service:web' })],
  ['pid service:db, and stack shop has no service db', container({ pidMode: 'service:db' })],
  ['ipc container:db, and no service has the container_name db', container({ ipcMode: 'container:db' })],
  ['its pid is its own processes', container({ pidMode: 'service:web' })],
  ['the runtime "kata" is not known', container({ runtime: 'kata' })],
  ['the age from which on its image is pulled again is negative', container({ pullRefreshMs: -1 })],
  ['"sha256:abc" is not the digest of an image', container({ builtDigest: 'sha256:abc' })],
  ['"key" is no place for secret shop_key', container({ files: [file('key')] })],
  ['"/run/../key" is no place for secret shop_key', container({ files: [file('/run/../key')] })],
  ['"/" is no place for secret shop_key', container({ files: [file('/')] })],
  ['17777 is no mode of secret shop_key', container({ files: [file('/key', 0o17777)] })],
  ['two of its secrets and configs have the target /key', container({ files: [file('/key'), file('/key')] })],
  [
    'secret shop_key and a mount have the target /data',
    container({ files: [file('/data')], mounts: [{ ...emptyMount, source: '/srv', target: '/data' }] }),
  ],
  ['a subpath is said of the mount at /data, which is neither a volume nor an image', mount({ subpath: 'a' })],
  [
    'the subpath "../a" leads out of what is mounted at /data',
    mount({ type: MountType.IMAGE, source: 'busybox', readOnly: true, subpath: '../a' }),
  ],
  ['the mount at /data does not say which image it is of', mount({ type: MountType.IMAGE, source: '', readOnly: true })],
  ['the image mounted at /data can only be read', mount({ type: MountType.IMAGE, source: 'busybox' })],
  ['size, mode and owner are said of the mount at /data, which is no tmpfs', mount({ tmpfsUid: 7 })],
  ['17777 is no mode of the tmpfs at /data', mount({ type: MountType.TMPFS, source: '', tmpfsMode: 0o17777 })],
  ['the mount at /data is to be read-only with all below it, and is not read-only itself', mount({ recursiveReadOnly: true })],
  [
    'the mount at /data is to be read-only with all below it, and has the propagation rshared',
    mount({ recursiveReadOnly: true, readOnly: true, propagation: 'rshared' }),
  ],
  [
    '"a-name-too-long-0" cannot be the name of a network device',
    { task: { networks: [attachment('net', { interfaceName: 'a-name-too-long-0' })] } },
  ],
  ['"lo" cannot be the name of a network device', { task: { networks: [attachment('net', { interfaceName: 'lo' })] } }],
  [
    'two of its networks have the device net0',
    { task: { networks: [attachment('net', { interfaceName: 'net0' }), attachment('other', { interfaceName: 'net0' })] } },
  ],
  ['"169.254" is not an address', { task: { networks: [attachment('net', { linkLocalIps: ['169.254'] })] } }],
  ['10.8.0.7 is not a link-local address', { task: { networks: [attachment('net', { linkLocalIps: ['10.8.0.7'] })] } }],
  ['"dns0" cannot be the name of a network device', { task: { networks: [attachment('net', { interfaceName: 'dns0' })] } }],
  ['10.9.0.7 is an address that network net gives out itself', { task: { networks: [attachment('net', { linkLocalIps: ['10.9.0.7'] })] } }],
  [
    'link_local_ips cannot be given to several tasks',
    { replicas: 2, task: { networks: [attachment('net', { linkLocalIps: ['169.254.8.8'] })] } },
  ],
  ['completions are those of a job, and this is none', { job: { totalCompletions: 1, maxConcurrent: 0 } }],
  ['completions are those of a job, and this is none', job({ mode: ServiceMode.GLOBAL_JOB })],
  ['10001 completions are more than the 10000 a job may have', job({ job: { totalCompletions: 10_001, maxConcurrent: 1 } })],
  ['a job answers nobody, so its ports cannot be published', job({ ports: [port] })],
  [
    'a job is run anew when it changes, never updated task by task: update_config has no meaning',
    job({ update: { ...serviceSpec('x').update, parallelism: 2 } }),
  ],
  [
    'a job is run anew when it changes, never updated task by task: rollback_config has no meaning',
    job({ rollback: { ...serviceSpec('x').update, delayMs: 2 } }),
  ],
  ['the tasks of a job end by themselves and are not moved', job({ rebalance: RebalanceMode.REBALANCE_AUTO })],
  [
    'container_name x cannot be given to several tasks',
    { ...job({ job: { totalCompletions: 3, maxConcurrent: 0 } }), ...container({ containerName: 'x' }) },
  ],
  [
    'max_replicas_per_node has no meaning for a global service',
    { mode: ServiceMode.GLOBAL_JOB, task: { placement: { constraints: [], spreadOver: [], maxReplicasPerNode: 1 } } },
  ],
];

for (const [index, [expected, change]] of refused.entries())
  test(`${index + 1}: refused with "${expected}"`, (t) => {
    const problems = problemsOf(change);
    t.true(
      problems.some((sentence) => sentence.includes(expected)),
      problems.join('\n') || 'it was accepted',
    );
    t.deepEqual([...codes], ['INVALID_ARGUMENT']);
  });

test('what is well said of all of it is accepted', (t) => {
  const change = {
    replicas: 1,
    task: {
      networks: [attachment('net', { interfaceName: 'net0', linkLocalIps: ['169.254.8.8', 'fe80::8'] })],
      container: {
        preStart: [{ ...emptyHook, image: 'busybox', workingDir: '/srv', env: ['A=', 'B=c=d'] }],
        postStart: [hook],
        preStop: [{ ...hook, user: '7:7', privileged: true }],
        blkio: { ...blkio, weight: 10, weightDevice: [{ path: '/dev/sda', weight: 1000 }], readBps: [{ path: '/dev/sda', rate: 1 }] },
        cgroupParent: 'team/batch.slice',
        deviceCgroupRules: ['c 1:3 rwm', 'a *:* r', 'b 8:* mw'],
        memSwappiness: 0,
        cpuRtRuntimeUs: 1000,
        cpuRtPeriodUs: 1000,
        annotations: { 'run.oci.keep_original_groups': '1' },
        pidMode: 'host',
        ipcMode: 'shareable',
        runtime: 'runc',
        pullRefreshMs: 86_400_000,
        builtDigest: `sha256:${'0a'.repeat(32)}`,
        mounts: [
          { ...emptyMount, target: '/a', source: '/srv', readOnly: true, recursiveReadOnly: true },
          { ...emptyMount, type: MountType.IMAGE, target: '/b', source: 'busybox', readOnly: true, subpath: 'etc' },
          { ...emptyMount, type: MountType.TMPFS, target: '/c', tmpfsUid: 7, tmpfsGid: 7, tmpfsMode: 0o700, tmpfsSizeBytes: 1 },
        ],
      },
    },
  };
  t.deepEqual(problemsOf(change), []);
  t.deepEqual(problemsOf(job({ replicas: 0 })), []);
  t.deepEqual(problemsOf({ mode: ServiceMode.GLOBAL_JOB }), []);
  t.deepEqual(problemsOf({ ...job({ job: { totalCompletions: 3, maxConcurrent: 1 } }), ...container({ containerName: 'x' }) }), []);
});

test('no problem quotes a value of an environment', (t) => {
  const problems = problemsOf(container({ postStart: [{ ...hook, env: ['=hunter2'] }] }));
  t.true(problems.length > 0);
  t.false(problems.join().includes('hunter2'));
});

const refusalOf = (...services: readonly ServiceSpec[]): string =>
  validateStack(nothing, stackSpec('shop', services))?.message ?? 'accepted';

test('a circle that is closed by what is shared is one of dependencies', (t) => {
  const on = (service: string) => ({ service, condition: '', required: true, restart: false });
  t.is(
    refusalOf(serviceSpec('a', { dependsOn: [on('b')] }), serviceSpec('b', { task: { networkMode: 'service:a' } })),
    'the services depend on each other in a circle: a -> b -> a',
  );
  t.is(refusalOf(serviceSpec('a', { dependsOn: [on('b'), on('b')] }), serviceSpec('b')), 'service a depends on b twice');
  t.is(
    refusalOf(
      serviceSpec('a', { task: { container: { pidMode: 'service:b' } } }),
      serviceSpec('b', { task: { container: { ipcMode: 'service:a' } } }),
    ),
    "the services share each other's network, processes or IPC in a circle: a -> b -> a",
  );
});
