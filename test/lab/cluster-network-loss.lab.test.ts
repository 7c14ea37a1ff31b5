// Names, virtual addresses and ports while agents, managers and hosts are lost: what is there stays, what is gone leaves, and all is right in the end.
import { writeFile } from 'node:fs/promises';
import { NodeState } from '@tso/proto';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import * as faults from './hosts/faults.ts';
import type { Seen } from './hosts/probe.ts';
import { eventually } from './support/eventually.ts';
import type { LabHost } from './support/lab-host.ts';
import { Load, loadVolumes } from './support/load.ts';
import { type Leads, mapsIn, namesIn, portsOn } from './support/reach.ts';
import { echoes, echoServer } from './support/rolling.ts';

const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
test.after.always(() => cluster.destroy());
const [m1, w1, w2] = [cluster.host('m1'), cluster.host('w1'), cluster.host('w2')];

// A check that is cut off has failed, and one failure is enough here: what it starts is given time to end on a busy machine.
/** `steady` is left alone, `moving` is updated, both with a task on each host; a client on each host. */
const stack = (generation: number): string => {
  const serves = (value: number) => `image: busybox:1
    command: ["/bin/sh", "-c", ${JSON.stringify(echoServer())}]
    volumes: ${JSON.stringify(loadVolumes)}
    environment: { GENERATION: "${value}" }
    stop_grace_period: 1s
    healthcheck: { test: ["CMD-SHELL", ${JSON.stringify(`${echoes} && test ! -e /tmp/ill`)}], interval: 250ms, timeout: 15s, retries: 1, start_period: 20s, start_interval: 250ms }`;
  return `
services:
  steady:
    ${serves(0)}
    ports: ["8080:80", "8090:90"]
    deploy: { mode: global, restart_policy: { delay: 0s } }
  moving:
    ${serves(generation)}
    ports: ["8081:80"]
    deploy: { replicas: 4, restart_policy: { delay: 0s }, update_config: { parallelism: 1, order: start-first, delay: 0s, monitor: 0s } }
  client: { image: "busybox:1", stop_grace_period: 500ms, volumes: ${JSON.stringify(loadVolumes)}, deploy: { mode: global } }
`;
};
test.before(() => cluster.up('app', stack(0)));

const leadsOf = async (clients: readonly Seen[], service: string, hosts: readonly LabHost[] = cluster.members): Promise<readonly Leads[]> =>
  (await Promise.all([mapsIn(clients), namesIn(clients, `tasks.${service}`), portsOn(hosts)])).flat();

const everywhere = async (service: string): Promise<readonly Leads[]> => leadsOf(await cluster.running('app', 'client'), service);

/** Addresses of the service's tasks that run, each with its host. */
const addressesOf = async (service: string): Promise<ReadonlyMap<string, string>> => {
  const tasks = await cluster.tasks('app', service);
  return new Map(
    (await cluster.running('app', service)).flatMap(({ taskId, host }) =>
      (tasks.find(({ id }) => id === taskId)?.networks ?? []).map(({ address }) => [address, host] as const),
    ),
  );
};

/** Every name leads to exactly the tasks that run, every map to those and, on other chains, to nothing that is gone. */
const allIsRight = async (service: string, hosts: number): Promise<boolean> => {
  const own = await addressesOf(service);
  const gone = (await cluster.tasks('app', service))
    .flatMap(({ networks }) => networks.map(({ address }) => address))
    .filter((address) => !own.has(address));
  const leads = await everywhere(service);
  const names = leads.filter(({ place }) => place.startsWith('tasks.'));
  if (names.length !== hosts) throw new Error(`names are asked on ${names.length} hosts`);
  for (const { place, addresses } of leads) {
    const wrong = gone.filter((address) => addresses.has(address));
    if (wrong.length > 0) throw new Error(`${place} leads to ${wrong.join(', ')}, where nobody is any more`);
    const known = [...own.keys()].filter((address) => addresses.has(address));
    if (known.length * 2 !== own.size) throw new Error(`${place} leads to ${known.join(', ')} of ${[...own.keys()].join(', ')}`);
  }
  return true;
};

const vip = async (service: string): Promise<readonly string[]> =>
  (await cluster.stack('app')).services.find((one) => one.service.spec.name === service)?.service.vips.map(({ address }) => address) ?? [];

/** Requests to the steady service from a container on each of these hosts, and from outside to each. */
const asks = async (load: Load, hosts: readonly LabHost[]): Promise<void> => {
  await load.inContainers(
    'app',
    'client',
    {
      targets: [
        { name: 'virtual', host: 'steady', port: 80, names: 'fresh' },
        { name: 'names', host: 'tasks.steady', port: 80, names: 'fresh' },
      ],
      pauseMs: 20,
    },
    hosts,
  );
  load.outside({ targets: hosts.map(({ name, address }) => ({ name, host: address, port: 8080, names: 'fresh' })), pauseMs: 20 });
};

const stands = async (load: Load): Promise<void> => {
  await load.inContainers('app', 'client', {
    targets: [{ name: 'virtual', host: 'steady', port: 90, names: 'cached', lanes: 3 }],
    pauseMs: 50,
    hold: true,
  });
  const hosts = cluster.members.map(({ name, address }) => ({ name, host: address, port: 8090, names: 'fresh' as const, lanes: 2 }));
  load.outside({ targets: hosts, pauseMs: 50, hold: true });
  await load.stands(15);
};

test.serial(
  'an agent that is killed in the middle of an update: others notice nothing, it takes up names, addresses and ports',
  async (t) => {
    const vips = [await vip('steady'), await vip('moving')];
    const standing = new Load(cluster);
    const asking = new Load(cluster);
    try {
      await stands(standing);
      await asks(asking, [m1, w2]);
      // The host without an agent answers for what does not change: its ports, from outside, to the steady service.
      asking.outside({ targets: [{ name: 'w1', host: w1.address, port: 8080, names: 'fresh' }], pauseMs: 20 });
      await asking.flows();
      const updating = m1.up('app', stack(1));
      const before = new Set((await cluster.running('app', 'moving')).map(({ taskId }) => taskId));
      await eventually('the update has begun', async () =>
        (await cluster.running('app', 'moving')).some(({ taskId }) => !before.has(taskId)),
      );
      const fault = await faults.killAgent(w1);
      await asking.flows();
      await standing.goesOn();
      await fault.undo();
      await eventually('the update is done', async () => {
        const tasks = await cluster.running('app', 'moving');
        return tasks.length === 4 && tasks.every(({ taskId }) => !before.has(taskId));
      });
      t.is((await updating).code, 0);
      for (const service of ['steady', 'moving']) await eventually(`all is right of ${service}`, () => allIsRight(service, 3));
      t.deepEqual([await vip('steady'), await vip('moving')], vips);
      await asking.flows();
      await standing.goesOn();
      await Promise.all([asking.stop(), standing.stop()]);
      t.deepEqual(asking.failures, []);
      t.deepEqual(
        standing.held.filter(({ endedAtMs }) => endedAtMs > 0),
        [],
      );
    } finally {
      asking.kill();
      standing.kill();
    }
  },
);

test.serial('without any manager names and maps stay, and who is unhealthy leaves those of its own host', async (t) => {
  const asking = new Load(cluster);
  try {
    await asks(asking, cluster.members);
    await asking.flows();
    const before = await everywhere('steady');
    const victim = (await cluster.running('app', 'steady')).find(({ host }) => host === 'w2');
    const its = [...(await addressesOf('steady'))].filter(([, host]) => host === 'w2').map(([address]) => address);
    const clients = await cluster.running('app', 'client');
    const fault = await faults.pauseManager(m1);
    await faults.during([fault], async () => {
      await asking.flows(40);
      t.deepEqual(asking.failures, []);
      t.deepEqual(await leadsOf(clients, 'steady'), before);
      await asking.stop();
      await writeFile(`/proc/${victim?.pid ?? 0}/root/tmp/ill`, '');
      const local = async () => (await leadsOf(clients, 'steady')).filter(({ place }) => place.endsWith('w2'));
      await eventually('nothing on w2 leads to it', async () =>
        (await local()).every(({ addresses }) => !its.some((address) => addresses.has(address))),
      );
      t.is((await local()).length, 3);
    });
    await cluster.settled();
    await eventually('another task runs there', async () => {
      const there = (await cluster.running('app', 'steady')).filter(({ host }) => host === 'w2');
      return there.length === 1 && there[0]?.taskId !== victim?.taskId;
    });
    await eventually('all is right', () => allIsRight('steady', 3));
  } finally {
    asking.kill();
  }
});

test.serial(
  'a host that is lost leaves every name, map and port when the cluster says so, and is known again when it is back',
  async (t) => {
    const lost = [...(await addressesOf('steady')), ...(await addressesOf('moving'))]
      .filter(([, host]) => host === 'w2')
      .map(([address]) => address);
    t.true(lost.length >= 2);
    const fault = await faults.killHost(cluster.lab, w2);
    await cluster.without([w2], async () => {
      await eventually('w2 is down', async () => (await cluster.node(w2)).node.state === NodeState.NODE_DOWN);
      const clients = (await cluster.running('app', 'client')).filter(({ host }) => host !== 'w2');
      const places = async () =>
        [...(await leadsOf(clients, 'steady', [m1, w1])), ...(await leadsOf(clients, 'moving', [m1, w1]))]
          .filter(({ addresses }) => lost.some((address) => addresses.has(address)))
          .map(({ place }) => place);
      await eventually('nothing leads there', async () => {
        const left = await places();
        if (left.length > 0) throw new Error(left.join(', '));
        return true;
      });
      const asking = new Load(cluster);
      try {
        await asks(asking, [m1, w1]);
        await asking.flows(40);
        await asking.stop();
        t.deepEqual(asking.failures, []);
      } finally {
        asking.kill();
      }
    });
    await fault.undo();
    await cluster.ready(w2);
    await cluster.spread('app', 'steady', 3, { slots: false });
    await cluster.spread('app', 'client', 3, { slots: false });
    await eventually('all is right', () => allIsRight('steady', 3));
    const asking = new Load(cluster);
    try {
      await asks(asking, cluster.members);
      await asking.flows(20);
      await asking.stop();
      t.deepEqual(asking.failures, []);
    } finally {
      asking.kill();
    }
  },
);
