import { NodeState, TaskState } from '@tso/proto';
import test from 'ava';
import { node, status, tablesOf, task } from './dispatcher-fixture.ts';
import { hasSuperseded, stateAfter } from './node-states.ts';

test('a node that was declared down stays so when its session ends, whatever it had begun', (t) => {
  const next = { state: NodeState.NODE_DISCONNECTED, stateMessage: 'not connected' };
  t.like(stateAfter(node('a', { state: NodeState.NODE_DOWN, stateMessage: 'is back' }), next, 'silent'), {
    state: NodeState.NODE_DOWN,
    stateMessage: 'silent',
  });
  t.like(stateAfter(node('a'), next, 'silent'), next);
});

test('what was given to a node and has not ended is superseded when it is declared down', (t) => {
  const view = tablesOf(
    { putTask: task('x', 'a') },
    { putTask: task('y', 'b', { status: status(TaskState.ORPHANED) }) },
    { putTask: task('z', 'c', { status: status(TaskState.ALLOCATED) }) },
  );
  t.deepEqual(
    ['a', 'b', 'c'].map((id) => hasSuperseded(view, id)),
    [true, false, false],
  );
});
