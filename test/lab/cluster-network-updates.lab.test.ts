// A service is changed while everybody asks it: nobody is refused, nobody is cut off before its time. Three hosts, real containers.
import { writeFile } from 'node:fs/promises';
import { HealthState } from '@tso/proto';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { eventually } from './support/eventually.ts';
import { Load, loadVolumes } from './support/load.ts';
import { type Leads, mapsIn, mendedOn, namesIn, portsOn } from './support/reach.ts';
import { beginLoad, echoes, echoServer, rollingStack, rollingSteps } from './support/rolling.ts';

const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
test.after.always(() => cluster.destroy());
const m1 = cluster.host('m1');
const hosts = cluster.members;

test.serial('no request fails while a service is updated, scaled and moved, asked by every way from everywhere', async (t) => {
  await cluster.up('app', rollingStack({ generation: 0, replicas: 4, order: 'stop-first', parallelism: 1 }));
  const load = await beginLoad(cluster, 'app', { pauseMs: 15 });
  try {
    for (const [what, step] of rollingSteps(cluster, 'app')) {
      const beganAt = performance.now();
      const before = load.answered;
      await step(load);
      await load.flows();
      t.log(`${what}: ${load.answered - before} requests in ${Math.round(performance.now() - beganAt)} ms`);
      t.deepEqual(load.failures, [], what);
    }
    await eventually('enough was asked', () => load.answered > 5_000);
    await load.stop();
  } finally {
    load.kill();
  }
  t.is(load.failed, 0);
  t.log(`${load.answered} requests, the slowest: ${load.slowest}`);
  t.true(load.answerers.size > 12, 'old and new tasks answered');
  await m1.tsoOk(['down', '-p', 'app']);
});

const drainMs = 3_000;
const held = `
services:
  held:
    image: busybox:1
    command: ["/bin/sh", "-c", ${JSON.stringify(echoServer())}]
    volumes: ${JSON.stringify(loadVolumes)}
    ports: ["8081:90", "8082:80"]
    x-tso-drain: ${drainMs}ms
    stop_grace_period: 2s
    healthcheck: { test: ["CMD-SHELL", ${JSON.stringify(echoes)}], interval: 30s, start_period: 20s, start_interval: 200ms }
    deploy: { replicas: 6 }
  client: { image: "busybox:1", stop_grace_period: 500ms, volumes: ${JSON.stringify(loadVolumes)}, deploy: { mode: global } }
`;

test.serial('a connection that stands has its whole time to drain, and for ever where its task stays', async (t) => {
  await cluster.up('held', held);
  const standing = new Load(cluster);
  const asking = new Load(cluster);
  try {
    const lanes = 6;
    await standing.inContainers('held', 'client', {
      targets: [{ name: 'virtual', host: 'held', port: 90, names: 'cached', lanes }],
      pauseMs: 50,
      hold: true,
    });
    const published = hosts.map(({ name, address }) => ({ name, host: address, port: 8081, names: 'fresh' as const, lanes }));
    standing.outside({ targets: published, pauseMs: 50, hold: true });
    await asking.inContainers('held', 'client', { targets: [{ name: 'virtual', host: 'held', port: 80, names: 'cached' }], pauseMs: 20 });
    asking.outside({ targets: published.map((one) => ({ ...one, port: 8082, lanes: 1 })), pauseMs: 20 });
    await asking.flows();
    const all = 2 * hosts.length * lanes;
    await standing.stands(all);
    const beganAt = Date.now();
    await m1.tsoOk(['scale', '-p', 'held', 'held=2']);
    const stay = (await cluster.running('held', 'held')).map(({ taskId }) => taskId.slice(0, 12));
    const goes = ({ peer }: { readonly peer: string }): boolean => !stay.includes(peer);
    await eventually('those that go have ended', () => standing.held.filter(goes).every(({ endedAtMs }) => endedAtMs > 0));
    const gone = standing.held.filter(goes);
    t.true(gone.length > all / 3, `${gone.length} of ${all} go`);
    const early = gone.filter(({ endedAtMs }) => endedAtMs < beganAt + drainMs);
    t.deepEqual(early, [], 'cut before their time');
    // Each of them was used all the time: once in 50 ms, at most two of these for an echo, on a machine that has other things to do.
    t.deepEqual(
      gone.filter(({ echoes }) => echoes < 10),
      [],
      'did not answer while they drained',
    );
    await asking.flows();
    const before = new Map(standing.held.map(({ target, echoes }, index) => [`${target} ${index}`, echoes]));
    await eventually('those that stay go on', () =>
      standing.held.every((one, index) => goes(one) || one.echoes > (before.get(`${one.target} ${index}`) ?? 0)),
    );
    t.deepEqual(
      standing.held.filter((one) => !goes(one) && one.endedAtMs > 0),
      [],
    );
    await Promise.all([standing.stop(), asking.stop()]);
    t.deepEqual(asking.failures, []);
  } finally {
    standing.kill();
    asking.kill();
  }
  await m1.tsoOk(['down', '-p', 'held']);
});

// A check that is cut off has failed, and one failure is enough here: what it starts is given time to end on a busy machine.
const ill = `
services:
  ill:
    image: busybox:1
    command: ["/bin/sh", "-c", ${JSON.stringify(echoServer('trap "until [ -e /tmp/leave ]; do sleep 0.1; done; exit 0" TERM'))}]
    volumes: ${JSON.stringify(loadVolumes)}
    ports: ["8083:90"]
    stop_grace_period: 120s
    healthcheck: { test: ["CMD-SHELL", ${JSON.stringify(`${echoes} && test ! -e /tmp/ill`)}], interval: 200ms, timeout: 15s, retries: 1, start_period: 20s, start_interval: 200ms }
    deploy: { replicas: 3, restart_policy: { delay: 0s } }
  client: { image: "busybox:1", stop_grace_period: 500ms, volumes: ${JSON.stringify(loadVolumes)}, deploy: { mode: global } }
`;

test.serial('a task whose health check fails leaves every name, map and port while it still runs; who is connected stays so', async (t) => {
  await cluster.up('ill', ill);
  const standing = new Load(cluster);
  const lanes = 6;
  try {
    await standing.inContainers('ill', 'client', {
      targets: [{ name: 'virtual', host: 'ill', port: 90, names: 'cached', lanes }],
      pauseMs: 50,
      hold: true,
    });
    standing.outside({
      targets: hosts.map(({ name, address }) => ({ name, host: address, port: 8083, names: 'fresh', lanes })),
      pauseMs: 50,
      hold: true,
    });
    await standing.stands(2 * hosts.length * lanes);
    const victim = (await cluster.running('ill', 'ill')).find(({ host }) => host !== 'm1');
    if (victim === undefined) throw new Error('none of the tasks runs on a worker');
    const task = (await cluster.tasks('ill', 'ill')).find(({ id }) => id === victim.taskId);
    const addresses = task?.networks.map(({ address }) => address) ?? [];
    t.is(addresses.length, 2, 'one on the network of the stack, one on the ingress network');
    const clients = await cluster.running('ill', 'client');
    const leads = async (): Promise<readonly Leads[]> =>
      (await Promise.all([mapsIn(clients), namesIn(clients, 'tasks.ill'), portsOn(hosts)])).flat();
    const leadingThere = async (): Promise<readonly string[]> =>
      (await leads()).filter((one) => addresses.some((address) => one.addresses.has(address))).map(({ place }) => place);
    t.is((await leadingThere()).length, 9, 'it is known everywhere');
    await writeFile(`/proc/${victim.pid}/root/tmp/ill`, '');
    await eventually('nothing leads to it', async () => {
      const places = await leadingThere();
      if (places.length > 0) throw new Error(places.join(', '));
      return true;
    });
    t.true(
      (await cluster.seen()).some(({ pid }) => pid === victim.pid),
      'it still runs',
    );
    const its = () => standing.held.filter(({ peer }) => peer === victim.taskId.slice(0, 12));
    t.true(its().length > 0, 'somebody is connected to it');
    const before = its().map(({ echoes }) => echoes);
    await eventually('who is connected to it still is', () => its().every(({ echoes }, index) => echoes > (before[index] ?? 0)));
    const said = (await cluster.tasks('ill', 'ill')).find(({ id }) => id === victim.taskId);
    t.is(said?.status.health, HealthState.UNHEALTHY);
    const leave = ({ pid }: { readonly pid: number }): Promise<void> => writeFile(`/proc/${pid}/root/tmp/leave`, '');
    await leave(victim);
    await eventually('another one takes its place', async () => {
      const running = await cluster.running('ill', 'ill');
      return running.length === 3 && running.every(({ pid }) => pid !== victim.pid);
    });
    t.deepEqual(
      standing.held.filter((one) => one.endedAtMs > 0 && one.peer !== victim.taskId.slice(0, 12)),
      [],
      'nobody else was cut off',
    );
    for (const one of await cluster.running('ill', 'ill')) await leave(one);
  } finally {
    standing.kill();
  }
  await m1.tsoOk(['down', '-p', 'ill']);
});

test.serial('in all of this nobody found anything to put right', async (t) => {
  t.deepEqual(await mendedOn(hosts), []);
});
