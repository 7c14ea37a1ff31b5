import { NodeAvailability, NodeState, TaskState, TsoError } from '@tso/proto';
import test from 'ava';
import { cluster, leader, voting, worker } from './testing/node-cluster.ts';
import { aNode, nodeIdOf } from './testing/nodes.ts';
import { runWith } from './testing/run-with.ts';
import { aTask, aTaskView } from './testing/views.ts';

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
