// Links between hosts that are cut: both ways, one way, again and again.
import { TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { during, flap, oneWay, partition } from './hosts/faults.ts';
import { eventually } from './support/eventually.ts';
import type { LabHost } from './support/lab-host.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 3 });
const replicas = 6;
test.before(() =>
  cluster.up(
    'app',
    `services:\n  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: { replicas: ${replicas}, restart_policy: { delay: 0s } } }\n`,
  ),
);
test.after.always(() => cluster.destroy());

const put = (host: LabHost, name: string, deadlineMs = 2_000) =>
  cluster.api(host).control((control) => control.putConfig({ name, data: Buffer.from(name), labels: {} }, { deadlineMs }));

const accepted = (host: LabHost, name: string) => eventually(`${host.name} accepts a write`, () => put(host, name));

/** A write at a manager that cannot have a majority: refused in time, with a sentence that says so. */
const refused = async (t: ExecutionContext, host: LabHost): Promise<void> => {
  const error = await eventually(`${host.name} refuses writes`, async () => {
    const caught = await put(host, 'minority', 8_000).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    // Of what was under way when the link was lost it can only say that it does not know.
    return caught instanceof TsoError && caught.code === 'UNAVAILABLE' && caught.details.outcome === 'refused' && caught;
  });
  t.regex(error.message, /majority|leader|reach/);
  for (const command of [['node', 'ls'], ['ps']]) {
    const said = await host.tso(command);
    t.is(said.code, 5, `tso ${command.join(' ')} ends with 5: too few managers to decide\n${said.stderr}`);
  }
};

/** Every container that ran on these hosts still does. */
const undisturbed = async (t: ExecutionContext, before: ReadonlyMap<LabHost, ReadonlyMap<string, number>>): Promise<void> => {
  for (const [host, pids] of before) t.deepEqual(await host.mainPids(), pids, host.name);
};

const running = async (hosts: readonly LabHost[]): Promise<ReadonlyMap<LabHost, ReadonlyMap<string, number>>> =>
  new Map(await Promise.all(hosts.map(async (host) => [host, await host.mainPids()] as const)));

const slotsOutside = async (hosts: readonly LabHost[]): Promise<number> => {
  const names = hosts.map(({ name }) => name);
  return new Set((await cluster.running('app', 'app')).filter(({ host }) => !names.includes(host)).map(({ slot }) => slot)).size;
};

test.serial('a minority with the leader and a worker: no write there, its containers run on, the majority goes on', async (t) => {
  const leader = await cluster.leader();
  const lesser = [leader, cluster.host('w1')];
  const rest = cluster.members.filter((host) => !lesser.includes(host));
  const before = await running(lesser);
  const fault = await partition(cluster.lab, lesser, rest);
  await during([fault], () =>
    cluster.without(lesser, async () => {
      const next = await cluster.leader();
      t.not(next, leader);
      await accepted(next, 'majority');
      await refused(t, leader);
      await eventually('every slot runs in the majority', async () => (await slotsOutside(lesser)) === replicas);
      await undisturbed(t, before);
    }),
  );
  await cluster.settled();
  await cluster.spread('app', 'app', replicas);
  const read = await cluster.api(leader).control((control) => control.getConfig({ name: 'majority' }));
  t.is(Buffer.from(read.data).toString(), 'majority');
  await t.throwsAsync(
    cluster.api(leader).control((control) => control.getConfig({ name: 'minority' })),
    { code: 'NOT_FOUND' },
  );
});

test.serial('managers that none of the others reaches: nobody writes, every container runs on', async (t) => {
  const [one, two, three] = cluster.managers as readonly [LabHost, LabHost, LabHost];
  const before = await running(cluster.members);
  const faults = [await partition(cluster.lab, [one], [two, three]), await partition(cluster.lab, [two], [three])];
  await during(faults, async () => {
    for (const host of cluster.managers) await refused(t, host);
    await undisturbed(t, before);
  });
  await cluster.settled();
  await cluster.spread('app', 'app', replicas);
  await undisturbed(t, before);
});

test.serial('a worker that reaches no manager is down, and comes back to what was given to others', async (t) => {
  const worker = await cluster.busyWorker();
  const before = await worker.mainPids();
  const fault = await partition(cluster.lab, [worker], cluster.managers);
  await during([fault], async () => {
    await eventually(`${worker.name} is down`, async () => (await cluster.state(worker)) === 'down');
    await eventually('every slot runs elsewhere', async () => (await slotsOutside([worker])) === replicas);
    t.deepEqual(await worker.mainPids(), before);
  });
  await cluster.ready(worker);
  await cluster.spread('app', 'app', replicas);
});

test.serial('a worker that reaches all managers but the leader is no burden to anybody', async (t) => {
  const worker = await cluster.busyWorker();
  const leader = await cluster.leader();
  const fault = await partition(cluster.lab, [worker], [leader]);
  await during([fault], async () => {
    await eventually('every slot runs on hosts that the leader sees', async () => (await slotsOutside([worker])) === replicas);
    await accepted(leader, 'unburdened');
    t.is(await cluster.leader(), leader);
  });
  await cluster.ready(worker);
  await cluster.spread('app', 'app', replicas);
});

for (const direction of ['is not heard by', 'does not hear'] as const)
  test.serial(`a leader that ${direction} a follower, the other way in order: writes go on`, async (t) => {
    const leader = await cluster.leader();
    const [follower = leader] = await cluster.followers();
    const [from, to] = direction === 'is not heard by' ? [leader, follower] : [follower, leader];
    const fault = await oneWay(cluster.lab, from, to);
    await during([fault], async () => {
      // For longer than an election takes.
      const until = performance.now() + 2_500;
      for (let count = 0; performance.now() < until; count += 1)
        await eventually('a write is accepted', () => Promise.any(cluster.managers.map((host) => put(host, `one-way-${count}`))));
    });
    await cluster.settled();
    await cluster.spread('app', 'app', replicas);
    t.pass();
  });

test.serial('a worker that hears the managers but is not heard counts as down', async (t) => {
  const worker = await cluster.busyWorker();
  const faults = [];
  for (const manager of cluster.managers) faults.push(await oneWay(cluster.lab, worker, manager));
  await during(faults, async () => {
    await eventually(`${worker.name} is down`, async () => (await cluster.state(worker)) === 'down');
    await eventually('every slot runs elsewhere', async () => (await slotsOutside([worker])) === replicas);
  });
  await cluster.ready(worker);
  await cluster.spread('app', 'app', replicas);
  t.pass();
});

test.serial('links that flap, of the leader and of a worker: work goes on, and in the end all is as it should be', async (t) => {
  const faults = [await flap(cluster.lab, await cluster.leader(), 900), await flap(cluster.lab, cluster.host('w2'), 1_700)];
  await during(faults, async () => {
    for (let count = 0; count < 8; count += 1)
      await eventually('a write is accepted', () => Promise.any(cluster.managers.map((host) => put(host, `flap-${count}`, 1_000))), 15_000);
  });
  await cluster.settled();
  await cluster.spread('app', 'app', replicas);
  for (let count = 0; count < 8; count += 1) {
    const read = await cluster.ask((api) => api.control((control) => control.getConfig({ name: `flap-${count}` })));
    t.is(Buffer.from(read.data).toString(), `flap-${count}`);
  }
});
