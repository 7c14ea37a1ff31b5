import { NodeState, TaskState, TsoError } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { node } from './dispatcher-fixture.ts';
import { notLeading } from './redirect.ts';
import { connect, context, settled, world } from './session-fixture.ts';

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

test('a built image is asked for in the name of the certificate’s node, and no longer than this manager leads', async (t) => {
  const { dispatcher } = await world();
  const identity = { nodeId: 'a', role: 'worker' as const, cluster: 'c' };
  const request = { digest: 'sha256:1', have: [] };
  const frames = dispatcher.handlers.fetchImage(request, { ...context, identity })[Symbol.asyncIterator]();
  t.deepEqual(await frames.next(), { done: false, value: { signal: 'a asks for sha256:1' } });
  const own = dispatcher.handlers.fetchImage(request, context)[Symbol.asyncIterator]();
  t.deepEqual(await own.next(), { done: false, value: { signal: 'own asks for sha256:1' } });
  dispatcher.endSessions(notLeading('other:1'));
  t.true((await frames.next()).done);
  t.throws(() => dispatcher.handlers.fetchImage(request, context), { code: 'UNAVAILABLE' });
  await dispatcher.stop();
});
