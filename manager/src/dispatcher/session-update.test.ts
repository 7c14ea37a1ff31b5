import { emptyMeta, NodeRole } from '@tso/proto';
import test from 'ava';
import { managerAddresses } from '../rules/manager-addresses.ts';
import { authorityWith } from '../testing/specs.ts';
import { node, tablesOf } from './dispatcher-fixture.ts';
import { sameUpdate, sessionUpdateOf } from './session-update.ts';

const { MANAGER, WORKER } = NodeRole;
const manager = (raftId: number, nodeId: string, address: string, removed = false) => ({
  putManager: { id: `${raftId}`, meta: emptyMeta, raftId, nodeId, address, wantsVote: true, removed },
});

test('the managers are those that another machine can reach, by node id', (t) => {
  const view = tablesOf(
    manager(1, 'z', 'z:1'),
    manager(2, 'b', 'b:1', true),
    manager(3, 'c', 'unix:/c'),
    manager(4, 'a', 'a:1'),
    manager(5, 'd', ''),
  );
  t.deepEqual(managerAddresses(view), [
    { nodeId: 'a', address: 'a:1' },
    { nodeId: 'z', address: 'z:1' },
  ]);
});

test('a promoted node is to be a manager at once, a demoted one a worker once its manager is out', (t) => {
  const told = (role: NodeRole, wantedRole: NodeRole): NodeRole =>
    sessionUpdateOf(tablesOf({ putNode: node('a', { role, wantedRole }) }), 'a', []).role;
  t.deepEqual(
    [told(WORKER, MANAGER), told(MANAGER, WORKER), told(WORKER, WORKER), told(MANAGER, MANAGER)],
    [MANAGER, MANAGER, WORKER, MANAGER],
  );
});

test('the epoch is the authority’s, or none', (t) => {
  const authority = authorityWith({ epoch: 4 });
  t.is(sessionUpdateOf(tablesOf({ putAuthority: authority }), 'a', []).authorityEpoch, 4);
  t.is(sessionUpdateOf(tablesOf(), 'a', []).authorityEpoch, 0);
});

test('only what is another is news', (t) => {
  const before = { managers: [{ nodeId: 'a', address: 'a:1' }], role: WORKER, authorityEpoch: 1 };
  t.false(sameUpdate(undefined, before));
  t.true(sameUpdate(before, { ...before, managers: [{ nodeId: 'a', address: 'a:1' }] }));
  t.false(sameUpdate(before, { ...before, managers: [] }));
  t.false(sameUpdate(before, { ...before, role: MANAGER }));
  t.false(sameUpdate(before, { ...before, authorityEpoch: 2 }));
});
