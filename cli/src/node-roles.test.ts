import { NodeRole, NodeState, type NodeView, TsoError } from '@tso/proto';
import test from 'ava';
import { run } from './program.ts';
import { type FakeDaemonOptions, startFakeDaemon } from './testing/fake-daemon.ts';
import { clockByHand, fakeIo } from './testing/fake-io.ts';
import { active, cluster, engine, leader, voting, worker } from './testing/node-cluster.ts';
import { aManager, aNode, nodeIdOf } from './testing/nodes.ts';
import { runWith } from './testing/run-with.ts';

const becoming = { ...worker, node: { ...worker.node, wantedRole: NodeRole.MANAGER } };

test('node promote waits until the manager votes and says each step', async (t) => {
  const daemon = cluster([
    [leader, becoming],
    [leader, { ...becoming, raftId: 2 }],
    [leader, { ...voting, node: becoming.node }],
    [leader, voting],
  ]);
  const { code, out, err } = await runWith(t, { ...daemon, control: { ...daemon.control, getNode: async () => worker } }, [
    'node',
    'promote',
    'host-b',
  ]);
  t.is(code, 0);
  t.is(out, '');
  t.is(err, 'host-b: starting its manager\nhost-b: catching up\nhost-b: votes\nhost-b: manager\nNode host-b is now a manager.\n');
  t.is(daemon.updates[0]?.role, NodeRole.MANAGER);
});

test('a manager is promoted without a word to the cluster', async (t) => {
  const daemon = cluster([[leader, worker]]);
  const { code, err } = await runWith(t, daemon, ['node', 'promote', 'host-a']);
  t.is(code, 0);
  t.is(err, 'Node host-a is now a manager.\n');
  t.deepEqual(daemon.updates, []);
});

test('managers are demoted one after the other', async (t) => {
  const second = aManager('host-c', {}, { raftId: 3 });
  const gone = aNode('host-b');
  const order: string[] = [];
  let demoted: readonly string[] = [];
  const viewOf = (view: NodeView): NodeView => (demoted.includes(view.node.id) ? aNode(view.node.description.hostname) : view);
  const daemon: FakeDaemonOptions = {
    engine,
    control: {
      getNode: async ({ node }) => (node === 'host-b' ? voting : second),
      updateNode: async ({ node, role }) => {
        t.is(role, NodeRole.WORKER);
        order.push(`demote ${node}`);
        demoted = [...demoted, node];
        return { version: 1, changes: [], node: gone.node };
      },
      listNodes: async () => {
        order.push('look');
        return { nodes: [leader, viewOf(voting), viewOf(second)] };
      },
    },
  };
  const { code, err } = await runWith(t, daemon, ['node', 'demote', 'host-b', 'host-c']);
  t.is(code, 0);
  t.deepEqual(order, ['look', `demote ${nodeIdOf('host-b')}`, 'look', `demote ${nodeIdOf('host-c')}`, 'look']);
  t.regex(err, /Nodes host-b and host-c are now workers\.\n$/);
});

test('a host that demotes its own manager hears from its own daemon when it is done', async (t) => {
  const other = aManager('host-b', {}, { raftId: 2 });
  const asked: string[] = [];
  let retired = false;
  let looks = 0;
  const daemon: FakeDaemonOptions = {
    engine: (_method, path) =>
      path === '/info'
        ? { body: { ID: 'd', Name: 'host-a', ServerVersion: '0.1.0', Swarm: { ...active, ControlAvailable: !retired } } }
        : undefined,
    control: {
      getNode: async ({ node }) => (node === 'host-b' ? other : leader),
      updateNode: async ({ node }) => {
        asked.push(node);
        return { version: 1, changes: [], node: worker.node };
      },
      listNodes: async () => {
        looks += 1;
        // Right after it was told to stop, it neither answers nor is known to be gone.
        if (retired) throw new TsoError('PERMISSION_DENIED', 'the caller is worker');
        if (looks < 5 && asked.length === 2) throw new TsoError('UNAVAILABLE', 'the manager stops');
        const views = [
          asked.includes(leader.node.id) ? aManager('host-a', { wantedRole: NodeRole.WORKER }) : leader,
          asked.includes(other.node.id) ? aNode('host-b') : other,
        ];
        retired = asked.includes(leader.node.id);
        return { nodes: views };
      },
    },
  };
  const { code, err } = await runWith(t, daemon, ['node', 'demote', 'self', 'host-b']);
  t.is(code, 0);
  t.deepEqual(asked, [nodeIdOf('host-b'), nodeIdOf('host-a')]);
  t.is(err, 'host-b: worker\nhost-a: leaving the managers\nhost-a: worker\nNodes host-a and host-b are now workers.\n');
});

test('somebody who demotes it meanwhile ends the wait', async (t) => {
  const daemon = cluster(
    [
      [leader, becoming],
      [leader, worker],
    ],
    { getNode: async () => worker },
  );
  const { code, err } = await runWith(t, daemon, ['node', 'promote', 'host-b']);
  t.is(code, 1);
  t.regex(err, /error: node host-b will not be promoted: somebody demoted it meanwhile\. See what is wished now: tso node ls/);
});

const silent = { ...becoming, node: { ...becoming.node, state: NodeState.NODE_DOWN, stateMessage: 'no heartbeat for 3 s' } };

test('a wait beyond --timeout ends with 3 and names the reason', async (t) => {
  const fake = await startFakeDaemon(cluster([[leader, silent]], { getNode: async () => worker }));
  t.teardown(() => fake.stop());
  const { clock, ring } = clockByHand();
  const io = fakeIo({ env: { TSO_RUN_DIR: fake.dir }, clock });
  io.stderr.once('written', () => ring(60_000));
  t.is(await run(['node', 'promote', 'host-b', '--timeout', '60'], io), 3);
  t.regex(
    io.stderr.text,
    /error: node host-b is not promoted after 60 s: host-b: starting its manager: the node is down \(no heartbeat for 3 s\): this goes on once it is back\. The cluster goes on with it: look with tso node ls/,
  );
});

test('Ctrl-C leaves a promotion going and says how to look', async (t) => {
  const fake = await startFakeDaemon(cluster([[leader, silent]], { getNode: async () => worker }));
  t.teardown(() => fake.stop());
  const io = fakeIo({ env: { TSO_RUN_DIR: fake.dir } });
  io.stderr.on('written', () => io.raise('SIGINT'));
  t.is(await run(['node', 'promote', 'host-b'], io), 130);
  t.regex(io.stderr.text, /The cluster goes on with it without you\. See how far it is with tso node ls\./);
});

test('a wait without news is explained once', async (t) => {
  const fake = await startFakeDaemon(cluster([[leader, silent]], { getNode: async () => worker }));
  t.teardown(() => fake.stop());
  const { clock, ring } = clockByHand();
  const io = fakeIo({ env: { TSO_RUN_DIR: fake.dir }, clock });
  io.stderr.once('written', () => setImmediate(() => ring(30_000)));
  io.stderr.on('written', () => io.stderr.text.includes('Still') && io.raise('SIGINT'));
  await run(['node', 'promote', 'host-b'], io);
  t.regex(io.stderr.text, /^Still waiting: host-b: starting its manager: the node is down \(no heartbeat for 3 s\)/m);
});

test('-d returns once it is accepted', async (t) => {
  const daemon = cluster([[leader, silent]], { getNode: async () => worker });
  const { code, err } = await runWith(t, daemon, ['node', 'promote', '-d', 'host-b']);
  t.is(code, 0);
  t.is(err, 'Node host-b is to become a manager.\n');
});

test('managers that elect a leader are waited for', async (t) => {
  let looks = 0;
  const daemon = cluster([], {
    getNode: async () => worker,
    listNodes: async () => {
      looks += 1;
      if (looks === 3) throw new TsoError('UNAVAILABLE', 'the managers have no leader');
      return { nodes: [leader, looks <= 2 ? becoming : voting] };
    },
  });
  t.is((await runWith(t, daemon, ['node', 'promote', 'host-b'])).code, 0);
  t.is(looks, 4);
});
