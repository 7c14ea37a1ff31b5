// What chaos can do: each kind of step draws whom it concerns by chance and says which hosts may be out of touch meanwhile.
import type { ClusterLab } from '../lab/hosts/cluster-lab.ts';
import type { Fault } from '../lab/hosts/faults.ts';
import * as faults from '../lab/hosts/faults.ts';
import { signal } from '../lab/hosts/processes.ts';
import type { LabHost } from '../lab/support/lab-host.ts';
import type { Chance } from '../simulation/chance.ts';
import type { ChaosService } from './service.ts';

export interface Scene {
  readonly cluster: ClusterLab;
  readonly service: ChaosService;
  readonly chance: Chance;
}

/** A step under way. */
export interface Step extends Fault {
  /** Hosts that the managers may lose sight of: only they may run a slot that runs elsewhere too, until all is well again. */
  readonly outOfTouch: readonly LabHost[];
  /** Whether a majority of managers can work meanwhile, so that clients must get on. */
  readonly majority: boolean;
}

type Begin = (scene: Scene) => Promise<Step>;

const pick = <T>({ chance }: Scene, from: readonly T[]): T => {
  const picked = chance.pick(from);
  if (picked === undefined) throw new Error('there is nobody to pick from');
  return picked;
};

const anyHost = (scene: Scene): LabHost => pick(scene, scene.cluster.members);

const step = (fault: Fault, outOfTouch: readonly LabHost[] = [], majority = true): Step => ({ ...fault, outOfTouch, majority });

const together = (all: readonly Fault[]): Fault => ({
  name: all.map(({ name }) => name).join(' and '),
  undo: async () => {
    for (const fault of [...all].reverse()) await fault.undo();
  },
});

/** A part of the hosts with at most one manager, and the rest. */
const parts = (scene: Scene): readonly [readonly LabHost[], readonly LabHost[]] => {
  const { cluster, chance } = scene;
  const workers = cluster.workers.filter(() => chance.happens(0.4));
  const lesser = chance.happens(0.7) || workers.length === 0 ? [pick(scene, cluster.managers), ...workers] : workers;
  return [lesser, cluster.members.filter((host) => !lesser.includes(host))];
};

const killTask: Begin = async (scene) => {
  const victim = pick(scene, await scene.service.seen());
  signal(victim.pid, 'SIGKILL');
  return step({ name: `kill a container of slot ${victim.slot} on ${victim.host}`, undo: async () => undefined });
};

const killMajority: Begin = async (scene) => {
  const spared = pick(scene, scene.cluster.managers);
  const victims = scene.cluster.managers.filter((host) => host !== spared);
  const done: Fault[] = [];
  for (const host of victims) done.push(await faults.killAgent(host));
  return step(together(done), victims, false);
};

const partition: Begin = async (scene) => {
  const [lesser, rest] = parts(scene);
  return step(await faults.partition(scene.cluster.lab, lesser, rest), lesser);
};

const isolateLeader: Begin = async ({ cluster }) => {
  const leader = await cluster.leader();
  const rest = cluster.members.filter((host) => host !== leader);
  return step(await faults.partition(cluster.lab, [leader], rest), [leader]);
};

const oneWay: Begin = async (scene) => {
  const from = anyHost(scene);
  const to = pick(
    scene,
    scene.cluster.members.filter((host) => host !== from),
  );
  return step(await faults.oneWay(scene.cluster.lab, from, to), [from, to]);
};

const flap: Begin = async (scene) => {
  const host = anyHost(scene);
  return step(await faults.flap(scene.cluster.lab, host, scene.chance.between(200, 3_000)), [host]);
};

const skew: Begin = async (scene) => {
  const host = anyHost(scene);
  return step(await faults.skew(host, scene.chance.happens(0.5) ? 3_600 : -3_600));
};

const fillDisk: Begin = async ({ cluster }) => {
  const host = cluster.host(diskHost);
  return step(await faults.fillDisk(host), [host]);
};

const scale: Begin = async ({ service, chance }) => {
  const replicas = chance.between(3, 8);
  await service.scale(replicas);
  return step({ name: `scale to ${replicas}`, undo: async () => undefined });
};

const pauseThenMore: Begin = async (scene) => {
  const one = await faults.pauseManager(await scene.cluster.leader());
  const host = pick(scene, scene.cluster.workers);
  return step(together([one, await faults.killAgent(host)]), [host]);
};

/** The manager that has a disk of its own. */
export const diskHost = 'm3';

/** By the names that --only takes. */
export const steps: Readonly<Record<string, Begin>> = {
  'kill-leader': async ({ cluster }) => step(await faults.killManager(await cluster.leader())),
  'kill-manager': async (scene) => step(await faults.killManager(pick(scene, scene.cluster.managers))),
  'kill-agent': async (scene) => {
    const host = anyHost(scene);
    return step(await faults.killAgent(host), [host]);
  },
  'kill-host': async (scene) => {
    const host = anyHost(scene);
    return step(await faults.killHost(scene.cluster.lab, host), [host]);
  },
  'kill-majority': killMajority,
  'kill-task': killTask,
  'pause-leader': async ({ cluster }) => step(await faults.pauseManager(await cluster.leader())),
  'pause-manager': async (scene) => step(await faults.pauseManager(pick(scene, scene.cluster.managers))),
  'pause-agent': async (scene) => {
    const host = anyHost(scene);
    return step(await faults.pauseAgent(host), [host]);
  },
  'pause-host': async (scene) => {
    const host = anyHost(scene);
    return step(await faults.pauseHost(host), [host]);
  },
  'pause-leader-kill-agent': pauseThenMore,
  partition,
  'isolate-leader': isolateLeader,
  'one-way': oneWay,
  flap,
  skew,
  'fill-disk': fillDisk,
  scale,
};
