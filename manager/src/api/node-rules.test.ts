import {
  emptyMeta,
  type Node,
  NodeAvailability,
  NodeRole,
  NodeState,
  type StoreAction,
  type TsoError,
  type UpdateNodeRequest,
} from '@tso/proto';
import test from 'ava';
import { node, tablesOf } from '../dispatcher/dispatcher-fixture.ts';
import { authorityWith } from '../testing/specs.ts';
import type { Member, MemberList } from './members-port.ts';
import { objectChange, removeProblem, updateProblem, versionProblem, wishChanges, wishOf, withWish } from './node-rules.ts';

const { MANAGER, WORKER } = NodeRole;

const authority = authorityWith();

const managerNode = (id: string, more: Partial<Node> = {}): Node => node(id, { role: MANAGER, wantedRole: MANAGER, ...more });

const member = (raftId: number, nodeId: string, more: Partial<Omit<Member, 'manager'>> = {}): Member => ({
  manager: { id: `${raftId}`, meta: emptyMeta, raftId, nodeId, address: `${nodeId}:2478`, wantsVote: true, removed: false },
  voter: true,
  leader: raftId === 1,
  reachable: true,
  match: 10,
  ...more,
});

const group = (...members: readonly Member[]): MemberList => ({ members, leader: 1, term: 1, committed: 10, self: 1 });

const viewOf = (...nodes: readonly Node[]) => tablesOf({ putAuthority: authority }, ...nodes.map((one): StoreAction => ({ putNode: one })));

const asked = (more: Partial<UpdateNodeRequest>): UpdateNodeRequest => ({ node: 'x', labelsSet: {}, labelsRemove: [], ...more });
const verdict = (problem: TsoError | undefined): string => (problem === undefined ? 'accepted' : `${problem.code}: ${problem.sentence}`);

/** What becomes of a wish for a role. */
const roleWish = (nodes: readonly Node[], id: string, role: NodeRole, list: MemberList): string => {
  const view = viewOf(...nodes);
  return verdict(updateProblem(view, view.node(id) ?? node(id), asked({ role }), list));
};

test('a node that answers can be promoted, another cannot', (t) => {
  const promote = (state: NodeState) => roleWish([managerNode('a'), node('b', { state })], 'b', MANAGER, group(member(1, 'a')));
  t.is(promote(NodeState.NODE_READY), 'accepted');
  t.is(
    promote(NodeState.NODE_DOWN),
    'FAILED_PRECONDITION: node host-b is down: it cannot be made a manager. Bring it back first, or promote another one',
  );
  t.regex(promote(NodeState.NODE_DISCONNECTED), /is not connected just now/);
});

test('the last manager stays one, and so does one without which the others could not decide', (t) => {
  const [a, b, c] = [managerNode('a'), managerNode('b'), managerNode('c')];
  t.is(
    roleWish([a, node('b')], 'a', WORKER, group(member(1, 'a'))),
    'FAILED_PRECONDITION: node host-a is the last manager, it cannot be demoted. Promote another node first (tso node promote)',
  );
  const three = (...lost: readonly string[]) =>
    group(...['a', 'b', 'c'].map((id, at) => member(at + 1, id, { reachable: !lost.includes(id) })));
  t.is(roleWish([a, b, c], 'b', WORKER, three()), 'accepted');
  t.is(roleWish([a, b, c], 'c', WORKER, three('c')), 'accepted', 'a dead one may go');
  t.regex(
    roleWish([a, b, c], 'b', WORKER, three('c')),
    /^FAILED_PRECONDITION: node host-b cannot be demoted: .* nothing is heard of manager 3/,
  );
});

test('managers that are to leave already count as gone: two demotions at once do not leave nobody', (t) => {
  const leaving = managerNode('b', { wantedRole: WORKER });
  const list = group(member(1, 'a'), member(2, 'b'));
  t.regex(roleWish([managerNode('a'), leaving], 'a', WORKER, list), /is the last manager/);
  t.regex(roleWish([managerNode('a'), managerNode('b', { removing: true })], 'a', WORKER, list), /is the last manager/);
});

test('a node that has no manager yet, or none any more, is called off without asking the group', (t) => {
  t.is(roleWish([managerNode('a'), node('b', { wantedRole: MANAGER })], 'b', WORKER, group(member(1, 'a'))), 'accepted');
});

test('where certificates come from elsewhere roles do too', (t) => {
  const view = tablesOf({ putNode: node('a') });
  t.regex(
    verdict(updateProblem(view, node('a'), asked({ role: MANAGER }), group(member(1, 'b')))),
    /certificates of this cluster come from elsewhere/,
  );
});

test('a change is refused when somebody asked for another since, and shows what they asked for', (t) => {
  const before = node('a', { meta: { ...emptyMeta, version: 7 }, labels: { disk: 'ssd' } });
  const request = asked({ availability: NodeAvailability.DRAIN, labelsSet: { zone: 'x' }, labelsRemove: ['disk'] });
  const after: Node = { ...withWish(before, request, 'ann'), meta: { ...emptyMeta, version: 9 } };
  const at = (expected: number | undefined, one = after): string => verdict(versionProblem(one, expected));
  t.is(
    at(7),
    'CONFLICT: node host-a is at version 9, and was changed since version 7: ann asked for availability drain (it was active), ' +
      'no labels.disk (it was ssd), labels.zone x. Look at it again (tso node inspect) and repeat the change',
  );
  t.regex(at(3), /^CONFLICT/);
  t.is(at(9), 'accepted');
  t.is(at(undefined), 'accepted');
  const seen: Node = { ...after, meta: { ...emptyMeta, version: 12 }, state: NodeState.NODE_DOWN };
  t.is(at(9, seen), 'accepted', 'what the cluster saw since is no conflict');
  t.regex(at(99, seen), /^CONFLICT/);
  t.is(at(5, before), 'accepted', 'nobody has asked for anything yet');
});

test('a wish that is fulfilled changes nothing, another keeps what was before', (t) => {
  const before = node('a', { labels: { disk: 'ssd' }, meta: { ...emptyMeta, version: 5 } });
  t.is(withWish(before, asked({ labelsSet: { disk: 'ssd' }, availability: NodeAvailability.ACTIVE, role: WORKER }), 'ann'), before);
  const after = withWish(before, asked({ labelsSet: { disk: 'hdd' } }), 'ann');
  t.like(after, { labels: { disk: 'hdd' }, previous: wishOf(before), previousVersion: 5, changedBy: 'ann' });
  t.deepEqual(objectChange(before, after), {
    kind: 'node',
    name: 'host-a',
    action: 'update',
    changes: [{ path: 'labels.disk', from: 'ssd', to: 'hdd' }],
  });
  t.is(objectChange(before, before).action, 'none');
  t.deepEqual(wishChanges(wishOf(before), wishOf({ ...before, wantedRole: MANAGER })), [{ path: 'role', from: 'worker', to: 'manager' }]);
});

test('a bad label is refused with the rest of the change', (t) => {
  const view = viewOf(node('a'));
  const request = asked({ availability: NodeAvailability.DRAIN, labelsSet: { 'a b': '' } });
  t.regex(verdict(updateProblem(view, node('a'), request, undefined)), /^INVALID_ARGUMENT: "a b" cannot be the key/);
});

const removal = (id: string, force: boolean, list: MemberList, ...nodes: readonly Node[]): string => {
  const view = viewOf(...nodes);
  return verdict(removeProblem(view, view.node(id) ?? node(id), force, list));
};

test('a node that is in use is removed by force only', (t) => {
  const list = group(member(1, 'a'), member(2, 'c'), member(3, 'd'));
  const managers = [managerNode('a'), managerNode('c'), managerNode('d')];
  const worker = (state: NodeState, force: boolean) => removal('b', force, list, node('b', { state }), ...managers);
  t.regex(worker(NodeState.NODE_READY, false), /^FAILED_PRECONDITION: node host-b is connected\. Have it leave there/);
  t.regex(worker(NodeState.NODE_DISCONNECTED, false), /is not connected just now/);
  t.is(worker(NodeState.NODE_DOWN, false), 'accepted');
  t.is(worker(NodeState.NODE_UNKNOWN, false), 'accepted', 'it never came');
  t.is(worker(NodeState.NODE_READY, true), 'accepted');
  t.regex(removal('c', false, list, ...managers), /^FAILED_PRECONDITION: node host-c is a manager\. Demote it first/);
  t.is(removal('c', true, list, ...managers), 'accepted');
});

test('no force removes a manager without which nobody decides', (t) => {
  t.regex(removal('a', true, group(member(1, 'a')), managerNode('a')), /host-a is the last manager, it cannot be removed/);
  const list = group(member(1, 'a'), member(2, 'b'), member(3, 'c', { reachable: false }));
  const nodes = ['a', 'b', 'c'].map((id) => managerNode(id));
  t.regex(removal('b', true, list, ...nodes), /^FAILED_PRECONDITION: node host-b cannot be removed/);
  t.is(removal('c', true, list, ...nodes), 'accepted');
});

test('what is being removed is not changed any more, and removing it again is no error', (t) => {
  const going = node('b', { removing: true });
  t.regex(verdict(updateProblem(viewOf(going), going, asked({}), undefined)), /is being removed/);
  t.is(removal('b', false, group(member(1, 'a')), going), 'accepted');
});
