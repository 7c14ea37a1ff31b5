import test from 'ava';
import { placesOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const containerOf = (service: string) => serviceOf(oneService(service)).task.container;
const told = (service: string): string => toldOf(oneService(service)).join('\n');

test('shares and limits of block devices become numbers', (t) => {
  const { blkio } = containerOf(
    [
      'blkio_config:',
      '  weight: 300',
      '  weight_device: [{path: /dev/sda, weight: 400}]',
      '  device_read_bps: [{path: /dev/sdb, rate: 12mb}]',
      '  device_write_bps: [{path: /dev/sdb, rate: 1024k}]',
      '  device_read_iops: [{path: /dev/sdb, rate: 120}]',
      '  device_write_iops: [{path: /dev/sdb, rate: 30}]',
    ].join('\n'),
  );
  t.deepEqual(blkio, {
    weight: 300,
    weightDevice: [{ path: '/dev/sda', weight: 400 }],
    readBps: [{ path: '/dev/sdb', rate: 12_582_912 }],
    writeBps: [{ path: '/dev/sdb', rate: 1_048_576 }],
    readIops: [{ path: '/dev/sdb', rate: 120 }],
    writeIops: [{ path: '/dev/sdb', rate: 30 }],
  });
  t.is(containerOf('tty: true').blkio, undefined);
});

test('weights, rates and devices that the kernel would not take are told where they stand', (t) => {
  t.deepEqual(placesOf(oneService('blkio_config: {weight: 5}')), ['4:28 E402']);
  t.deepEqual(placesOf(oneService('blkio_config: {device_read_bps: [{path: sda, rate: 0}]}')), ['4:45 E202', '4:56 E202']);
  t.regex(told('blkio_config: {device_write_iops: [{rate: 3}]}'), /E203 .*lacks the key 'path'/);
  t.regex(told('blkio_config: {device_write_iops: [{path: /dev/sda}]}'), /E203 .*lacks the key 'rate'/);
});

test('cgroup_parent lies below the cgroup of the node and nowhere else', (t) => {
  t.is(containerOf('cgroup_parent: team/batch').cgroupParent, 'team/batch');
  t.is(containerOf('cgroup_parent: m-executor-abcd').cgroupParent, 'm-executor-abcd');
  for (const parent of ['/docker', '../up', 'a/../../b', 'a//b', 'a/'])
    t.regex(told(`cgroup_parent: ${parent}`), /E401 cgroup_parent/, parent);
  t.is(containerOf('cgroup_parent: a/b/c/d/e/f/g/h').cgroupParent, 'a/b/c/d/e/f/g/h');
  t.is(told('cgroup_parent: a/b/c/d/e/f/g/h/i'), 'E402 cgroup_parent has 9 names below one another; the most are 8');
  t.regex(told('cgroup_parent: "a b"'), /E202 'a b' is not a path of cgroups/);
});

test('rules for devices have the form that the kernel reads', (t) => {
  t.deepEqual(containerOf('device_cgroup_rules: ["c 1:3 mr", "b 7:* rmw"]').deviceCgroupRules, ['c 1:3 mr', 'b 7:* rmw']);
  for (const rule of ['c 1:3', 'x 1:3 r', 'c 1:3 rx', 'c 1:3 rr', 'c 1 r', ''])
    t.regex(told(`device_cgroup_rules: ["${rule}"]`), /E202 .*is not a rule for devices/, rule);
  t.regex(told('device_cgroup_rules: ["a 7:* r"]'), /E202 .*would mean all devices/);
});

test('times for realtime scheduling are microseconds, or durations', (t) => {
  t.like(containerOf('cpu_rt_runtime: 95000\ncpu_rt_period: 1s'), { cpuRtRuntimeUs: 95_000, cpuRtPeriodUs: 1_000_000 });
  t.is(containerOf('cpu_rt_runtime: "400ms"').cpuRtRuntimeUs, 400_000);
  t.regex(told('cpu_rt_runtime: soon'), /E202 'soon' is not a time for cpu_rt_runtime/);
  t.regex(told('cpu_rt_runtime: 2s\ncpu_rt_period: 1s'), /E304/);
});

test('swappiness, the killer of processes and the runtime are passed on as said', (t) => {
  const container = containerOf('mem_swappiness: 10\noom_kill_disable: true\nruntime: runc\nannotations: {com.example.a: b}');
  t.like(container, { memSwappiness: 10, oomKillDisable: true, runtime: 'runc', annotations: { 'com.example.a': 'b' } });
  t.is(containerOf('mem_swappiness: 0').memSwappiness, 0);
  t.is(containerOf('mem_swappiness: -1').memSwappiness, undefined);
  t.is(containerOf('runtime: io.containerd.runc.v2').runtime, 'runc');
  t.regex(told('mem_swappiness: 101'), /E402 mem_swappiness cannot be 101/);
  t.regex(told('runtime: kata'), /E401 the runtime kata is not supported yet/);
});
