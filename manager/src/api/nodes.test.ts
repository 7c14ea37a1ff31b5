import { emptyMeta, type Manager, NodeAvailability, NodeRole, NodeState, type StoreAction, TaskState } from '@tso/proto';
import type { CallContext } from '@tso/proto/rpc';
import test from 'ava';
import { node, status, task } from '../dispatcher/dispatcher-fixture.ts';
import type { Proposer } from '../replication/proposer.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { LaggingMember, SharedLog } from '../testing/shared-log.ts';
import { authorityWith } from '../testing/specs.ts';
import type { Member, MemberList } from './members-port.ts';
import { nodeHandlers } from './nodes.ts';
import { Writes } from './writes.ts';

const context: CallContext = {
  peer: 'test',
  roles: ['client'],
  identity: undefined,
  signal: new AbortController().signal,
  header: (name) => (name === 'tso-actor' ? 'ann' : undefined),
};

const authority = authorityWith();

const manager = (raftId: number, nodeId: string): Manager => ({
  id: `${raftId}`,
  meta: emptyMeta,
  raftId,
  nodeId,
  address: `${nodeId}:2478`,
  wantsVote: true,
  removed: false,
});

/** Managers on a (leads), b and c, workers d (ready) and e (down). */
const world = (...more: readonly StoreAction[]) => {
  const log = new SharedLog();
  const managers = ['a', 'b', 'c'].map((id, at) => manager(at + 1, id));
  const cluster = { id: 'c', meta: emptyMeta, addressPool: '10.128.0.0/12', subnetPrefix: 24, firstVni: 1, vxlanPort: 4789 };
  const actions: readonly StoreAction[] = [
    { putCluster: cluster },
    { putAuthority: authority },
    ...['a', 'b', 'c'].map((id) => ({ putNode: node(id, { role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER }) })),
    { putNode: node('d') },
    { putNode: node('e', { state: NodeState.NODE_DOWN }) },
    ...more,
  ];
  log.append({ actions, expect: [], atMs: 1, origin: 'test' });
  const list: MemberList = {
    members: managers.map(
      (one): Member => ({ manager: one, voter: true, leader: one.raftId === 1, reachable: one.raftId !== 3, match: 9 }),
    ),
    leader: 1,
    term: 1,
    committed: 9,
    self: 2,
  };
  const at = () => {
    const proposer = new LaggingMember(log);
    const clock = new ManualClock();
    const writes = new Writes({ proposer, clock, nodeId: 'm1' });
    return { proposer, handlers: nodeHandlers({ proposer, clock, writes, members: { list: async () => list } }) };
  };
  return { log, at, ...at() };
};

const nothing = { labelsSet: {}, labelsRemove: [] };

test('nodes are listed by name, with their managers and what their tasks take', async (t) => {
  const busy = task('x', 'd', { status: status(TaskState.RUNNING) });
  const reservations = { nanoCpus: 5e8, memoryBytes: 1_024, pids: 0 };
  const { handlers } = world(
    { putTask: { ...busy, spec: { ...busy.spec, reservations } } },
    { putTask: task('y', 'd', { status: status(TaskState.FAILED) }) },
  );
  const { nodes } = await handlers.listNodes({}, context);
  t.deepEqual(
    nodes.map(({ node: { id }, leader, reachability, managerAddress, raftId, voter }) => [
      id,
      leader,
      reachability,
      managerAddress,
      raftId,
      voter,
    ]),
    [
      ['a', true, 'reachable', 'a:2478', 1, true],
      ['b', false, 'reachable', 'b:2478', 2, true],
      ['c', false, 'unreachable', 'c:2478', 3, true],
      ['d', false, '', '', 0, false],
      ['e', false, '', '', 0, false],
    ],
  );
  t.deepEqual([nodes[3]?.reserved, nodes[3]?.tasksRunning], [reservations, 1]);
  t.is((await handlers.getNode({ node: 'host-d' }, context)).node.id, 'd');
  await t.throwsAsync(handlers.getNode({ node: 'host-x' }, context), { code: 'NOT_FOUND' });
});

test('a change is made, answered with what changed, and made once', async (t) => {
  const { handlers, log, proposer } = world();
  const request = { node: 'host-d', ...nothing, labelsSet: { disk: 'ssd' }, availability: NodeAvailability.DRAIN };
  const reply = await handlers.updateNode(request, context);
  t.like(log.tables.node('d'), { labels: { disk: 'ssd' }, availability: NodeAvailability.DRAIN, changedBy: 'ann' });
  t.is(reply.version, log.tables.index);
  t.is(reply.node.meta.version, reply.version);
  t.deepEqual(
    reply.changes.map(({ action, changes }) => [action, changes.map(({ path }) => path)]),
    [['update', ['availability', 'labels.disk']]],
  );
  const again = await handlers.updateNode(request, context);
  t.deepEqual([again.changes.map(({ action }) => action), proposer.proposed.length], [['none'], 1]);
});

test('a change that lost the race is decided again on what the other one made', async (t) => {
  const { handlers, log, proposer, at } = world();
  let raced = false;
  const other = at();
  proposer.meanwhile = () => {
    if (raced) return;
    raced = true;
    log.append({ actions: [{ putNode: { ...node('d'), labels: { zone: 'x' } } }], expect: [], atMs: 2, origin: 'test' });
  };
  await handlers.updateNode({ node: 'd', ...nothing, labelsSet: { disk: 'ssd' } }, context);
  t.deepEqual(log.tables.node('d')?.labels, { disk: 'ssd', zone: 'x' });
  await t.throwsAsync(other.handlers.updateNode({ node: 'd', expectedVersion: 1, ...nothing, labelsSet: { disk: 'hdd' } }, context), {
    code: 'CONFLICT',
    message: /ann asked for labels.disk ssd/,
  });
});

test('promotion and demotion are wishes, decided one after the other', async (t) => {
  const { log, handlers, at } = world();
  await handlers.updateNode({ node: 'd', ...nothing, role: NodeRole.MANAGER }, context);
  t.like(log.tables.node('d'), { role: NodeRole.WORKER, wantedRole: NodeRole.MANAGER });
  await handlers.updateNode({ node: 'c', ...nothing, role: NodeRole.WORKER }, context);
  const demote = (id: string) => at().handlers.updateNode({ node: id, ...nothing, role: NodeRole.WORKER }, context);
  const results = await Promise.allSettled([demote('a'), demote('b')]);
  t.deepEqual(results.map((it) => it.status).sort(), ['fulfilled', 'rejected']);
  t.is(['a', 'b', 'c'].filter((id) => log.tables.node(id)?.wantedRole === NodeRole.MANAGER).length, 1);
});

test('a removed node is refused from then on; one that is down is forgotten at once', async (t) => {
  const { log, handlers } = world();
  const { nodeId } = await handlers.removeNode({ node: 'host-e', force: false }, context);
  t.is(nodeId, 'e');
  t.is(log.tables.node('e'), undefined);
  t.deepEqual(
    log.tables.authority()?.revoked.map(({ name, role }) => [name, role]),
    [['e', 'node']],
  );
  await t.throwsAsync(handlers.removeNode({ node: 'd', force: false }, context), { code: 'FAILED_PRECONDITION' });
  await handlers.removeNode({ node: 'd', force: true }, context);
  t.is(log.tables.node('d')?.removing, true);
  const { index } = log.tables;
  await handlers.removeNode({ node: 'd', force: true }, context);
  t.is(log.tables.index, index, 'it is on its way already');
});

test('a manager that is removed is left to the leader, which takes it out of the group first', async (t) => {
  const { log, handlers } = world();
  await handlers.removeNode({ node: 'c', force: true }, context);
  t.like(log.tables.node('c'), { removing: true, role: NodeRole.MANAGER });
  t.is(log.tables.manager('3'), undefined, 'the group itself is not changed here');
});

test('what a snapshot replaced while the managers were asked is not written back', async (t) => {
  const [before, now] = [world(), world({ putNode: node('d', { labels: { zone: 'x' } }) })];
  for (const { proposer } of [before, now]) await proposer.fresh();
  let { view } = before.proposer;
  const proposer: Proposer = {
    get view() {
      return view;
    },
    fresh: async () => undefined,
    propose: (transaction) => now.proposer.propose(transaction),
    subscribe: (filter, options) => now.proposer.subscribe(filter, options),
  };
  const clock = new ManualClock();
  const list = async (): Promise<MemberList> => {
    ({ view } = now.proposer);
    return { members: [], leader: 1, term: 1, committed: 9, self: 2 };
  };
  const writes = new Writes({ proposer, clock, nodeId: 'm1' });
  const handlers = nodeHandlers({ proposer, clock, writes, members: { list } });
  await handlers.updateNode({ node: 'd', ...nothing, role: NodeRole.MANAGER }, context);
  t.like(now.log.tables.node('d'), { wantedRole: NodeRole.MANAGER, labels: { zone: 'x' } });
});

/** d is on its way to becoming a manager: in the group already, and not called one yet. */
const coming = (wantedRole = NodeRole.MANAGER): readonly StoreAction[] => [
  { putNode: node('d', { wantedRole }) },
  { putManager: manager(4, 'd') },
];

test('a node that is demoted while it comes into the group is a manager until it is out of it again', async (t) => {
  const { log, handlers } = world(...coming());
  await handlers.updateNode({ node: 'd', ...nothing, role: NodeRole.WORKER }, context);
  t.like(log.tables.node('d'), { role: NodeRole.MANAGER, wantedRole: NodeRole.WORKER });
});

test('so is one that is removed then: the group may need its vote to let it go', async (t) => {
  const { log, handlers } = world(...coming());
  await handlers.removeNode({ node: 'd', force: true }, context);
  t.like(log.tables.node('d'), { role: NodeRole.MANAGER, removing: true });
});

test('a node whose manager is just leaving is promoted again once that is gone', async (t) => {
  const leaving: readonly StoreAction[] = [
    { putNode: node('d', { role: NodeRole.MANAGER }) },
    { putManager: { ...manager(4, 'd'), removed: true, wantsVote: false } },
  ];
  const { handlers } = world(...leaving);
  await t.throwsAsync(handlers.updateNode({ node: 'd', ...nothing, role: NodeRole.MANAGER }, context), {
    code: 'FAILED_PRECONDITION',
    message: /just leaving/,
  });
});
