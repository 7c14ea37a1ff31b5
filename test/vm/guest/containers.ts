import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { cgroupsV2 } from '../../../node-agent/src/runtime/cgroup-v2.ts';
import {
  agentPid,
  cgroupCount,
  cgroupFile,
  containerCgroups,
  containerIds,
  eventually,
  firstPid,
  runtimeOf,
  startAgent,
  succeed,
  type TaskRow,
  tasksIfTold,
  timed,
  tso,
  url,
} from './host.ts';
import { fact, part, step } from './report.ts';

/** The agent remaps; what looks at limits says no to it, so that both kinds of container run under either runtime. */
const stack = `
services:
  web:
    image: busybox:1
    userns_mode: host
    command: ["/bin/sh", "-c", "mkdir -p /www && hostname > /www/index.html && mknod /device c 10 237; (: < /device) 2> /device-said; exec httpd -f -p 80 -h /www"]
    hostname: page
    blkio_config: { device_read_bps: [{ path: /dev/vda, rate: 10mb }], device_write_iops: [{ path: /dev/vda, rate: 500 }] }
    device_cgroup_rules: ["c 10:237 r"]
    mem_swappiness: 10
    ports: ["8080:80"]
    mem_limit: 48m
    cpus: 0.5
    pids_limit: 30
    stop_grace_period: 100ms
  hog:
    image: busybox:1
    userns_mode: host
    command: ["/bin/sh", "-c", "tail /dev/zero"]
    mem_limit: 16m
    deploy: { restart_policy: { condition: none } }
  burner:
    image: busybox:1
    userns_mode: host
    command: ["/bin/sh", "-c", "until [ -e /go ]; do sleep 0.2; done; while :; do :; done"]
    cpus: 0.5
    stop_grace_period: 100ms
  bomb:
    image: busybox:1
    userns_mode: host
    command: ["/bin/sh", "-c", "until [ -e /go ]; do sleep 0.2; done; b() { b | b & }; b & exec sleep infinity"]
    cpus: 0.2
    pids_limit: 16
    stop_grace_period: 100ms
  mapped:
    image: busybox:1
    command: ["/bin/sh", "-c", "echo mine > /root/file && echo mine > /data/file && exec sleep infinity"]
    volumes: ["state:/data"]
    mem_limit: 24m
    stop_grace_period: 100ms
volumes: { state: {} }
`;

/** Of the remapped container: its own, its volume's, its image's. */
const ownedFiles = ['/root/file', '/data/file', '/bin/busybox'];
const windowMs = 3_000;
const sampleEveryMs = 100;

type Runtime = 'crun' | 'runc';
const services = ['web', 'hog', 'burner', 'bomb', 'mapped'] as const;
type Ids = Readonly<Record<(typeof services)[number], string>>;

const settled = (tasks: readonly TaskRow[]): boolean =>
  tasks.length === services.length && tasks.every(({ service, state }) => state === (service === 'hog' ? 'failed' : 'running'));

const idsOf = (tasks: readonly TaskRow[]): Ids => {
  const id = (service: string): string => tasks.find((task) => task.service === service)?.id ?? '';
  return { web: id('web'), hog: id('hog'), burner: id('burner'), bomb: id('bomb'), mapped: id('mapped') };
};

/** Lets a container begin with what it is there for: until then it takes no processor time from the rest. */
const letGo = (id: string): void => writeFileSync(`/proc/${firstPid(id)}/root/go`, '');

/** Watches the burner's processor time and the bomb's processes over the same span. The burner is frozen then, and has to be ended so. */
const watchAppetites = async (name: Runtime, ids: Ids): Promise<void> => {
  step(`watch the burner and the bomb for ${windowMs} ms`);
  letGo(ids.burner);
  letGo(ids.bomb);
  await eventually('the burner is throttled and the bomb is refused a fork', () =>
    cgroupCount(ids.burner, 'cpu.stat', 'nr_throttled') > 0 && cgroupCount(ids.bomb, 'pids.events', 'max') > 0 ? true : undefined,
  );
  const used = (): number => cgroupCount(ids.burner, 'cpu.stat', 'usage_usec');
  const fromMs = performance.now();
  const before = used();
  const seen: number[] = [];
  while (performance.now() - fromMs < windowMs) {
    seen.push(Number(cgroupFile(ids.bomb, 'pids.current')));
    await new Promise((resolve) => setTimeout(resolve, sampleEveryMs));
  }
  fact(name, 'cores of the burner', (used() - before) / 1_000 / (performance.now() - fromMs));
  fact(name, 'throttled periods of the burner', cgroupCount(ids.burner, 'cpu.stat', 'nr_throttled'));
  fact(name, 'most processes of the bomb', Math.max(...seen));
  fact(name, 'forks refused to the bomb', cgroupCount(ids.bomb, 'pids.events', 'max'));
  cgroupsV2('/sys/fs/cgroup').freeze(`/tso/${ids.burner}`);
};

/** All have come to where they stay. */
const whenSettled = (what: string): Promise<readonly TaskRow[]> => {
  let rows: readonly TaskRow[] | undefined;
  return eventually(
    what,
    async () => {
      rows = await tasksIfTold('limits');
      return rows !== undefined && settled(rows) ? rows : undefined;
    },
    () => rows?.map(({ service, state, error }) => `${service} ${state} ${error}`),
  );
};

/** The agent is killed while its containers run, and started again by systemd. */
const replaceAgent = async (name: Runtime, ids: Ids): Promise<void> => {
  step('kill the agent');
  const agentBefore = await agentPid();
  const before = firstPid(ids.web);
  await succeed('systemctl', ['kill', '--kill-whom=main', '--signal=KILL', 'tsod']);
  const agentAfter = await eventually('systemd starts the agent again', async () => {
    const pid = await agentPid();
    return pid !== 0 && pid !== agentBefore ? pid : undefined;
  });
  const tasks = await timed(name, 'adoption', () => whenSettled('the new agent tells what runs'));
  const inCgroup = (cgroupFile(ids.web, 'cgroup.procs') ?? '').split('\n').includes(String(before));
  fact(name, 'agent', { before: agentBefore, after: agentAfter });
  fact(name, 'pid of web', { before, after: firstPid(ids.web), inCgroup });
  fact(name, 'task of web', { before: ids.web, after: idsOf(tasks).web });
};

const lookAtLimits = async (name: Runtime, ids: Ids, hog: TaskRow | undefined): Promise<void> => {
  fact(name, 'runtime', runtimeOf(ids.web));
  for (const file of ['memory.max', 'memory.swap.max', 'cpu.max', 'pids.max']) fact(name, file, cgroupFile(ids.web, file));
  fact(name, 'io.max', cgroupFile(ids.web, 'io.max'));
  fact(name, 'what opening a device said', readFileSync(`/proc/${firstPid(ids.web)}/root/device-said`, 'utf8'));
  fact(name, 'end of hog', { exitCode: hog?.exitCode, error: hog?.error });
  fact(name, 'page', (await succeed('curl', ['-s', '--max-time', '5', url])).trim());
};

const lookAtRemap = (name: Runtime, id: string): void => {
  const pid = firstPid(id);
  fact(name, 'uid_map', readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split(/\s+/).map(Number));
  fact(name, 'uid on the host', statSync(`/proc/${pid}`).uid);
  fact(
    name,
    'owners on the host',
    ownedFiles.map((path) => statSync(`/proc/${pid}/root${path}`).uid),
  );
  fact(name, 'memory.max of the remapped', cgroupFile(id, 'memory.max'));
};

const inside = (service: string, ...command: string[]): Promise<string> => tso(['exec', '-p', 'limits', service, ...command]);

const lookFromInside = async (name: Runtime): Promise<void> => {
  const owners = await inside('mapped', 'stat', '-c', '%u', ...ownedFiles);
  fact(name, 'owners seen by exec', owners.trim().split('\n').map(Number));
};

/**
 * Limits, their enforcement, user namespaces, adoption and removal under one OCI runtime.
 * @param prepare what comes between the start of the agent and the stack
 * @param meanwhile what else is looked at while the container of web runs
 */
export const checkContainers = (
  name: Runtime,
  prepare: () => Promise<void> = async () => undefined,
  meanwhile: (web: string) => Promise<void> = async () => undefined,
): Promise<void> =>
  part(name, async () => {
    await timed(name, 'start of the agent', () => startAgent(`--runtime ${name} --userns-remap 200000:65536`));
    await prepare();
    await timed(name, 'up -d', () => tso(['up', '-d', '-f', '-', '-p', 'limits', '--progress', 'plain'], stack));
    const tasks = await timed(name, 'from accepted to settled', async () => {
      // The files first: each start of the command line takes the guest a second. The hog's are gone soon after its end.
      const seen = new Set<string>();
      await eventually(
        'a container for each service',
        () => {
          for (const id of containerIds()) seen.add(id);
          return seen.size === services.length ? true : undefined;
        },
        () => [...seen],
      );
      return whenSettled('hog has failed and all others run');
    });
    const ids = idsOf(tasks);
    await lookAtLimits(
      name,
      ids,
      tasks.find(({ id }) => id === ids.hog),
    );
    lookAtRemap(name, ids.mapped);
    await Promise.all([watchAppetites(name, ids), lookFromInside(name)]);
    await meanwhile(ids.web);
    await replaceAgent(name, ids);
    fact(name, 'memory.max seen by exec', (await inside('web', 'cat', '/sys/fs/cgroup/memory.max')).trim());
    await timed(name, 'down', () => tso(['down', '-v', '-p', 'limits', '--progress', 'plain']));
    fact(name, 'cgroups after down', containerCgroups());
  });
