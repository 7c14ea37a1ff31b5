import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runCommand } from '../../node-agent/src/host-command.ts';
import { importBusybox } from './support/busybox-image.ts';
import { eventually } from './support/eventually.ts';
import { LabHost } from './support/lab-host.ts';
import { execResult, onBothRuntimes, plainExec, type RuntimeLab, sleep } from './support/runtime-lab.ts';

/** A whole disk of this host, with its number. */
const disk = (): { readonly path: string; readonly number: string } => {
  const name = readdirSync('/sys/block').find((one) => !/^(loop|ram|zram|dm-|md)/.test(one));
  if (name === undefined) throw new Error('this host has no disk');
  return { path: `/dev/${name}`, number: readFileSync(`/sys/block/${name}/dev`, 'utf8').trim() };
};

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

const idle = `image: "busybox:1", stop_grace_period: 200ms, command: ["sleep", "100000"]`;
const host = await LabHost.create();
test.before(async () => {
  await host.startDaemon();
  await host.tsoOk(['init']);
  await importBusybox(host);
});
test.after.always(() => host.destroy());

const inside = (stack: string, service: string, ...command: string[]) => host.tsoOk(['exec', '-p', stack, service, ...command]);
const volumes = join(host.dataDir, 'volumes');
/** What the daemon has mounted at volumes, by volume. */
const mounted = async (): Promise<readonly string[]> => {
  const info = await host.run('cat', [`/proc/${host.daemonPid}/mountinfo`]);
  return info
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .filter((target) => target.startsWith(`${volumes}/`))
    .map((target) => target.slice(volumes.length + 1));
};

test.serial(
  'a volume of a tmpfs is mounted once for all its tasks, lives through a killed agent, and is unmounted with the last of them',
  async (t) => {
    const yaml = (replicas: number): string =>
      `services:\n  app: { ${idle}, volumes: ["fast:/fast"], deploy: { replicas: ${replicas} } }\nvolumes: { fast: { driver_opts: { type: tmpfs, o: "size=3m,mode=0751", device: tmpfs } } }\n`;
    await host.upOk('fast', yaml(2));
    t.regex(await inside('fast', 'app', 'df', '-k', '/fast'), / 3072 /);
    await inside('fast', 'app', 'sh', '-c', 'echo kept > /fast/file');
    t.deepEqual(await mounted(), ['fast_fast/_data']);
    await host.stopDaemon('SIGKILL');
    await host.startDaemon();
    t.is(await inside('fast', 'app', 'cat', '/fast/file'), 'kept\n');
    await host.upOk('fast', yaml(1));
    t.is(await inside('fast', 'app', 'cat', '/fast/file'), 'kept\n');
    await host.tsoOk(['down', '-p', 'fast']);
    await eventually('it is unmounted', async () => (await mounted()).length === 0);
  },
);

test.serial('a folder of the node is bound as a volume; removing the volume leaves what is in it', async (t) => {
  const folder = join(host.folder, 'exported');
  mkdirSync(folder);
  writeFileSync(join(folder, 'precious'), 'data\n');
  const yaml = `services:\n  app: { ${idle}, volumes: ["data:/data"] }\nvolumes: { data: { driver_opts: { type: none, o: bind, device: "${folder}" } } }\n`;
  await host.upOk('bound', yaml);
  t.is(await inside('bound', 'app', 'cat', '/data/precious'), 'data\n');
  await host.tsoOk(['down', '-v', '-p', 'bound']);
  await eventually('the volume is gone', async () => !existsSync(join(volumes, 'bound_data')));
  t.deepEqual(readdirSync(folder), ['precious']);
});

test.serial('what cannot be mounted rejects the task with what to do', async (t) => {
  const up = async (stack: string, options: string): Promise<string> => {
    await host.up(
      stack,
      `services:\n  app: { ${idle}, volumes: ["v:/v"], deploy: { restart_policy: { condition: none } } }\nvolumes: { v: { driver_opts: { ${options} } } }\n`,
      ['-d'],
    );
    const task = await eventually('the task is rejected', async () =>
      (await host.ps('-p', stack, '-a')).find(({ state }) => state === 'rejected'),
    );
    await host.tsoOk(['down', '-v', '-p', stack]);
    return task.error;
  };
  t.regex(await up('none', 'type: none, o: bind, device: "/not/there"'), /the volume none_v \(none\) could not be mounted: .*\/not\/there/);
  t.regex(await up('nofs', 'type: nosuchfs, device: "/dev/null"'), /unknown filesystem type.*modprobe nosuchfs/s);
  t.regex(
    await up('nfs', 'type: nfs, o: "addr=127.0.0.1,nfsvers=4,nolock", device: ":/exports"'),
    /the volume nfs_v \(nfs\) could not be mounted: /,
  );
  t.deepEqual(await mounted(), []);
});

test.serial('a volume of a disk image begins with what the image has at its place', async (t) => {
  const disk = join(host.folder, 'disk.img');
  await host.run('truncate', ['-s', '16M', disk]);
  await host.run('mkfs.ext4', ['-q', disk]);
  const yaml = `services:\n  app: { ${idle}, volumes: ["state:/data"] }\nvolumes: { state: { driver_opts: { type: ext4, o: loop, device: "${disk}" } } }\n`;
  await host.upOk('disk', yaml);
  t.is(await inside('disk', 'app', 'cat', '/data/seed'), 'seed\n');
  await inside('disk', 'app', 'sh', '-c', 'echo mine > /data/mine; rm /data/seed');
  await host.tsoOk(['down', '-p', 'disk']);
  await eventually('it is unmounted', async () => (await mounted()).length === 0);
  await host.upOk('disk', yaml);
  t.deepEqual(
    (await inside('disk', 'app', 'ls', '/data')).split('\n').filter((name) => name !== '' && name !== 'lost+found'),
    ['mine'],
  );
  await host.tsoOk(['down', '-v', '-p', 'disk']);
});

test.serial('an image is mounted read-only as a folder, or a part of it', async (t) => {
  const yaml = `services:\n  app: { ${idle}, volumes: [{ type: image, source: "busybox:1", target: /img }, { type: image, source: "busybox:1", target: /part, image: { subpath: data } }] }\n`;
  await host.upOk('img', yaml);
  t.is(await inside('img', 'app', 'cat', '/img/data/seed', '/part/seed'), 'seed\nseed\n');
  t.regex((await host.tso(['exec', '-p', 'img', 'app', 'touch', '/img/x'])).stderr, /Read-only file system/);
  await host.tsoOk(['down', '-p', 'img']);
  await eventually('its view is gone', async () => readdirSync(join(host.dataDir, 'image-mounts')).length === 0);
});

test.serial(
  'each replica has the volume, the name and the variables that templates make for it; all of its volumes go with their template',
  async (t) => {
    const yaml = `services:
  app: { ${idle}, hostname: "app-{{.Task.Slot}}", environment: { WHERE: "{{.Node.Hostname}} {{.Service.Name}}", FORMAT: "{{.Names}}" }, volumes: ["data:/data"], deploy: { replicas: 2 } }
volumes: { data: { name: "data-{{.Task.Slot}}" } }
`;
    await host.upOk('tpl', yaml);
    const node = (await host.run('hostname', [])).trim();
    t.is(await inside('tpl', 'app', 'sh', '-c', 'echo $WHERE $FORMAT'), `${node} tpl_app {{.Names}}\n`);
    const names = await Promise.all(['1', '2'].map((slot) => host.tsoOk(['exec', '-p', 'tpl', `app.${slot}`, 'hostname'])));
    t.deepEqual(names, ['app-1\n', 'app-2\n']);
    t.deepEqual(readdirSync(volumes).toSorted(), ['data-1', 'data-2']);
    await host.tsoOk(['down', '-v', '-p', 'tpl']);
    await eventually('both volumes are gone', async () => readdirSync(volumes).length === 0);
  },
);

test.serial('an interface has the name that is asked for, and link-local addresses that neighbours on the node reach', async (t) => {
  const yaml = `services:
  app: { ${idle}, networks: { back: { interface_name: db0, link_local_ips: ["169.254.8.8"] } } }
  other: { ${idle}, networks: { back: { link_local_ips: ["169.254.8.9", "fe80::9"] } } }
networks: { back: {} }
`;
  await host.upOk('ll', yaml);
  t.regex(await inside('ll', 'app', 'ip', 'addr', 'show', 'db0'), /inet 169\.254\.8\.8\/16/);
  t.regex(await inside('ll', 'other', 'ip', 'addr', 'show', 'eth0'), /inet6 fe80::9\/64/);
  await inside('ll', 'app', 'ping', '-c', '1', '-W', '5', '169.254.8.9');
  t.regex(await inside('ll', 'app', 'nslookup', 'other'), /Address/);
  await host.tsoOk(['down', '-p', 'll']);
});
