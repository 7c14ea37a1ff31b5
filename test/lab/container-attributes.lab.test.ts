import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runCommand } from '../../node-agent/src/host-command.ts';
import { disk } from './support/disk.ts';
import { execResult, onBothRuntimes, plainExec, type RuntimeLab, sleep } from './support/runtime-lab.ts';

const cgroupFile = (lab: RuntimeLab, controller: string, id: string, name: string): string =>
  readFileSync(join('/sys/fs/cgroup', controller, lab.cgroupParent, id, name), 'utf8').trim();

const blkio = { weight: 0, weightDevice: [], readBps: [], writeBps: [], readIops: [], writeIops: [] };

onBothRuntimes(test, 'rates and weights of a disk reach the kernel', async (t, lab) => {
  const { path, number } = disk();
  const plan = lab.plan({
    command: sleep,
    spec: { blkio: { ...blkio, weight: 300, readBps: [{ path, rate: 1 << 20 }], writeIops: [{ path, rate: 50 }] } },
  });
  const { id } = plan;
  const { notes = [] } = await lab.runtime.create(plan);
  const schedulers = readdirSync('/sys/block').map((name) => `/sys/block/${name}/queue/scheduler`);
  const isShared = schedulers.some((file) => existsSync(file) && readFileSync(file, 'utf8').includes('[bfq]'));
  t.is(cgroupFile(lab, 'blkio', id, 'blkio.throttle.read_bps_device'), `${number} ${1 << 20}`);
  t.is(cgroupFile(lab, 'blkio', id, 'blkio.throttle.write_iops_device'), `${number} 50`);
  t.regex(cgroupFile(lab, 'blkio', id, 'blkio.bfq.weight'), /300$/);
  // What it comes to is a matter of the disks' schedulers, and said.
  t.is(notes.length, isShared ? 0 : 1);
  await lab.runtime.remove(id);
});

onBothRuntimes(test, 'swappiness, the OOM switch and a real-time budget reach the kernel', async (t, lab) => {
  const spec = { memSwappiness: 7, oomKillDisable: true, cpuRtRuntimeUs: 20_000, cpuRtPeriodUs: 500_000 };
  const id = await lab.begin({ command: sleep, spec, limits: { memoryBytes: 64 << 20 } });
  t.is(cgroupFile(lab, 'memory', id, 'memory.swappiness'), '7');
  t.regex(cgroupFile(lab, 'memory', id, 'memory.oom_control'), /^oom_kill_disable 1$/m);
  t.is(cgroupFile(lab, 'cpu', id, 'cpu.rt_runtime_us'), '20000');
  t.is(cgroupFile(lab, 'cpu', id, 'cpu.rt_period_us'), '500000');
  const other = await lab.begin({ command: sleep, spec: { cpuRtRuntimeUs: 30_000 } });
  t.is(cgroupFile(lab, 'cpu', other, 'cpu.rt_runtime_us'), '30000');
});

onBothRuntimes(test, 'a device rule opens what the default ones close', async (t, lab) => {
  const command = ['sh', '-c', 'mknod /tmp/loop c 10 237 && (: < /tmp/loop) 2>&1; rm -f /tmp/loop'];
  const closed = await lab.runToEnd({ command });
  t.regex(closed.output, /not permitted/);
  const open = await lab.runToEnd({ command, spec: { deviceCgroupRules: ['c 10:237 r'] } });
  t.notRegex(open.output, /not permitted/);
});

onBothRuntimes(test, 'a tmpfs has size, mode and owner', async (t, lab) => {
  const tmpfs = { source: 'tmpfs', kind: 'tmpfs', readOnly: false, propagation: '', recursive: true } as const;
  const { output } = await lab.runToEnd({
    command: ['sh', '-c', 'stat -c "%u %g %a" /scratch; df -k /scratch | tail -1'],
    plan: { mounts: [{ ...tmpfs, target: '/scratch', sizeBytes: 2 << 20, mode: 0o750, uid: 1000, gid: 50 }] },
  });
  t.regex(output, /^1000 50 750\n.* 2048 /);
});

onBothRuntimes(test, 'what is mounted below a source cannot be written either when that is asked for', async (t, lab) => {
  const source = join(lab.dir, 'tree');
  mkdirSync(join(source, 'below'), { recursive: true });
  await runCommand('mount', ['-t', 'tmpfs', 'tmpfs', join(source, 'below')]);
  try {
    const bind = {
      source,
      target: '/tree',
      kind: 'bind',
      readOnly: true,
      propagation: 'rprivate',
      recursive: true,
      sizeBytes: 0,
      mode: 0,
    } as const;
    const command = ['sh', '-c', 'touch /tree/below/file && echo written'];
    t.regex((await lab.runToEnd({ command, plan: { mounts: [bind] } })).output, /written/);
    const strict = await lab.runToEnd({ command, plan: { mounts: [{ ...bind, recursiveReadOnly: true }] } });
    t.regex(strict.output, /Read-only file system/);
  } finally {
    await runCommand('umount', [join(source, 'below')]);
  }
});

onBothRuntimes(test, 'a container runs with the runtime that it names, whatever the node has', async (t, lab) => {
  const other = lab.name === 'crun' ? 'runc' : 'crun';
  const id = await lab.begin({ command: sleep, spec: { runtime: other } });
  t.true(statSync(join(lab.dir, 'run', 'runtime', other, id)).isDirectory());
  t.is((await execResult(await lab.runtime.exec(id, { ...plainExec, command: ['echo', 'here'] }))).stdout, 'here\n');
  await lab.restart();
  t.is((await lab.runtime.observe(id)).state, 'running');
  const plan = lab.plan({ command: sleep, spec: { runtime: 'gvisor' } });
  await t.throwsAsync(lab.runtime.create(plan), { code: 'INVALID_ARGUMENT', message: 'there is no runtime gvisor' });
});

onBothRuntimes(test, 'annotations are in the bundle of the runtime', async (t, lab) => {
  const id = await lab.begin({ command: sleep, spec: { annotations: { 'com.example.a': 'b' } } });
  const { annotations } = JSON.parse(readFileSync(join(lab.dir, 'run', 'containers', id, 'config.json'), 'utf8')) as {
    readonly annotations: Readonly<Record<string, string>>;
  };
  t.is(annotations['com.example.a'], 'b');
});
