// The life of nodes: roles, availability, labels, coming back, going for good.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NodeRole } from '@tso/proto';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { managerPidOf, pauseHost } from './hosts/faults.ts';
import { eventually } from './support/eventually.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 3 });
const [w1, w2, w3] = [cluster.host('w1'), cluster.host('w2'), cluster.host('w3')];
const m1 = cluster.host('m1');
test.after.always(() => cluster.destroy());

const replicas = 6;
const app = (count: number, extra = '') => `
services:
  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: { replicas: ${count}, restart_policy: { delay: 0s }${extra} } }
`;
const inactive = async (host: typeof w1) => (await host.swarmInfo()).LocalNodeState === 'inactive';
const count = (counts: ReadonlyMap<string, number>, host: typeof w1): number => counts.get(host.name) ?? 0;

test.serial('promote starts a manager there that votes, and takes writes at its own door', async (t) => {
  await (await cluster.leader()).tsoOk(['node', 'promote', 'w1']);
  await cluster.ready(w1, 'manager');
  t.not(managerPidOf(w1), undefined);
  await cluster.api(w1).control((control) => control.putConfig({ name: 'by-w1', data: Buffer.from('1'), labels: {} }));
  const read = await cluster.api(m1).control((control) => control.getConfig({ name: 'by-w1' }));
  t.is(Buffer.from(read.data).toString(), '1');
  t.is((await w1.swarmInfo()).ControlAvailable, true);
});

test.serial('demote of the leader hands the leadership over first, and its containers do not notice', async (t) => {
  await cluster.up('app', app(replicas));
  const leader = await cluster.leader();
  const before = await leader.mainPids();
  t.true(before.size > 0);
  const follower = (await cluster.followers())[0] ?? m1;
  await follower.tsoOk(['node', 'demote', leader.name]);
  await cluster.without([leader], async () => {
    t.not(await cluster.leader(), leader);
    await cluster.ready(leader, 'worker');
  });
  await eventually('its manager has ended', () => managerPidOf(leader) === undefined);
  await eventually('its state is erased', () => !existsSync(join(leader.dataDir, 'manager')));
  t.deepEqual(await leader.mainPids(), before);
  await follower.tsoOk(['node', 'promote', leader.name]);
  await cluster.ready(leader, 'manager');
});

test.serial('drain moves the tasks elsewhere, activate lets new ones come', async (t) => {
  await (await cluster.leader()).tsoOk(['node', 'drain', 'w2']);
  const drained = await cluster.spread('app', 'app', replicas, { butNot: [w2] });
  t.is(count(drained, w2), 0);
  await (await cluster.leader()).tsoOk(['node', 'activate', 'w2']);
  await (await cluster.leader()).tsoOk(['scale', '-p', 'app', `app=${replicas + 2}`]);
  t.true(count(await cluster.spread('app', 'app', replicas + 2), w2) > 0);
  await (await cluster.leader()).tsoOk(['scale', '-p', 'app', `app=${replicas}`]);
  await cluster.spread('app', 'app', replicas);
});

test.serial('pause leaves what is there and gives a node nothing new', async (t) => {
  const before = await w3.mainPids();
  await (await cluster.leader()).tsoOk(['node', 'pause', 'w3']);
  await (await cluster.leader()).tsoOk(['scale', '-p', 'app', `app=${replicas + 6}`]);
  await cluster.spread('app', 'app', replicas + 6);
  t.deepEqual(await w3.mainPids(), before);
  await (await cluster.leader()).tsoOk(['node', 'activate', 'w3']);
  await (await cluster.leader()).tsoOk(['scale', '-p', 'app', `app=${replicas}`]);
  await cluster.spread('app', 'app', replicas);
});

test.serial('a label of a node decides where a service runs', async (t) => {
  await (await cluster.leader()).tsoOk(['node', 'update', '--label-add', 'disk=ssd', 'w3']);
  await cluster.up('fast', app(2, ', placement: { constraints: ["node.labels.disk==ssd"] }'));
  t.deepEqual([...(await cluster.spread('fast', 'app', 2))], [['w3', 2]]);
  await (await cluster.leader()).tsoOk(['down', '-p', 'fast']);
  await (await cluster.leader()).tsoOk(['node', 'update', '--label-rm', 'disk', 'w3']);
});

test.serial('a node that was declared down and comes back ends what was given to others', async (t) => {
  const worker = await cluster.busyWorker();
  const before = await worker.mainPids();
  const fault = await pauseHost(worker);
  await eventually(`${worker.name} is down`, async () => (await cluster.state(worker)) === 'down');
  await eventually('the others run them all', async () => {
    const elsewhere = (await cluster.running('app', 'app')).filter(({ host }) => host !== worker.name);
    return new Set(elsewhere.map(({ slot }) => slot)).size === replicas;
  });
  t.deepEqual([...(await worker.mainPids()).keys()], [...before.keys()]);
  await fault.undo();
  await cluster.ready(worker);
  await cluster.spread('app', 'app', replicas);
  t.deepEqual(
    [...(await worker.mainPids()).keys()].filter((id) => before.has(id)),
    [],
    'superseded tasks run',
  );
});

test.serial('leave takes a worker out of the cluster for good, its tasks run elsewhere', async (t) => {
  const { node } = await cluster.node(w3);
  await w3.tsoOk(['leave']);
  t.true(await inactive(w3));
  await eventually('w3 is no node any more', async () => !(await cluster.nodes()).some((it) => it.node.id === node.id));
  await cluster.spread('app', 'app', replicas, { butNot: [w3] });
  t.deepEqual([...(await w3.mainPids())], []);
  await cluster.join(w3, 'worker');
  t.not((await cluster.node(w3)).node.id, node.id);
});

test.serial('a removed node cleans itself, and may join again under another id', async (t) => {
  const { node } = await cluster.node(w2);
  await (await cluster.leader()).tsoOk(['node', 'rm', '--force', 'w2']);
  await eventually('w2 has cleaned itself', () => inactive(w2));
  await eventually('its containers are stopped', async () => (await w2.mainPids()).size === 0);
  t.false(existsSync(join(w2.dataDir, 'identity/current')));
  await cluster.spread('app', 'app', replicas, { butNot: [w2] });
  await cluster.join(w2, 'worker');
  t.not((await cluster.node(w2)).node.id, node.id);
});

test.serial('the last manager cannot be demoted, and says why', async (t) => {
  await (await cluster.leader()).tsoOk(['node', 'demote', 'm2', 'm3']);
  await m1.tsoOk(['node', 'demote', 'w1']);
  const managers = (await cluster.nodes()).filter(({ node }) => node.role === NodeRole.MANAGER);
  t.deepEqual(
    managers.map(({ node }) => node.description.hostname),
    ['m1'],
  );
  const outcome = await m1.tso(['node', 'demote', 'm1']);
  t.not(outcome.code, 0);
  t.regex(outcome.stderr, /last manager|only manager/);
  await cluster.spread('app', 'app', replicas);
});
