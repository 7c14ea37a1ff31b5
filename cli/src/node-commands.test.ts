import { NodeAvailability, NodeRole, NodeState, type NodeView, TaskState, TsoError, type UpdateNodeRequest } from '@tso/proto';
import test from 'ava';
import { run } from './program.ts';
import { type FakeDaemonOptions, startFakeDaemon } from './testing/fake-daemon.ts';
import { clockByHand, fakeIo } from './testing/fake-io.ts';
import { aManager, aNode, nodeIdOf } from './testing/nodes.ts';
import { runWith } from './testing/run-with.ts';
import { aTask, aTaskView } from './testing/views.ts';

const active = { LocalNodeState: 'active', NodeID: nodeIdOf('host-a'), ControlAvailable: true };
const engine = (_method: string, path: string) =>
  path === '/info' ? { body: { ID: 'd', Name: 'host-a', ServerVersion: '0.1.0', Swarm: active } } : undefined;

const leader = aManager('host-a', {}, { leader: true, tasksRunning: 3 });
const worker = aNode('host-b', { labels: { disk: 'ssd' }, address: '10.0.0.2' });

interface Cluster extends FakeDaemonOptions {
  readonly updates: UpdateNodeRequest[];
}

/** Nodes whose views follow one another with each look, the last one staying; the first is also what their names are looked up in. */
const cluster = (rounds: readonly (readonly NodeView[])[], control: FakeDaemonOptions['control'] = {}): Cluster => {
  const updates: UpdateNodeRequest[] = [];
  let looks = -1;
  return {
    updates,
    engine,
    control: {
      listNodes: async () => ({ nodes: rounds[Math.min(Math.max(looks++, 0), rounds.length - 1)] ?? [] }),
      getNode: async ({ node }) => {
        const found = rounds[0]?.find((view) => view.node.id === node || view.node.description.hostname === node);
        if (found === undefined) throw new TsoError('NOT_FOUND', `there is no node ${node}`);
        return found;
      },
      updateNode: async (request) => {
        updates.push(request);
        return { version: 20, changes: [], node: worker.node };
      },
      ...control,
    },
  };
};

test('node ls marks the node that was asked and says which managers there are', async (t) => {
  const down = aNode('host-c', { state: NodeState.NODE_DOWN, stateMessage: 'no heartbeat for 3 s', availability: NodeAvailability.DRAIN });
  const { code, out } = await runWith(t, cluster([[leader, worker, down]]), ['node', 'ls']);
  t.is(code, 0);
  t.is(
    out,
    [
      'ID               HOSTNAME   STATE   AVAILABILITY   MANAGER   ADDRESS    TASKS   ENGINE   MESSAGE',
      'hosta0000000 *   host-a     ready   active         leader    10.0.0.1       3   0.1.0',
      'hostb0000000     host-b     ready   active                   10.0.0.2       0   0.1.0',
      'hostc0000000     host-c     down    drain                    10.0.0.2       0   0.1.0    no heartbeat for 3 s',
      '',
    ].join('\n'),
  );
});

test('node ls --format json has the fields of the contract', async (t) => {
  const { out } = await runWith(t, cluster([[worker]]), ['node', 'ls', '--format', 'json']);
  t.deepEqual(JSON.parse(out), [
    {
      id: nodeIdOf('host-b'),
      hostname: 'host-b',
      role: 'worker',
      availability: 'active',
      state: 'ready',
      leader: false,
      reachability: '',
      address: '10.0.0.2',
      labels: { disk: 'ssd' },
      engineVersion: '0.1.0',
      resources: { cpus: 2, memoryBytes: 4294967296 },
      wantedRole: 'worker',
      message: '',
      removing: false,
      managerAddress: '',
      voter: false,
      engineLabels: {},
      platform: { os: 'linux', architecture: 'amd64' },
      kernel: '6.1.0',
      reserved: { cpus: 0, memoryBytes: 0 },
      tasksRunning: 0,
      generic: [],
      networkDrivers: [],
      fileSystems: [],
      troubles: [],
      addresses: [],
      tunnelAddress: '',
      encryption: false,
      createdAt: '2023-11-14T22:13:20.000Z',
      version: 12,
    },
  ]);
  t.is((await runWith(t, cluster([[worker]]), ['node', 'ls', '-q'])).out, `${nodeIdOf('host-b')}\n`);
});

test('node inspect shows this host unless told otherwise, as a page or as an array', async (t) => {
  const { out } = await runWith(t, cluster([[leader, worker]]), ['node', 'inspect']);
  t.is(
    out,
    `Id:             ${nodeIdOf('host-a')}
Hostname:       host-a
Joined:         2023-11-14T22:13:20.000Z
State:          ready
Availability:   active
Role:           manager
Manager:        leader, 10.0.0.1:2478
Address:        10.0.0.1
Platform:       linux/amd64
Kernel:         6.1.0
Engine:         0.1.0
Resources:      2 CPUs, 4.0 GiB
Reserved:       0 CPUs, 0.0 GiB
Tasks:          3 running
`,
  );
  const json = await runWith(t, cluster([[leader, worker]]), ['node', 'inspect', 'host-b', 'self', '--format', 'json']);
  t.deepEqual(
    JSON.parse(json.out).map((row: { hostname: string }) => row.hostname),
    ['host-b', 'host-a'],
  );
});

test('node ps lists the tasks of that node only', async (t) => {
  const here = { ...aTask({ slot: 1 }), nodeId: nodeIdOf('host-b') };
  const elsewhere = { ...aTask({ slot: 2 }), nodeId: nodeIdOf('host-a') };
  const asked: unknown[] = [];
  const daemon = cluster([[leader, worker]], {
    listTasks: async (request) => {
      asked.push(request);
      return { tasks: [aTaskView(here), aTaskView(elsewhere)], version: 1 };
    },
  });
  const { out } = await runWith(t, daemon, ['node', 'ps', '-q', '-a', 'host-b']);
  t.is(out, 'web-task-1\n');
  t.deepEqual(asked, [{ stack: '', services: [], all: true, node: nodeIdOf('host-b') }]);
});

test('node update writes labels, availability and role, and nothing when a node is unknown', async (t) => {
  const daemon = cluster([[leader, worker]]);
  const flags = ['--label-add', 'disk=ssd', '--label-add', 'zone', '--label-rm', 'old', '--availability', 'pause'];
  const { code, err } = await runWith(t, daemon, ['node', 'update', ...flags, 'host-b']);
  t.is(code, 0);
  t.is(err, 'Node host-b is updated.\n');
  t.deepEqual(
    daemon.updates.map(({ node, labelsSet, labelsRemove, availability, role }) => ({ node, labelsSet, labelsRemove, availability, role })),
    [
      {
        node: nodeIdOf('host-b'),
        labelsSet: { disk: 'ssd', zone: '' },
        labelsRemove: ['old'],
        availability: NodeAvailability.PAUSE,
        role: undefined,
      },
    ],
  );
  const unknown = cluster([[leader, worker]]);
  t.is((await runWith(t, unknown, ['node', 'update', '--availability', 'drain', 'host-b', 'host-x'])).code, 1);
  t.deepEqual(unknown.updates, []);
  const nothing = await runWith(t, unknown, ['node', 'update', 'host-b']);
  t.is(nothing.code, 2);
  t.regex(nothing.err, /Give --label-add, --label-rm, --availability or --role\./);
});

test('what is asked of a node is asked of it as it was looked up, and shows what somebody else asked since', async (t) => {
  const hint = 'Look at it again (tso node inspect) and repeat the change';
  const daemon = cluster([[leader, worker]], {
    listTasks: async () => ({ tasks: [], version: 1 }),
    updateNode: async ({ expectedVersion }) => {
      const message = `node host-b is at version 20, and was changed since version ${expectedVersion}: ann asked for availability drain`;
      throw new TsoError('CONFLICT', message, { hint });
    },
  });
  for (const command of [['update', '--availability', 'pause'], ['pause'], ['drain', '-d'], ['promote', '-d']]) {
    const { code, err } = await runWith(t, daemon, ['node', ...command, 'host-b']);
    t.is(code, 5);
    t.is(
      err,
      `error: node host-b is at version 20, and was changed since version 12: ann asked for availability drain. ${hint}\n`,
      command.join(' '),
    );
  }
});

const becoming = { ...worker, node: { ...worker.node, wantedRole: NodeRole.MANAGER } };
const voting = aManager('host-b', { address: '10.0.0.2' }, { raftId: 2 });

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

test('nodes of one hostname are told apart by their ids', async (t) => {
  const twin = { ...worker, node: { ...worker.node, id: nodeIdOf('host-z') } };
  const { err } = await runWith(t, cluster([[leader, worker, twin]]), ['node', 'pause', 'host-b']);
  t.is(err, 'Node host-b (hostb0000000) takes no new tasks and keeps those it has.\n');
});

test('a refusal of the cluster keeps its reason and exit code', async (t) => {
  const daemon = cluster([[leader]], {
    updateNode: async () => {
      throw new TsoError('FAILED_PRECONDITION', 'host-a is the last manager', {
        hint: 'Promote another node first.',
        details: { outcome: 'refused' },
      });
    },
  });
  const { code, err } = await runWith(t, daemon, ['node', 'demote', 'self', '--format', 'json']);
  t.is(code, 1);
  t.like(JSON.parse(err), {
    error: { code: 'FAILED_PRECONDITION', message: 'host-a is the last manager', hint: 'Promote another node first.' },
  });
});

test('a refusal in the middle says which nodes were changed before it', async (t) => {
  const daemon = cluster([[leader, worker]], {
    updateNode: async ({ node }) => {
      if (node === worker.node.id) throw new TsoError('FAILED_PRECONDITION', 'host-b is being removed');
      return { version: 2, changes: [], node: leader.node };
    },
  });
  const { code, err } = await runWith(t, daemon, ['node', 'pause', 'host-a', 'host-b']);
  t.is(code, 1);
  t.is(err, 'error: host-b is being removed (changed before that: host-a).\n');
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

const on = (node: string, wish: Parameters<typeof aTask>[0]) => {
  const view = aTaskView({ ...aTask(wish), nodeId: node === '' ? '' : nodeIdOf(node) });
  return { ...view, node };
};
const drained = aNode('host-b', { availability: NodeAvailability.DRAIN });

test('node drain waits until the tasks run elsewhere', async (t) => {
  const before = on('host-b', { id: 'old', slot: 1 });
  const ending = on('host-b', { id: 'old', slot: 1, desired: TaskState.SHUTDOWN });
  const waiting = on('', { id: 'new', slot: 1, state: TaskState.NEW, pendingReason: 'no node fits (1 drained)' });
  const placed = on('host-a', { id: 'new', slot: 1 });
  const rounds = [[before], [ending, waiting], [waiting], [placed]];
  let looks = -1;
  const daemon = cluster([[leader, drained]], {
    getNode: async () => worker,
    listTasks: async ({ node }) => {
      if (node !== '') looks += 1;
      const tasks = rounds[Math.min(Math.max(looks, 0), rounds.length - 1)] ?? [];
      return { tasks: tasks.filter(({ task }) => node === '' || task.nodeId === node), version: 1 };
    },
  });
  const { code, err } = await runWith(t, daemon, ['node', 'drain', 'host-b']);
  t.is(code, 0);
  t.is(daemon.updates[0]?.availability, NodeAvailability.DRAIN);
  t.is(
    err,
    [
      'visits/web.1: stopping: still on host-b',
      'visits/web.1: waiting: no node fits (1 drained)',
      'visits/web.1: running: on host-a',
      'Node host-b is drained and takes no tasks until activated.',
      '',
    ].join('\n'),
  );
});

test('activate and pause are written at once', async (t) => {
  const daemon = cluster([[leader, worker]]);
  t.is((await runWith(t, daemon, ['node', 'activate', 'host-a', 'host-b'])).err, 'Nodes host-a and host-b take tasks.\n');
  t.is((await runWith(t, daemon, ['node', 'pause', 'host-b'])).err, 'Node host-b takes no new tasks and keeps those it has.\n');
  t.deepEqual(
    daemon.updates.map(({ availability }) => availability),
    [NodeAvailability.ACTIVE, NodeAvailability.ACTIVE, NodeAvailability.PAUSE],
  );
});

test('node rm returns once the node is out, with its id under -q', async (t) => {
  const asked: unknown[] = [];
  const leaving = { ...voting, node: { ...voting.node, removing: true } };
  const removeNode = async (request: { readonly node: string; readonly force: boolean }) => {
    asked.push(request);
    return { version: 3, nodeId: request.node };
  };
  const daemon = cluster([[leader, leaving], [leader]], { getNode: async () => voting, removeNode });
  const { code, out, err } = await runWith(t, daemon, ['node', 'rm', '--force', 'host-b']);
  t.is(code, 0);
  t.is(out, '');
  t.is(err, 'host-b: leaving the managers\nhost-b: removed\nNode host-b is removed, and refused from now on.\n');
  t.deepEqual(asked, [{ node: nodeIdOf('host-b'), force: true }]);
  const quiet = await runWith(t, cluster([[leader]], { getNode: async () => voting, removeNode }), ['node', 'rm', '-q', 'host-b']);
  t.deepEqual([quiet.out, quiet.err], [`${nodeIdOf('host-b')}\n`, '']);
});

test('self on a host that is in no cluster is refused', async (t) => {
  const inactive = () => ({ body: { ID: 'd', Name: 'h', ServerVersion: '0', Swarm: { NodeID: '', LocalNodeState: 'inactive' } } });
  const { code, err } = await runWith(t, { engine: inactive }, ['node', 'drain', 'self']);
  t.is(code, 1);
  t.regex(err, /this host is in no cluster, so there is no node that self could mean/);
});
