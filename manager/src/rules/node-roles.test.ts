import { emptyMeta, type Manager, type Node, NodeRole, NodeState, type StoreAction } from '@tso/proto';
import test from 'ava';
import { node, tablesOf } from '../dispatcher/dispatcher-fixture.ts';
import { authorityWith } from '../testing/specs.ts';
import { mayHaveRoleSteps, roleSteps } from './node-roles.ts';

const { MANAGER, WORKER } = NodeRole;

const authority = authorityWith();

const manager = (raftId: number, nodeId: string, removed = false): StoreAction => {
  const putManager: Manager = { id: `${raftId}`, meta: emptyMeta, raftId, nodeId, address: 'h:1', wantsVote: !removed, removed };
  return { putManager };
};

/** The steps in words, and whether the cheap question before them was answered rightly. */
const steps = (actions: readonly StoreAction[], ...voters: readonly number[]): readonly string[] => {
  const view = tablesOf(...actions);
  const found = roleSteps(view, new Set(voters));
  if (found.length > 0 && !mayHaveRoleSteps(view)) return ['a step that nobody would have looked for'];
  return found.map((step) => {
    if (step.kind === 'take-out') return `take out ${step.raftId}`;
    return step.kind === 'forget' ? `forget ${step.nodeId}` : `${step.node.id} is ${step.node.role === MANAGER ? 'manager' : 'worker'}`;
  });
};

const ours = (more: Partial<Node>, ...actions: readonly StoreAction[]): readonly StoreAction[] => [
  { putAuthority: authority },
  { putNode: node('a', more) },
  ...actions,
];

test('a promoted node is a manager once its manager has a vote', (t) => {
  const promoted = { role: WORKER, wantedRole: MANAGER };
  t.deepEqual(steps(ours(promoted)), []);
  t.deepEqual(steps(ours(promoted, manager(2, 'a'))), []);
  t.deepEqual(steps(ours(promoted, manager(2, 'a')), 2), ['a is manager']);
});

test('a demoted node is a worker once its manager is out, whatever came between', (t) => {
  const demoted = { role: MANAGER, wantedRole: WORKER };
  t.deepEqual(steps(ours(demoted, manager(2, 'a')), 1, 2), ['take out 2']);
  t.deepEqual(steps(ours(demoted, manager(2, 'a', true)), 1, 2), ['take out 2'], 'noted, and not out yet');
  t.deepEqual(steps(ours(demoted, manager(2, 'a', true)), 1), ['a is worker']);
  t.deepEqual(steps(ours({ role: WORKER, wantedRole: WORKER }, manager(2, 'a', true)), 1), []);
});

test('a manager that came to join too late, or twice, is taken out', (t) => {
  t.deepEqual(steps(ours({ role: WORKER, wantedRole: WORKER }, manager(2, 'a'))), ['take out 2']);
  t.deepEqual(steps(ours({ role: MANAGER, wantedRole: WORKER }, manager(2, 'a', true), manager(3, 'a')), 3), ['take out 3']);
});

test('a removed node goes without its manager first, and is forgotten once it is down', (t) => {
  const removing = { role: MANAGER, wantedRole: MANAGER, removing: true };
  t.deepEqual(steps(ours(removing, manager(2, 'a')), 1, 2), ['take out 2']);
  t.deepEqual(steps(ours(removing, manager(2, 'a', true)), 1), ['a is worker']);
  const worker = { role: WORKER, wantedRole: WORKER, removing: true };
  t.deepEqual(steps(ours(worker)), []);
  t.deepEqual(steps(ours({ ...worker, state: NodeState.NODE_DISCONNECTED })), []);
  t.deepEqual(steps(ours({ ...worker, state: NodeState.NODE_DOWN })), ['forget a']);
});

test('what is as it should be asks for nothing', (t) => {
  const actions = ours({ role: MANAGER, wantedRole: MANAGER }, { putNode: node('b') }, manager(1, 'a'));
  t.deepEqual(steps(actions, 1), []);
  t.false(mayHaveRoleSteps(tablesOf(...actions)));
});

test('where certificates come from elsewhere a node is what runs there', (t) => {
  const nodes = [{ putNode: node('a', { role: WORKER }) }, { putNode: node('b', { role: MANAGER, wantedRole: MANAGER }) }];
  t.deepEqual(steps([...nodes, manager(1, 'a'), manager(2, 'b', true)], 1), ['a is manager', 'b is worker']);
  const right = [{ putNode: node('a', { role: MANAGER, wantedRole: MANAGER }) }, { putNode: node('b') }, manager(1, 'a')];
  t.deepEqual(steps(right, 1), []);
  t.false(mayHaveRoleSteps(tablesOf(...right)));
});
