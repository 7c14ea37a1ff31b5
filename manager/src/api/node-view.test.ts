import { emptyMeta, TaskState } from '@tso/proto';
import test from 'ava';
import { node, status, tablesOf, task } from '../dispatcher/dispatcher-fixture.ts';
import type { Member, MemberList } from './members-port.ts';
import { listNodes, nodeView } from './node-view.ts';

const member = (raftId: number, nodeId: string, removed: boolean, voter: boolean): Member => ({
  manager: { id: `${raftId}`, meta: emptyMeta, raftId, nodeId, address: `${nodeId}:${raftId}`, wantsVote: !removed, removed },
  voter,
  leader: false,
  reachable: true,
  match: 0,
});
const group = (...members: readonly Member[]): MemberList => ({ members, leader: 9, term: 1, committed: 1, self: 9 });

const raftIdOf = (...members: readonly Member[]): number => nodeView(tablesOf(), node('a'), group(...members)).raftId;

test('a manager is shown until it has no vote any more, and of several the newest', (t) => {
  t.is(raftIdOf(), 0);
  t.is(raftIdOf(member(1, 'a', false, true)), 1);
  t.is(raftIdOf(member(1, 'a', true, true)), 1, 'on its way out');
  t.is(raftIdOf(member(1, 'a', true, false)), 0);
  t.is(raftIdOf(member(1, 'a', true, false), member(2, 'a', false, false), member(3, 'b', false, true)), 2);
});

test('what is reserved is what tasks that have not ended were given', (t) => {
  const reserving = (id: string, state: TaskState) => {
    const one = task(id, 'a', { status: status(state) });
    return { putTask: { ...one, spec: { ...one.spec, reservations: { nanoCpus: 1e9, memoryBytes: 1_024, pids: 3 } } } };
  };
  const view = tablesOf(
    reserving('x', TaskState.RUNNING),
    reserving('y', TaskState.ASSIGNED),
    reserving('z', TaskState.FAILED),
    reserving('w', TaskState.ALLOCATED),
  );
  const { reserved, tasksRunning } = nodeView(view, node('a'), group());
  t.deepEqual([reserved, tasksRunning], [{ nanoCpus: 2e9, memoryBytes: 2_048, pids: 6 }, 1]);
});

test('nodes come by hostname, those alike by id', (t) => {
  const named = (id: string, hostname: string) => ({ putNode: { ...node(id), description: { ...node(id).description, hostname } } });
  const view = tablesOf(named('3', 'b'), named('2', 'b'), named('1', 'c'), named('4', ''));
  t.deepEqual(
    listNodes(view, group()).nodes.map(({ node: { id } }) => id),
    ['4', '2', '3', '1'],
  );
});
