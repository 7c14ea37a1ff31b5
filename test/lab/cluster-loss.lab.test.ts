// Processes and hosts that are lost: what was promised goes on, and what was acknowledged is there.
import { TsoError } from '@tso/proto';
import { Control, RpcChannel } from '@tso/proto/rpc';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import * as faults from './hosts/faults.ts';
import { eventually } from './support/eventually.ts';
import type { LabHost } from './support/lab-host.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 3 });
const replicas = 6;
const stack = (count: number) => `
services:
  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: { replicas: ${count}, restart_policy: { delay: 0s } } }
`;
test.before(() => cluster.up('app', stack(replicas)));
test.after.always(() => cluster.destroy());

/** Generous: what is promised on a machine of one's own is measured by test/bench/cluster.ts. */
const writeAgainMs = 10_000;
const elsewhereMs = 60_000;

let written = 0;
/** Milliseconds until one of these managers has taken a write. */
const untilWritten = async (managers: readonly LabHost[]): Promise<number> => {
  const beganAt = performance.now();
  written += 1;
  await eventually(
    'a write is accepted',
    () =>
      Promise.any(
        managers.map((host) =>
          cluster
            .api(host)
            .control((control) => control.putConfig({ name: `w${written}`, data: Buffer.from('x'), labels: {} }, { deadlineMs: 1_000 })),
        ),
      ),
    writeAgainMs,
  );
  return performance.now() - beganAt;
};

const pids = async (): Promise<readonly string[]> => (await cluster.seen()).map(({ host, taskId, pid }) => `${host} ${taskId} ${pid}`);

for (const [what, strike] of [
  ['kill -9', faults.killManager],
  ['SIGSTOP', faults.pauseManager],
] as const)
  test.serial(`${what} of the leader: writes go on with another one, and no container notices`, async (t) => {
    const before = await pids();
    const leader = await cluster.leader();
    const others = await cluster.followers();
    const fault = await strike(leader);
    const ms = await untilWritten(others);
    t.log(`a write was accepted after ${Math.round(ms)} ms`);
    await cluster.without([leader], async () => t.not(await cluster.leader(), leader));
    await fault.undo();
    await cluster.settled();
    t.deepEqual(await pids(), before);
  });

test.serial('kill -9 of a follower: writes do not stop, and it catches up', async (t) => {
  const before = await pids();
  const [follower = cluster.host('m1')] = await cluster.followers();
  const fault = await faults.killManager(follower);
  await untilWritten(cluster.managers.filter((host) => host !== follower));
  await fault.undo();
  await cluster.settled();
  const read = await eventually('the follower answers', () =>
    cluster.api(follower).control((control) => control.getConfig({ name: `w${written}` }, { deadlineMs: 1_000 })),
  );
  t.is(Buffer.from(read.data).toString(), 'x');
  t.deepEqual(await pids(), before);
});

test.serial('all managers killed at once: containers go on, and everything is known again', async (t) => {
  const before = await pids();
  const all = await Promise.all(cluster.managers.map(faults.killManager));
  for (const fault of all) await fault.undo();
  await cluster.settled();
  await cluster.spread('app', 'app', replicas);
  t.deepEqual(await pids(), before);
});

test.serial('an agent that is killed: its containers go on, run elsewhere once it is down, and end when it is back', async (t) => {
  const worker = await cluster.busyWorker();
  const before = await worker.mainPids();
  const fault = await faults.killAgent(worker);
  await eventually(`${worker.name} is down`, async () => (await cluster.state(worker)) === 'down');
  await eventually(
    'every slot runs on another host',
    async () => {
      const running = await cluster.running('app', 'app');
      return new Set(running.filter(({ host }) => host !== worker.name).map(({ slot }) => slot)).size === replicas;
    },
    elsewhereMs,
  );
  t.deepEqual(await worker.mainPids(), before);
  await fault.undo();
  await cluster.ready(worker);
  await cluster.spread('app', 'app', replicas);
});

test.serial('an agent that is killed and back before it counts as down keeps its tasks', async (t) => {
  await cluster.up('more', stack(replicas));
  const worker = await cluster.busyWorker();
  const before = await worker.mainPids();
  const fault = await faults.killAgent(worker);
  await fault.undo();
  await cluster.settled();
  await cluster.spread('more', 'app', replicas);
  t.deepEqual(await worker.mainPids(), before);
});

test.serial('an agent that is stopped comes back to what was given to others', async (t) => {
  const worker = await cluster.busyWorker();
  const before = await worker.mainPids();
  const fault = await faults.pauseAgent(worker);
  await eventually(`${worker.name} is down`, async () => (await cluster.state(worker)) === 'down');
  await fault.undo();
  await cluster.ready(worker);
  for (const name of ['app', 'more']) await cluster.spread(name, 'app', replicas);
  t.deepEqual(
    [...(await worker.mainPids()).keys()].filter((id) => before.has(id)),
    [],
    'superseded tasks run',
  );
});

test.serial('a host that is gone: its tasks run elsewhere; after a boot it is a node like the others', async (t) => {
  const worker = await cluster.busyWorker();
  const beganAt = performance.now();
  const fault = await faults.killHost(cluster.lab, worker);
  for (const name of ['app', 'more']) await cluster.spread(name, 'app', replicas, { butNot: [worker], deadlineMs: elsewhereMs });
  t.log(`its tasks ran elsewhere after ${Math.round(performance.now() - beganAt)} ms`);
  await fault.undo();
  await cluster.ready(worker);
  await cluster.up('more', stack(replicas + 4));
  const counts = await cluster.spread('more', 'app', replicas + 4);
  t.true((counts.get(worker.name) ?? 0) > 0, 'it is given new tasks');
});

test.serial('the host of the leader is gone: the cluster goes on without it', async (t) => {
  const leader = await cluster.leader();
  const others = await cluster.followers();
  const fault = await faults.killHost(cluster.lab, leader);
  t.log(`a write was accepted after ${Math.round(await untilWritten(others))} ms`);
  await cluster.without([leader], async () => {
    t.not(await cluster.leader(), leader);
    await cluster.spread('app', 'app', replicas, { butNot: [leader], deadlineMs: elsewhereMs });
  });
  await fault.undo();
  await cluster.settled();
  await cluster.spread('app', 'app', replicas);
});

test.serial('a write that is sent again with its key after the leader was killed is done once', async (t) => {
  const leader = await cluster.leader();
  const [by = leader, other = leader] = await cluster.followers();
  for (let turn = 0; turn < 3; turn += 1) {
    const name = `once${turn}`;
    const request = { name, data: Buffer.from(name), labels: {}, expectedVersion: 0 };
    const options = { headers: { 'idempotency-key': `key-${name}` }, deadlineMs: 3_000 };
    const channel = new RpcChannel(`unix:${by.socket}`);
    const asked = channel
      .client(Control)
      .putConfig(request, options)
      .then(
        ({ version }) => version,
        () => undefined,
      );
    const fault = turn === 1 ? await faults.killManager(await cluster.leader()) : undefined;
    const first = await asked;
    channel.close();
    // Whatever became of the first one, and by whichever manager: the same answer, never a conflict with oneself.
    const again = await eventually('it is accepted', async () => {
      try {
        return (await cluster.api(other).control((control) => control.putConfig(request, options))).version;
      } catch (error) {
        if (error instanceof TsoError && error.code === 'CONFLICT') throw new Error(`CONFLICT: ${error.message}`, { cause: error });
        return undefined;
      }
    });
    if (first !== undefined) t.is(again, first);
    const held = await cluster.ask((api) => api.control((control) => control.getConfig({ name })));
    t.is(held.meta.version, again);
    await fault?.undo();
    await cluster.settled();
  }
  // The same key for something else is refused.
  const stolenKey = { name: 'another', data: Buffer.from('x'), labels: {} };
  await t.throwsAsync(
    cluster
      .api(other)
      .control((control) => control.putConfig(stolenKey, { headers: { 'idempotency-key': 'key-once0' }, deadlineMs: 3_000 })),
    { instanceOf: TsoError },
  );
});
