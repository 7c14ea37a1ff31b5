import { type AgentMessage, emptyMeta, type ManagerMessage, NodeRole, NodeState, type StoreAction, TaskState, TsoError } from '@tso/proto';
import { type CallContext, ChannelQueue } from '@tso/proto/rpc';
import test from 'ava';
import { limits } from '../limits.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { silentLogger } from '../testing/ports.ts';
import { LaggingMember, SharedLog } from '../testing/shared-log.ts';
import { Dispatcher } from './dispatcher.ts';
import { node, status, task } from './dispatcher-fixture.ts';
import { notLeading } from './redirect.ts';

const context: CallContext = {
  peer: 'test',
  roles: ['worker'],
  identity: undefined,
  signal: new AbortController().signal,
  header: () => undefined,
};

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 500; turn++) await Promise.resolve();
};

/** A leader's dispatcher at a log with one task on node a. */
const world = async (...more: readonly StoreAction[]) => {
  const log = new SharedLog();
  const cluster = { id: 'c', meta: emptyMeta, addressPool: '10.128.0.0/12', subnetPrefix: 24, firstVni: 1, vxlanPort: 4789 };
  const assigned = task('x', 'a', { status: status(TaskState.ASSIGNED) });
  log.append({ actions: [{ putCluster: cluster }, { putTask: assigned }, ...more], expect: [], atMs: 1, origin: 'test' });
  const proposer = new LaggingMember(log);
  await proposer.fresh();
  const clock = new ManualClock();
  const dispatcher = new Dispatcher(
    { nodeId: 'own', heartbeatMs: 1_000, missedHeartbeats: 3, graceMs: 10_000 },
    {
      proposer,
      clock,
      random: { bytes: (count) => new Uint8Array(count).fill(7), number: () => 0.5 },
      logger: silentLogger,
      acceptRelay: () => {
        throw new TsoError('UNIMPLEMENTED', 'not asked in this test');
      },
    },
  );
  await dispatcher.start();
  return { log, proposer, clock, dispatcher };
};

/** An agent's end of a session. */
const connect = (dispatcher: Dispatcher, nodeId: string) => {
  const toManager = new ChannelQueue<AgentMessage>(100);
  const heard: ManagerMessage[] = [];
  const { description, address } = node(nodeId);
  toManager.push({
    hello: { nodeId, description, address, haveVersion: 0, sessionEpoch: '', identity: { authorityEpoch: 0, role: NodeRole.WORKER } },
  });
  const read = async (): Promise<void> => {
    for await (const message of dispatcher.handlers.session(toManager, context)) heard.push(message);
  };
  const ended: Promise<unknown> = read().then(
    () => 'ended',
    (error: unknown) => error,
  );
  let sequence = 0;
  const say = (state: TaskState): boolean =>
    toManager.push({ statuses: { updates: [{ taskId: 'x', status: status(state) }], sequence: ++sequence } });
  return { heard, ended, say, beat: () => toManager.push({ heartbeat: { sequence: 1 } }), leave: () => toManager.end() };
};

test('an end leaves nothing behind: sessions go with the reason, what was said is written, no timer and no reader stays', async (t) => {
  const { log, proposer, clock, dispatcher } = await world();
  const agent = connect(dispatcher, 'a');
  await settled();
  t.true(agent.heard.some(({ welcome }) => welcome !== undefined));
  agent.say(TaskState.PREPARING);
  await settled();
  dispatcher.endSessions(notLeading('other:1'));
  const stopping = dispatcher.stop();
  t.like(await agent.ended, { code: 'UNAVAILABLE', details: { leader: 'other:1' }, message: 'this manager does not lead: other:1 does' });
  await stopping;
  t.is(log.tables.task('x')?.status.state, TaskState.PREPARING);
  t.is(log.tables.node('a')?.state, NodeState.NODE_READY, 'its agent is on the way to the next leader');
  t.deepEqual([clock.pending, proposer.subscribers], [0, 0]);
  const written = proposer.proposed.length;
  agent.say(TaskState.RUNNING);
  agent.leave();
  const late = connect(dispatcher, 'b');
  t.like(await late.ended, { code: 'UNAVAILABLE', details: { leader: 'other:1' } });
  await dispatcher.start();
  clock.advance(60_000);
  await settled();
  t.deepEqual([proposer.proposed.length, clock.pending, proposer.subscribers], [written, 0, 0]);
  await dispatcher.stop();
});

test('an end does not wait for a log that answers no more, and nothing is proposed when it answers late', async (t) => {
  const { log, proposer, clock, dispatcher } = await world({ putNode: node('a') });
  const agent = connect(dispatcher, 'a');
  await settled();
  let release: () => void = () => undefined;
  proposer.hold = new Promise((resolve) => {
    release = resolve;
  });
  agent.say(TaskState.PREPARING);
  await settled();
  clock.advance(50);
  await settled();
  const joining = connect(dispatcher, 'b');
  await settled();
  const held = proposer.proposed.length;
  agent.say(TaskState.STARTING);
  await settled();
  const stopped = dispatcher.stop();
  await settled();
  t.like(await joining.ended, { code: 'UNAVAILABLE' });
  clock.advance(limits.stopMs / 2);
  await stopped;
  log.failure = new TsoError('UNAVAILABLE', 'leadership lost');
  release();
  await settled();
  t.deepEqual([proposer.proposed.length, clock.pending], [held, 0]);
  t.like(await agent.ended, { code: 'UNAVAILABLE' });
});

test('losing the lead ends it at once, whatever is being written', async (t) => {
  const { log, clock, dispatcher } = await world({ putNode: node('a') });
  const agent = connect(dispatcher, 'a');
  await settled();
  agent.say(TaskState.PREPARING);
  await settled();
  log.failure = new TsoError('UNAVAILABLE', 'leadership lost');
  await dispatcher.stop();
  t.like(await agent.ended, { code: 'UNAVAILABLE' });
  t.is(clock.pending, 0);
});

test('a node that came into the store after the start is missed like the others', async (t) => {
  const { log, proposer, clock, dispatcher } = await world();
  log.append({ actions: [{ putNode: node('late') }], expect: [], atMs: 1, origin: 'test' });
  await proposer.fresh();
  await settled();
  clock.advance(9_000);
  await settled();
  t.is(log.tables.node('late')?.state, NodeState.NODE_READY);
  for (let at = 0; at < 4; at++) clock.advance(500);
  await settled();
  t.is(log.tables.node('late')?.state, NodeState.NODE_DOWN);
  await dispatcher.stop();
});

test('that a node is down is written later when it cannot be written now', async (t) => {
  const { log, clock, dispatcher } = await world({ putNode: node('a') });
  log.failure = new TsoError('RESOURCE_EXHAUSTED', 'too many changes wait');
  for (let at = 0; at < 21; at++) clock.advance(500);
  await settled();
  t.is(log.tables.node('a')?.state, NodeState.NODE_READY);
  log.failure = undefined;
  for (let at = 0; at < 21; at++) clock.advance(500);
  await settled();
  t.is(log.tables.node('a')?.state, NodeState.NODE_DOWN);
  await dispatcher.stop();
});
