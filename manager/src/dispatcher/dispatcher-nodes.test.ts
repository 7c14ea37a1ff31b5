import { type Authority, emptyMeta, type Node, NodeRole, NodeState, type StoreAction, TaskState } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { removeAction } from '../store/kinds.ts';
import { authorityWith } from '../testing/specs.ts';
import { node, status, task } from './dispatcher-fixture.ts';
import { connect, settled, world } from './session-fixture.ts';

const authority = (more: Partial<Authority> = {}): StoreAction => ({
  putAuthority: authorityWith(more),
});

const manager = (raftId: number, nodeId: string, address = `${nodeId}:2478`): StoreAction => ({
  putManager: { id: `${raftId}`, meta: emptyMeta, raftId, nodeId, address, wantsVote: true, removed: false },
});

type World = Awaited<ReturnType<typeof world>>;

const commit = async ({ log, proposer }: World, ...actions: readonly StoreAction[]): Promise<void> => {
  log.append({ actions, expect: [], atMs: 1, origin: 'test' });
  await proposer.fresh();
  await settled();
};

const change = (it: World, id: string, more: Partial<Node>): Promise<void> =>
  commit(it, { putNode: { ...(it.log.tables.node(id) ?? node(id)), ...more } });

/** Time in which all agents beat. */
const pass = async ({ clock }: World, ms: number, ...agents: readonly ReturnType<typeof connect>[]): Promise<void> => {
  for (let passed = 0; passed < ms; passed += 500) {
    for (const agent of agents) agent.beat();
    await settled();
    clock.advance(500);
    await settled();
  }
};

test('over TLS an agent is who its certificate names, or gets nowhere', async (t) => {
  const it = await world();
  const thief = connect(it.dispatcher, 'a', { certificate: 'b' });
  t.like(await thief.ended, { code: 'PERMISSION_DENIED', message: 'node b speaks as node a' });
  t.is(it.log.tables.node('a'), undefined, 'and nothing of it is written');
  const agent = connect(it.dispatcher, 'a', { certificate: 'a' });
  await settled();
  t.true(agent.heard.some(({ welcome }) => welcome !== undefined));
  await it.dispatcher.stop();
});

test('a node that would be reached at nonsense gets no session, and the others are told of what they knew', async (t) => {
  const it = await world(authority(), { putNode: node('b') });
  const bad = connect(it.dispatcher, 'b', { certificate: 'b', hello: { address: 'nonsense' } });
  t.like(await bad.ended, { code: 'INVALID_ARGUMENT', details: { reason: 'address' } });
  t.is(it.log.tables.node('b')?.address, node('b').address);
  await it.dispatcher.stop();
});

test('a node that the cluster does not know gets no session', async (t) => {
  const it = await world(authority());
  t.like(await connect(it.dispatcher, 'b', { certificate: 'b' }).ended, { code: 'PERMISSION_DENIED', details: { reason: 'unknown' } });
  t.is(it.log.tables.node('b'), undefined);
  await it.dispatcher.stop();
});

test('the session of a node that is removed ends at once, and its agent is told that it was removed', async (t) => {
  const it = await world(authority(), { putNode: node('a') }, { putNode: node('b') });
  const [a, b] = ['a', 'b'].map((id) => connect(it.dispatcher, id));
  await settled();
  await change(it, 'a', { removing: true });
  t.like(await a?.ended, { code: 'PERMISSION_DENIED', details: { reason: 'removed' } });
  t.like(await connect(it.dispatcher, 'a').ended, { details: { reason: 'removed' } });
  const revoked = [{ name: 'b', role: 'node', untilMs: 9e15, atMs: 1 }];
  await commit(it, removeAction('node', 'b'), authority({ revoked }));
  t.like(await b?.ended, { code: 'PERMISSION_DENIED', details: { reason: 'removed' } });
  await pass(it, 4_000);
  t.is(it.log.tables.node('a')?.state, NodeState.NODE_DOWN, 'what is being removed is missed like any other');
  t.is(it.log.tables.node('b'), undefined);
  await it.dispatcher.stop();
});

test('nothing is remembered of a removed node: one of that name begins anew', async (t) => {
  const it = await world(authority(), { putNode: node('a') });
  const first = connect(it.dispatcher, 'a');
  await settled();
  const epoch = first.heard.find(({ welcome }) => welcome !== undefined)?.welcome?.epoch ?? '';
  const [whole] = first.sets();
  await commit(it, removeAction('node', 'a'));
  await first.ended;
  await commit(it, { putNode: node('a') });
  const again = connect(it.dispatcher, 'a', { hello: { sessionEpoch: epoch, haveVersion: whole?.version ?? 0 } });
  await settled();
  t.is(again.sets()[0]?.baseVersion, 0);
  await it.dispatcher.stop();
});

test('a removed node with a manager keeps its session until that has left the group', async (t) => {
  const manages = { role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER };
  const it = await world(authority(), { putNode: node('a', manages) });
  const agent = connect(it.dispatcher, 'a');
  await settled();
  await change(it, 'a', { removing: true });
  agent.beat();
  await settled();
  t.true(agent.heard.some(({ heartbeatAck }) => heartbeatAck !== undefined));
  await change(it, 'a', { role: NodeRole.WORKER });
  t.like(await agent.ended, { details: { reason: 'removed' } });
  await it.dispatcher.stop();
});

test('what is wanted of a node is said after the welcome, and again when it changes', async (t) => {
  const it = await world(authority(), { putNode: node('a') }, manager(1, 'm'));
  const agent = connect(it.dispatcher, 'a');
  await settled();
  const updates = () => agent.heard.flatMap(({ update }) => update ?? []);
  const kinds = agent.heard.map((message) => Object.keys(message)[0]);
  t.deepEqual(kinds, ['welcome', 'update', 'assignments']);
  t.deepEqual(updates(), [{ managers: [{ nodeId: 'm', address: 'm:2478' }], role: NodeRole.WORKER, authorityEpoch: 1 }]);
  await change(it, 'a', { labels: { disk: 'ssd' } });
  t.is(updates().length, 1, 'that is nothing to it');
  await change(it, 'a', { wantedRole: NodeRole.MANAGER });
  t.is(updates().at(-1)?.role, NodeRole.MANAGER);
  await commit(it, manager(2, 'k'));
  t.deepEqual(
    updates()
      .at(-1)
      ?.managers.map(({ nodeId }) => nodeId),
    ['k', 'm'],
  );
  await commit(it, authority({ epoch: 2 }));
  t.is(updates().at(-1)?.authorityEpoch, 2);
  t.is(updates().length, 4);
  await it.dispatcher.stop();
});

test('which certificate a node has is known from its hello, and after each renewal', async (t) => {
  const it = await world(authority(), { putNode: node('a') });
  const agent = connect(it.dispatcher, 'a', { hello: { identity: { authorityEpoch: 1, role: NodeRole.WORKER } } });
  await settled();
  t.is(it.log.tables.node('a')?.authorityEpoch, 1);
  const written = it.proposer.proposed.length;
  agent.hold(1);
  agent.hold(2);
  agent.hold(2);
  await settled();
  t.is(it.log.tables.node('a')?.authorityEpoch, 2);
  t.is(it.proposer.proposed.length, written + 1, 'once');
  await it.dispatcher.stop();
});

test('what a node has become is known while its session stands, unless the others could not use it', async (t) => {
  const it = await world({ putNode: node('a') });
  const agent = connect(it.dispatcher, 'a');
  await settled();
  const wireguardKey = `${'A'.repeat(42)}E=`;
  agent.describe({ wireguardKey, wireguardPort: 24_790, wireguardGeneration: 2 });
  await settled();
  t.like(it.log.tables.node('a')?.description, { wireguardKey, wireguardPort: 24_790, wireguardGeneration: 2 });
  agent.describe({ wireguardKey: `${wireguardKey}\nEndpoint = 192.0.2.1:1`, wireguardPort: 1, wireguardGeneration: 3 });
  await settled();
  t.like(it.log.tables.node('a')?.description, { wireguardKey, wireguardGeneration: 2 });
  await it.dispatcher.stop();
});

test('a node that says the key of another is there without tunnels, when it comes and while its session stands', async (t) => {
  const it = await world({ putNode: node('a') }, { putNode: node('b') });
  const [first, second] = [connect(it.dispatcher, 'a'), connect(it.dispatcher, 'b')];
  await settled();
  const claim = { wireguardKey: `${'A'.repeat(42)}E=`, wireguardPort: 24_790, wireguardGeneration: 1 };
  first.describe(claim);
  await settled();
  second.describe(claim);
  await settled();
  t.is(it.log.tables.node('a')?.description.wireguardKey, claim.wireguardKey);
  t.is(it.log.tables.node('b')?.description.wireguardKey, '');
  connect(it.dispatcher, 'b', { hello: { description: { ...node('b').description, ...claim } } });
  await settled();
  t.is(it.log.tables.node('b')?.description.wireguardKey, '');
  t.regex(it.log.tables.node('b')?.description.troubles.join() ?? '', /node a has the same/);
  await it.dispatcher.stop();
});

test('a node that comes back after it was declared down gets tasks again once it has stopped what it had', async (t) => {
  const it = await world({ putNode: node('a', { state: NodeState.NODE_DOWN }) });
  const agent = connect(it.dispatcher, 'a', { hello: { haveVersion: 3 } });
  await settled();
  const [whole] = agent.sets();
  t.deepEqual([whole?.baseVersion, whole?.tasks.length], [0, 0], 'the whole, without what counts as lost');
  t.regex(it.log.tables.node('a')?.stateMessage ?? '', /stops what ran there/);
  agent.ack(whole?.version ?? 0, false);
  await settled();
  t.is(it.log.tables.node('a')?.state, NodeState.NODE_DOWN, 'it holds the set, and something else still runs');
  agent.ack(whole?.version ?? 0, true);
  await settled();
  t.is(it.log.tables.node('a')?.state, NodeState.NODE_DOWN, 'its task is not given up yet: the planner does that');
  await commit(it, { putTask: task('x', 'a', { desiredState: TaskState.SHUTDOWN, status: status(TaskState.ORPHANED) }) });
  await pass(it, 500, agent);
  t.like(it.log.tables.node('a'), { state: NodeState.NODE_READY, stateMessage: '' });
  await it.dispatcher.stop();
});

test('a returning node that goes again before it has settled is down as before, not disconnected', async (t) => {
  const it = await world({ putNode: node('a', { state: NodeState.NODE_DOWN }) });
  const agent = connect(it.dispatcher, 'a');
  await settled();
  agent.leave();
  await agent.ended;
  await settled();
  t.like(it.log.tables.node('a'), { state: NodeState.NODE_DOWN });
  t.notRegex(it.log.tables.node('a')?.stateMessage ?? '', /it is back/);
  await pass(it, 5_000);
  t.is(it.log.tables.node('a')?.state, NodeState.NODE_DOWN);
  await it.dispatcher.stop();
});

test('a node that was only disconnected keeps what it has and is told the difference', async (t) => {
  const it = await world({ putNode: node('a') });
  const first = connect(it.dispatcher, 'a');
  await settled();
  const epoch = first.heard.find(({ welcome }) => welcome !== undefined)?.welcome?.epoch ?? '';
  const version = first.sets()[0]?.version ?? 0;
  first.leave();
  await first.ended;
  await settled();
  t.is(it.log.tables.node('a')?.state, NodeState.NODE_DISCONNECTED);
  const again = connect(it.dispatcher, 'a', { hello: { sessionEpoch: epoch, haveVersion: version } });
  await settled();
  t.is(it.log.tables.node('a')?.state, NodeState.NODE_READY);
  t.deepEqual(
    again.sets().map(({ baseVersion, tasks }) => [baseVersion, tasks.length]),
    [[version, 0]],
  );
  await it.dispatcher.stop();
});

test('of very many that come at once some are asked to come back, and those that are taken in are a few entries of the log', async (t) => {
  const it = await world();
  const agents = Array.from({ length: 1_000 }, (_, index) => connect(it.dispatcher, `n${index}`));
  const ends: unknown[] = [];
  for (const { ended } of agents) void ended.then((end) => ends.push(end));
  for (let turn = 0; turn < 20; turn += 1) await settled();
  const welcomed = agents.filter(({ heard }) => heard.some(({ welcome }) => welcome !== undefined)).length;
  t.is(welcomed, limits.admission.atOnce);
  t.is(ends.length, 1_000 - welcomed);
  t.true(ends.every((end) => (end as { code?: string }).code === 'RESOURCE_EXHAUSTED'));
  const waits = ends.map((end) => Number((end as { details: { retryAfterMs: number } }).details.retryAfterMs));
  t.true(Math.max(...waits) - Math.min(...waits) > 1_000, 'they come one after the other');
  t.true(it.proposer.proposed.length <= 3, `${it.proposer.proposed.length} transactions`);
  for (let turn = 0; turn < 20; turn += 1) await pass(it, 500, ...agents);
  t.is(it.log.tables.nodes().filter(({ state }) => state === NodeState.NODE_READY).length, welcomed);
  await it.dispatcher.stop();
});

test('thousands that are lost at once are a few entries of the log', async (t) => {
  const nodes = Array.from({ length: 1_200 }, (_, index) => ({ putNode: node(`n${index}`) }));
  const it = await world(...nodes);
  await pass(it, 11_000);
  t.true(it.log.tables.nodes().every(({ state }) => state === NodeState.NODE_DOWN));
  t.true(it.proposer.proposed.length <= 4, `${it.proposer.proposed.length} transactions`);
  await it.dispatcher.stop();
});

test('a leader that was stopped for a minute declares nobody down whose heartbeats waited all the while', async (t) => {
  const it = await world({ putNode: node('a') });
  const agent = connect(it.dispatcher, 'a');
  await pass(it, 2_000, agent);
  it.clock.stall(60_000);
  await settled();
  await pass(it, 5_000, agent);
  t.is(it.log.tables.node('a')?.state, NodeState.NODE_READY);
  await it.dispatcher.stop();
});

test('an agent is told with each heartbeat what to measure, and what it says is known until its session or the task has gone', async (t) => {
  const it = await world({ putNode: node('a') });
  const agent = connect(it.dispatcher, 'a');
  const { usage } = it.dispatcher;
  await settled();
  const figures = () => usage.figures('x', 0, it.clock.now());
  usage.want(new Map([['a', ['x']]]));
  for (const second of [1, 2, 3]) {
    agent.beat({ taskId: 'x', atMs: second * 1_000, cpuNs: second * 5e8, memoryBytes: 7 });
    await settled();
    it.clock.advance(1_000);
  }
  t.deepEqual(agent.heard.findLast(({ heartbeatAck }) => heartbeatAck !== undefined)?.heartbeatAck?.measure, ['x']);
  t.deepEqual(figures(), { nanoCpus: 5e8, memoryBytes: 7 });
  const again = connect(it.dispatcher, 'a');
  await settled();
  again.beat({ taskId: 'x', atMs: 4_000, cpuNs: 2e9, memoryBytes: 7 });
  await settled();
  t.is(figures(), undefined, 'another agent may count otherwise');
  usage.want(new Map());
  again.beat();
  await settled();
  t.deepEqual(again.heard.findLast(({ heartbeatAck }) => heartbeatAck !== undefined)?.heartbeatAck?.measure, []);
  t.is(usage.size, 0);
  await it.dispatcher.stop();
});
