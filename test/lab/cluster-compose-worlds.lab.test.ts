// One compose file on three hosts: every attribute of a container that files for one host have, together with what files for swarms have, each
// looked at in the container or in the kernel of the host that it runs on.
import { existsSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Service, TaskState } from '@tso/proto';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { readProc } from './hosts/processes.ts';
import { type Container, container, containers, inside, interfaces, Programs, resolved, said, toolIn } from './support/cluster-net.ts';
import { disk } from './support/disk.ts';
import { eventually } from './support/eventually.ts';
import { Project } from './support/project.ts';

const quick = 'image: "busybox:1", stop_signal: SIGKILL';
const block = quick.replace(', ', '\n    ');
const on = (host: string, more = ''): string => `deploy: { placement: { constraints: ["node.hostname==${host}"] }${more} }`;
const { path: diskPath, number: diskNumber } = disk();

const composeFile = `
name: worlds
services:
  plain: { ${quick}, ${on('w1')} }
  box:
    ${block}
    container_name: crate
    hostname: "box-{{.Task.Slot}}-{{.Node.Hostname}}"
    domainname: lab.example
    env_file:
      - ./box.env
      - { path: ./absent.env, required: false }
      - { path: ./raw.env, format: raw }
    environment: { OVER: environment, WHERE: "{{.Service.Name}} {{.Task.Slot}} {{.Node.Hostname}}", BOX: "\${BOX:-1}" }
    labels: { com.example.team: web }
    label_file: ./box.labels
    annotations: { com.example.note: kept }
    working_dir: /data
    user: "1000:50"
    group_add: [nogroup, "777"]
    tty: true
    sysctls: { net.core.somaxconn: 321, kernel.msgmax: "4096" }
    ulimits: { nofile: { soft: 2000, hard: 3000 }, nproc: 700, core: 0 }
    oom_score_adj: 321
    cgroup_parent: apps/box
    mac_address: 02:42:ac:11:65:43
    dns: [192.0.2.53]
    dns_search: [corp.example]
    dns_opt: ["ndots:3"]
    extra_hosts: ["printer=192.0.2.9", "node:host-gateway"]
    logging: { driver: json-file, options: { max-size: 1m, max-file: "2" } }
    ${on('w1')}
  devices:
    ${block}
    devices: ["/dev/loop-control:/dev/loops:r", "/dev/zero:/dev/nothing"]
    device_cgroup_rules: ["c 10:229 r"]
    ${on('w1')}
  mighty: { ${quick}, privileged: true, ${on('w1')} }
  capable: { ${quick}, cap_drop: [ALL], cap_add: [CHOWN, SYS_TIME], security_opt: ["seccomp=unconfined"], ${on('w1')} }
  strict: { ${quick}, cap_drop: [MKNOD], security_opt: ["no-new-privileges:true", "seccomp=./profile.json"], ${on('w1')} }
  files:
    ${block}
    read_only: true
    shm_size: 8m
    tmpfs: ["/scratch:size=2m,mode=750,uid=1000,gid=50", /other]
    volumes:
      - data:/data
      - fast:/fast
      - /etc/hostname:/outer:ro
      - { type: tmpfs, target: /memory, tmpfs: { size: 3m, mode: 0711 } }
      - { type: image, source: "busybox:1", target: /picture }
      - { type: image, source: "busybox:1", target: /part, image: { subpath: data } }
    ${on('w1')}
  reader: { ${quick}, volumes_from: ["files:ro"], ${on('w1')} }
  first: { ${quick}, init: true, ${on('w1')} }
  lender: { ${quick}, ipc: shareable, shm_size: 4m, command: ["sleep", "60001"], ${on('w1')} }
  borrower: { ${quick}, pid: "service:lender", ipc: "service:lender" }
  lodger: { ${quick}, network_mode: "service:lender" }
  linker: { ${quick}, links: ["lender:wallet"], ${on('w2')} }
  open: { ${quick}, pid: host, ipc: host, uts: host, cgroup: host, network_mode: host, ${on('w1')} }
  secluded: { ${quick}, ipc: none, network_mode: none, ${on('w1')} }
  mapped: { ${quick}, ${on('w2')} }
  unmapped: { ${quick}, userns_mode: host, ${on('w2')} }
  bounded:
    ${block}
    cpus: 0.5
    cpu_shares: 512
    cpuset: "0"
    mem_limit: 64m
    memswap_limit: 96m
    mem_swappiness: 7
    oom_kill_disable: true
    pids_limit: 50
    blkio_config:
      device_read_bps: [{ path: ${diskPath}, rate: 1mb }]
      device_write_iops: [{ path: ${diskPath}, rate: 50 }]
    ${on('w1')}
  deployed: { ${quick}, ${on('w1', ', resources: { limits: { cpus: "0.25", memory: 32M, pids: 40 }, reservations: { memory: 16M } }')} }
  other: { ${quick}, runtime: runc, ${on('w1')} }
  spread: { ${quick}, hostname: "s{{.Task.Slot}}", deploy: { replicas: 3, placement: { max_replicas_per_node: 1 } } }
  leaving:
    image: busybox:1
    stop_signal: SIGUSR1
    stop_grace_period: 1m
    environment: { ROUND: "\${ROUND:-1}" }
    volumes: ["data:/data"]
    command:
      - sh
      - -c
      - |
        trap 'echo asked > /data/asked; until [ -e /data/go ]; do sleep 0.05; done; echo over > /data/over; exit 0' USR1
        trap 'exit 9' TERM
        echo ready > /data/ready
        while :; do sleep 0.05; done
    healthcheck: { test: test -e /data/ready, interval: 30s, start_interval: 100ms, start_period: 20s }
    ${on('w1')}
  stubborn:
    image: busybox:1
    stop_grace_period: 300ms
    environment: { ROUND: "\${ROUND:-1}" }
    command: ["sh", "-c", "trap '' TERM; echo > /tmp/ready; while :; do sleep 0.05; done"]
    healthcheck: { test: test -e /tmp/ready, interval: 30s, start_interval: 100ms, start_period: 20s }
    ${on('w1')}
  hidden: { ${quick}, profiles: [debug], ${on('w1')} }
volumes:
  data: {}
  fast: { driver_opts: { type: tmpfs, device: tmpfs, o: "size=5m,mode=0751" } }
`;

const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
const [manager, w1, w2] = [cluster.host('m1'), cluster.host('w1'), cluster.host('w2')];
const project = new Project(manager, join(cluster.lab.folder, 'project'));
const programs = new Programs();
const tool = join(import.meta.dirname, 'support/net-tool.ts');
const whole = ['up', '--progress', 'plain'];
test.before(async () => {
  await w2.stopDaemon();
  await cluster.lab.startAgent(w2, ['--userns-remap', '200000:65536']);
  await cluster.settled();
  await project.write({
    'compose.yaml': composeFile,
    'box.env': 'FROM_FILE="a b"\nOVER=file\n',
    'raw.env': 'RAW="$NOT \'touched"\n',
    'box.labels': 'com.example.file=yes\ncom.example.team=file\n',
    'profile.json': JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
    }),
  });
  await project.ok(whole);
});
test.after.always(async () => {
  await programs.end();
  await cluster.destroy();
});

const one = (service: string): Promise<Container> => container(cluster, 'worlds', service);
const spec = async (service: string): Promise<Service> => {
  const found = (await cluster.stack('worlds')).services.find((it) => it.service.spec.name === service);
  if (found === undefined) throw new Error(`there is no service ${service}`);
  return found.service;
};
const addressOf = async (of: Container): Promise<string> => (await interfaces(of)).find(({ name }) => name === 'eth0')?.address ?? '';
/** Once the other host knows this one, and no other, by the name of its container. */
const isCrate = async (of: Container): Promise<void> => {
  const [from, wanted] = [await one('linker'), await addressOf(of)];
  await eventually('its name leads to it', async () => {
    const found = await resolved(from, 'crate');
    if (found.join() !== wanted) throw new Error(`${found.join()} instead of ${wanted}`);
    return true;
  });
};
/** A command in the container with its own rights, which the programs of this machine that look into it do not have. */
const exec = async (service: string, script: string): Promise<string> =>
  said(await manager.tso(['exec', '-p', 'worlds', service, 'sh', '-c', script]));
const status = ({ pid }: Container, key: string): string =>
  new RegExp(`^${key}:\\s*(.*?)\\s*$`, 'm').exec(readProc(pid, 'status'))?.[1] ?? '';
const namespace = ({ pid }: { readonly pid: number | undefined }, kind: string): string => readlinkSync(`/proc/${pid}/ns/${kind}`);
const agent = { pid: w1.daemonPid };
const cgroup = ({ host, taskId }: Container, controller: string, name: string, parent = ''): string =>
  readFileSync(join('/sys/fs/cgroup', controller, host.cgroupParent, parent, taskId, name), 'utf8').trim();
/** The set that /proc shows of these capabilities, by their numbers. */
const capabilities = (...numbers: readonly number[]): string =>
  numbers
    .reduce((bits, number) => bits | (1n << BigInt(number)), 0n)
    .toString(16)
    .padStart(16, '0');
const [capChown, capSysTime, capMknod] = [0, 25, 27];

test.serial('names, variables, labels and who the process is', async (t) => {
  const box = await one('box');
  t.is(box.host, w1);
  t.is(box.hostname, 'box-1-w1');
  t.is(said(await inside(box, 'cat', '/proc/sys/kernel/domainname')), 'lab.example');
  t.regex(said(await inside(box, 'cat', '/etc/hosts')), /\tbox-1-w1\.lab\.example box-1-w1$/m);
  const environment = readProc(box.pid, 'environ').split('\0');
  for (const line of ['FROM_FILE=a b', 'OVER=environment', 'RAW="$NOT \'touched"', 'WHERE=worlds_box 1 w1'])
    t.true(environment.includes(line), line);
  t.deepEqual(
    [status(box, 'Uid').split(/\s+/)[0], status(box, 'Gid').split(/\s+/)[0], status(box, 'Groups').split(' ').sort()],
    ['1000', '50', ['50', '65534', '777']],
  );
  t.is(readlinkSync(`/proc/${box.pid}/cwd`), '/data');
  t.regex(readlinkSync(`/proc/${box.pid}/fd/0`), /\/dev\/pts\/0$|\/dev\/console$/, 'a terminal');
  t.is(readlinkSync(`/proc/${(await one('plain')).pid}/fd/0`), '/dev/null');
  t.like((await spec('box')).spec.task.container.labels, { 'com.example.team': 'web', 'com.example.file': 'yes' });
  const bundle = JSON.parse(readFileSync(join(w1.runDir, 'containers', box.taskId, 'config.json'), 'utf8')) as {
    readonly annotations: Readonly<Record<string, string>>;
  };
  t.is(bundle.annotations['com.example.note'], 'kept');
  // The name is one of the network, and one of the command line.
  await isCrate(box);
  t.is((await interfaces(box)).find(({ name }) => name === 'eth0')?.mac, '02:42:ac:11:65:43');
});

test.serial('whom it asks for names, and which it knows', async (t) => {
  const box = await one('box');
  const resolver = said(await inside(box, 'cat', '/etc/resolv.conf'));
  t.regex(resolver, /^search .*\bcorp\.example\b/m);
  t.regex(resolver, /^options .*\bndots:3\b/m);
  t.deepEqual(await resolved(box, 'printer'), ['192.0.2.9']);
  const [node = ''] = await resolved(box, 'node');
  await programs.start('nsenter', [`--net=${join(w1.pin, 'net')}`, process.execPath, tool, 'serve', 'node-itself', '9000']);
  t.regex(await toolIn(box, 'ask', node, '9000'), /^node-itself /);
  t.deepEqual(await resolved(await one('plain'), 'printer'), []);
});

test.serial('sysctls, ulimits, the OOM score and the control group reach the kernel', async (t) => {
  const box = await one('box');
  t.is(said(await inside(box, 'cat', '/proc/sys/net/core/somaxconn')), '321');
  t.is(said(await inside(box, 'cat', '/proc/sys/kernel/msgmax')), '4096');
  const limits = readProc(box.pid, 'limits');
  t.regex(limits, /^Max open files\s+2000\s+3000\s/m);
  t.regex(limits, /^Max processes\s+700\s+700\s/m);
  t.regex(limits, /^Max core file size\s+0\s+0\s/m);
  t.is(readProc(box.pid, 'oom_score_adj').trim(), '321');
  t.regex(readProc(box.pid, 'cgroup'), new RegExp(`:memory:${w1.cgroupParent}/apps/box/${box.taskId}$`, 'm'));
});

test.serial('a device is there under its name and for what it is given for; rules open others by number', async (t) => {
  const attempt = (path: string, how: '<' | '>') => `(: ${how} ${path}) 2>/dev/null && echo yes || echo no`;
  const [loops, fuse] = ['mknod /tmp/loops c 10 237', 'mknod /tmp/fuse c 10 229'];
  const script = `${attempt('/dev/loops', '<')}; ${attempt('/dev/loops', '>')}; head -c 3 /dev/nothing | wc -c; ${fuse}; ${attempt('/tmp/fuse', '<')}; ${attempt('/tmp/fuse', '>')}`;
  t.deepEqual((await exec('devices', script)).split(/\s+/), ['yes', 'no', '3', 'yes', 'no']);
  const shut = `test -e /dev/loops && echo there; ${loops}; ${attempt('/tmp/loops', '<')}; ${fuse}; ${attempt('/tmp/fuse', '<')}`;
  t.deepEqual((await exec('plain', shut)).split(/\s+/), ['no', 'no']);
});

test.serial('privileges are those that the file gives and takes', async (t) => {
  const mighty = await one('mighty');
  t.is(status(mighty, 'CapEff'), /^CapBnd:\s*(\w+)/m.exec(readProc(w1.daemonPid ?? 0, 'status'))?.[1] ?? '');
  t.is(status(mighty, 'Seccomp'), '0');
  t.deepEqual((await exec('mighty', '(: < /dev/loop-control) && echo open')).split(/\s+/), ['open']);
  const capable = await one('capable');
  t.is(status(capable, 'CapBnd'), capabilities(capChown, capSysTime));
  t.is(status(capable, 'Seccomp'), '0');
  const [strict, plain] = [await one('strict'), await one('plain')];
  t.is(BigInt(`0x${status(plain, 'CapBnd')}`) ^ BigInt(`0x${status(strict, 'CapBnd')}`), 1n << BigInt(capMknod));
  t.deepEqual([status(strict, 'NoNewPrivs'), status(plain, 'NoNewPrivs')], ['1', '0']);
  t.deepEqual([status(strict, 'Seccomp'), status(plain, 'Seccomp')], ['2', '2']);
  t.regex(await exec('strict', 'mkdir /tmp/folder; mknod /tmp/null c 1 3'), /mkdir: .*not permitted[\s\S]*mknod: .*not permitted/);
  t.is(await exec('plain', 'mkdir /tmp/folder; mknod /tmp/null c 1 3'), '');
});

test.serial('files: in memory, of an image, of a volume, of another service, and none that may be written', async (t) => {
  const files = await one('files');
  t.regex(await exec('files', 'touch /root/file'), /Read-only file system/);
  t.is(await exec('files', 'stat -c "%u %g %a" /scratch'), '1000 50 750');
  t.is(await exec('files', 'stat -c "%a" /memory /fast /other'), '711\n751\n1777');
  const size = async (path: string) => Number((await exec('files', `df -k ${path} | tail -1`)).split(/\s+/)[1]);
  t.deepEqual([await size('/scratch'), await size('/memory'), await size('/fast'), await size('/dev/shm')], [2048, 3072, 5120, 8192]);
  t.is(await exec('files', 'cat /picture/data/seed /part/seed'), 'seed\nseed');
  t.regex(await exec('files', 'touch /picture/file'), /Read-only file system/);
  t.regex(await exec('files', 'echo x > /outer'), /Read-only file system/);
  t.is(await exec('files', 'echo kept > /data/kept; echo quick > /fast/quick'), '');
  t.is(await exec('reader', 'cat /data/kept /fast/quick'), 'kept\nquick');
  t.regex(await exec('reader', 'touch /data/mine'), /Read-only file system/);
  t.is(files.host, (await one('reader')).host);
});

test.serial('processes, IPC, network and users are shared with whom the file names, and with nobody else', async (t) => {
  const [lender, borrower, lodger, plain, open] = [
    await one('lender'),
    await one('borrower'),
    await one('lodger'),
    await one('plain'),
    await one('open'),
  ];
  t.is(borrower.host, lender.host);
  t.is(lodger.host, lender.host);
  for (const kind of ['pid', 'ipc']) {
    t.is(namespace(borrower, kind), namespace(lender, kind), kind);
    t.not(namespace(plain, kind), namespace(lender, kind), kind);
  }
  t.is(namespace(lodger, 'net'), namespace(lender, 'net'));
  t.regex(await exec('borrower', 'ps'), /sleep 60001/);
  await exec('lender', 'echo note > /dev/shm/note');
  t.is(await exec('borrower', 'cat /dev/shm/note'), 'note');
  for (const kind of ['pid', 'ipc', 'uts', 'cgroup', 'net']) t.is(namespace(open, kind), namespace(agent, kind), kind);
  for (const kind of ['pid', 'ipc', 'uts', 'cgroup', 'net']) t.not(namespace(plain, kind), namespace(agent, kind), kind);
  t.is(open.hostname, 'w1');
  const secluded = await one('secluded');
  t.deepEqual(
    (await interfaces(secluded)).map(({ name }) => name),
    ['lo'],
  );
  t.is(await exec('secluded', 'grep -c /dev/shm /proc/mounts'), '0');
  const users = async (service: string) =>
    readProc((await one(service)).pid, 'uid_map')
      .trim()
      .split(/\s+/)
      .slice(0, 2);
  t.deepEqual(
    [await users('mapped'), await users('unmapped')],
    [
      ['0', '200000'],
      ['0', '0'],
    ],
  );
});

test.serial('a link is a name for one service alone, on whatever host', async (t) => {
  const [linker, lender] = [await one('linker'), await one('lender')];
  t.deepEqual([linker.host, lender.host], [w2, w1]);
  t.deepEqual(await resolved(linker, 'wallet'), await resolved(linker, 'lender'));
  t.is((await resolved(linker, 'wallet')).length, 1);
  t.deepEqual(await resolved(await one('plain'), 'wallet'), []);
});

test.serial('limits of both ways to write them are those of the control group', async (t) => {
  const bounded = await one('bounded');
  t.deepEqual(
    [
      cgroup(bounded, 'cpu', 'cpu.cfs_quota_us'),
      cgroup(bounded, 'cpu', 'cpu.shares'),
      cgroup(bounded, 'cpuset', 'cpuset.cpus'),
      cgroup(bounded, 'memory', 'memory.limit_in_bytes'),
      cgroup(bounded, 'memory', 'memory.memsw.limit_in_bytes'),
      cgroup(bounded, 'memory', 'memory.swappiness'),
      cgroup(bounded, 'pids', 'pids.max'),
    ],
    ['50000', '512', '0', String(64 << 20), String(96 << 20), '7', '50'],
  );
  t.regex(cgroup(bounded, 'memory', 'memory.oom_control'), /^oom_kill_disable 1$/m);
  t.is(cgroup(bounded, 'blkio', 'blkio.throttle.read_bps_device'), `${diskNumber} ${1 << 20}`);
  t.is(cgroup(bounded, 'blkio', 'blkio.throttle.write_iops_device'), `${diskNumber} 50`);
  const deployed = await one('deployed');
  t.deepEqual(
    [
      cgroup(deployed, 'cpu', 'cpu.cfs_quota_us'),
      cgroup(deployed, 'memory', 'memory.limit_in_bytes'),
      cgroup(deployed, 'pids', 'pids.max'),
    ],
    ['25000', String(32 << 20), '40'],
  );
});

test.serial('the first process, the runtime, and one task for each node with the name of its slot', async (t) => {
  const first = await one('first');
  t.is(readProc(first.pid, 'comm').trim(), 'init');
  t.regex(await exec('first', 'cat /proc/1/comm; pidof sleep'), /^init\n(?!1$)\d+$/);
  t.is(readProc((await one('plain')).pid, 'comm').trim(), 'sleep');
  t.true(statSync(join(w1.runDir, 'runtime', 'runc', (await one('other')).taskId)).isDirectory());
  const spread = await containers(cluster, 'worlds', 'spread');
  t.deepEqual(spread.map(({ host }) => host.name).sort(), ['m1', 'w1', 'w2']);
  t.deepEqual(spread.map(({ hostname }) => hostname).sort(), ['s1', 's2', 's3']);
});

test.serial('what tso config prints of all this is the same wish: applied again, nothing changes', async (t) => {
  const state = async () =>
    (await cluster.stack('worlds')).services.map(({ service, tasks }) => [service.spec, service.specVersion, tasks.map(({ id }) => id)]);
  const before = await state();
  for (const format of ['yaml', 'json']) {
    const { stdout } = await project.ok(['config', '--format', format]);
    await project.ok([...whole, '-f', '-'], { input: stdout });
    t.deepEqual(await state(), before, format);
  }
});

test.serial('who has a MAC address and a name of its own is replaced by another that has them', async (t) => {
  const before = await one('box');
  await project.ok(whole, { env: { BOX: '2' } });
  const after = await one('box');
  t.not(after.taskId, before.taskId);
  t.true(readProc(after.pid, 'environ').split('\0').includes('BOX=2'));
  t.is((await interfaces(after)).find(({ name }) => name === 'eth0')?.mac, '02:42:ac:11:65:43');
  await isCrate(after);
});

test.serial('a service of a profile is there when it is asked for, and nothing else is touched', async (t) => {
  t.false((await cluster.stack('worlds')).services.some((it) => it.service.spec.name === 'hidden'));
  const before = (await cluster.seen()).map(({ taskId }) => taskId);
  await project.ok([...whole, '--profile', 'debug'], { env: { BOX: '2' } });
  const hidden = await one('hidden');
  t.deepEqual((await cluster.seen()).map(({ taskId }) => taskId).sort(), [...before, hidden.taskId].sort());
});

test.serial('who is stopped gets its signal and its time; who does not go is killed', async (t) => {
  const data = join(w1.dataDir, 'volumes', 'worlds_data', '_data');
  const [leaving] = await cluster.tasks('worlds', 'leaving');
  const [stubborn] = await cluster.tasks('worlds', 'stubborn');
  await project.ok(['up', '-d', '--profile', 'debug'], { env: { BOX: '2', ROUND: '2' } });
  await eventually('it was asked by its signal', () => existsSync(join(data, 'asked')));
  const ended = (service: string, id: string | undefined) =>
    eventually(`the task of ${service} has ended`, async () => {
      const task = (await cluster.tasks('worlds', service)).find((it) => it.id === id);
      return task !== undefined && task.status.state > TaskState.RUNNING && task.status;
    });
  t.is((await ended('stubborn', stubborn?.id)).exitCode, 137);
  t.false(existsSync(join(data, 'over')));
  await exec('files', 'touch /data/go');
  t.is((await ended('leaving', leaving?.id)).exitCode, 0);
  t.true(existsSync(join(data, 'over')));
});

test.serial('what is pulled is what the policy says', async (t) => {
  const policies = { missing: 'busybox:1', never: 'absent:1', always: 'busybox:1' };
  const services = Object.entries(policies).map(
    ([policy, image]) =>
      `  ${policy}: { image: "${image}", stop_signal: SIGKILL, pull_policy: ${policy}, deploy: { restart_policy: { condition: none } } }`,
  );
  await project.ok(['up', '-d', '-f', '-', '-p', 'pulls'], { input: `services:\n${services.join('\n')}\n` });
  const rejected = (service: string) =>
    eventually(`the task of ${service} is rejected`, async () => {
      const [task] = await cluster.tasks('pulls', service);
      return task?.status.state === TaskState.REJECTED && task.status.error;
    });
  t.regex(await rejected('never'), /absent:1/);
  t.regex(await rejected('always'), /registry-1\.docker\.io cannot be reached/);
  await cluster.spread('pulls', 'missing', 1);
  await project.ok(['down', '-p', 'pulls']);
});

test.serial('tso down takes all of it away, on every host', async (t) => {
  await project.ok(['down', '-v']);
  for (const host of cluster.members)
    await eventually(`nothing is left on ${host.name}`, async () => {
      const left = await host.leftovers();
      if (left.length > 0) throw new Error(left.join(', '));
      return true;
    });
  for (const controller of ['memory', 'pids']) t.false(existsSync(join('/sys/fs/cgroup', controller, w1.cgroupParent, 'apps')), controller);
});
