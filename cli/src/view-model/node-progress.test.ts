import { NodeAvailability, NodeRole, NodeState, type NodeView, TaskState } from '@tso/proto';
import test from 'ava';
import { aManager, aNode, nodeIdOf } from '../testing/nodes.ts';
import { aTask, aTaskView } from '../testing/views.ts';
import { beginDrain, drainProgress, nodeProgress } from './node-progress.ts';

const b = { id: nodeIdOf('host-b'), name: 'host-b' };
const wanted = { wantedRole: NodeRole.MANAGER };
const stepOf = (goal: 'promoted' | 'demoted' | 'removed', view: NodeView | undefined): readonly string[] => {
  const { rows, outcome } = nodeProgress(goal, [b], view === undefined ? [] : [view]);
  return [rows[0]?.state ?? '', rows[0]?.detail ?? '', rows[0]?.mark ?? '', outcome.kind === 'failed' ? outcome.message : outcome.kind];
};

test('each step of a promotion has a word, and what keeps it from the next a reason', (t) => {
  t.deepEqual(stepOf('promoted', aNode('host-b', wanted)), ['starting its manager', '', 'busy', 'waiting']);
  t.deepEqual(stepOf('promoted', aNode('host-b', { ...wanted, state: NodeState.NODE_DISCONNECTED })), [
    'starting its manager',
    'the node is disconnected: this goes on once it is back',
    'wait',
    'waiting',
  ]);
  t.deepEqual(stepOf('promoted', aNode('host-b', wanted, { raftId: 4, reachability: 'unreachable' })), [
    'catching up',
    'its manager does not answer the others',
    'wait',
    'waiting',
  ]);
  t.deepEqual(stepOf('promoted', aManager('host-b')), ['manager', '', 'ok', 'done']);
});

test('a promotion is lost when somebody wishes otherwise', (t) => {
  t.deepEqual(stepOf('promoted', aNode('host-b')).at(-1), 'node host-b will not be promoted: somebody demoted it meanwhile');
  t.deepEqual(stepOf('promoted', undefined).at(-1), 'node host-b will not be promoted: it was removed from the cluster meanwhile');
  t.deepEqual(
    stepOf('promoted', aNode('host-b', { ...wanted, removing: true })).at(-1),
    'node host-b will not be promoted: it is being removed from the cluster',
  );
});

test('a leader that is demoted hands over first, then leaves, then is a worker', (t) => {
  const leaving = { wantedRole: NodeRole.WORKER };
  t.deepEqual(stepOf('demoted', aManager('host-b', leaving, { leader: true }))[0], 'handing leadership over');
  t.deepEqual(stepOf('demoted', aManager('host-b', leaving))[0], 'leaving the managers');
  t.deepEqual(stepOf('demoted', aManager('host-b', leaving, { raftId: 0, voter: false }))[0], 'stopping its manager');
  t.deepEqual(stepOf('demoted', aNode('host-b')), ['worker', '', 'ok', 'done']);
  t.deepEqual(stepOf('demoted', undefined).at(-1), 'done');
  t.deepEqual(stepOf('demoted', aManager('host-b')).at(-1), 'node host-b will not be demoted: somebody promoted it meanwhile');
});

test('a removal is over once the node is not in the list', (t) => {
  t.deepEqual(stepOf('removed', aManager('host-b', { removing: true })).slice(0, 1), ['leaving the managers']);
  t.deepEqual(stepOf('removed', aNode('host-b', { removing: true })).slice(0, 1), ['being removed']);
  t.deepEqual(stepOf('removed', undefined), ['removed', '', 'ok', 'done']);
});

const on = (node: string, wish: Parameters<typeof aTask>[0]) => ({
  ...aTaskView({ ...aTask(wish), nodeId: node === '' ? '' : nodeIdOf(node) }),
  node,
});
const drained = aNode('host-b', { availability: NodeAvailability.DRAIN });

test('a drain is over once no task is left there and each slot runs elsewhere', (t) => {
  const before = [on('host-b', { id: 'a', slot: 1 }), on('host-b', { id: 'b', slot: 2 }), on('host-a', { id: 'c', slot: 3 })];
  const drain = beginDrain([b], before);
  t.deepEqual(
    drain.slots.map(({ name }) => name),
    ['visits/web.1', 'visits/web.2'],
  );
  t.is(drainProgress(drain, [drained], before).outcome.kind, 'waiting');
  const moved = [on('host-a', { id: 'a2', slot: 1 }), on('host-a', { id: 'b2', slot: 2, state: TaskState.STARTING })];
  const half = drainProgress(drain, [drained], moved);
  t.is(half.outcome.kind, 'waiting');
  t.is(half.title, 'draining host-b: 0 tasks left, 1 of 2 run elsewhere');
  // A slot that nobody wishes for any more, such as after scaling down, has nothing to wait for.
  t.is(drainProgress(drain, [drained], [on('host-a', { id: 'a2', slot: 1 })]).outcome.kind, 'done');
});

test('tasks of a global service only have to end', (t) => {
  const task = on('host-b', { id: 'g', slot: 0 });
  const drain = beginDrain([b], [task]);
  t.deepEqual(drain.slots, []);
  t.is(drainProgress(drain, [drained], [task]).outcome.kind, 'waiting');
  t.is(drainProgress(drain, [drained], []).outcome.kind, 'done');
});

test('a drain of a node that does not answer says that this is why its tasks stay', (t) => {
  const down = aNode('host-b', { availability: NodeAvailability.DRAIN, state: NodeState.NODE_DOWN });
  const task = on('host-b', { id: 'a', slot: 1, desired: TaskState.SHUTDOWN });
  const { rows } = drainProgress(beginDrain([b], []), [down], [task]);
  t.is(rows[0]?.detail, 'still on host-b; the node is down: this goes on once it is back');
  t.is(rows[0]?.mark, 'wait');
});

test('a drain that somebody takes back is lost', (t) => {
  const { outcome } = drainProgress(beginDrain([b], []), [aNode('host-b')], []);
  t.is(outcome.kind === 'failed' ? outcome.message : '', 'node host-b is not drained: somebody made it available again meanwhile');
});
