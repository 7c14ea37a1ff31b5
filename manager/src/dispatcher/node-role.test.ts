import { emptyMeta, type Manager, NodeRole } from '@tso/proto';
import test from 'ava';
import { tablesOf } from './dispatcher-fixture.ts';
import { roleOf } from './node-role.ts';

const manager = (raftId: number, nodeId: string, removed = false): { readonly putManager: Manager } => ({
  putManager: { id: `${raftId}`, meta: emptyMeta, raftId, nodeId, address: '', wantsVote: true, removed },
});

test('a node is a manager while one that was not removed runs there', (t) => {
  const tables = tablesOf(manager(1, 'a'), manager(2, 'b', true), manager(3, 'c', true), manager(4, 'c'));
  const roles = ['a', 'b', 'c', 'd', 'own'].map((nodeId) => roleOf(tables, nodeId, 'own') === NodeRole.MANAGER);
  t.deepEqual(roles, [true, false, true, false, true]);
});
