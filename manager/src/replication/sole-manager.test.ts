import { emptyMeta, NodeRole } from '@tso/proto';
import test from 'ava';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { nodeNamed } from '../testing/specs.ts';
import { soleManagerActions } from './sole-manager.ts';

const manager = (raftId: number, nodeId: string, removed = false) => ({
  id: String(raftId),
  meta: emptyMeta,
  raftId,
  nodeId,
  address: `${nodeId}:2478`,
  wantsVote: !removed,
  removed,
});

test('who goes on alone removes the other managers and makes workers of their nodes', (t) => {
  const tables = new Tables();
  const role = { role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER };
  const actions = [
    { putManager: manager(1, 'a') },
    { putManager: manager(2, 'b') },
    { putManager: manager(3, 'c', true) },
    { putNode: nodeNamed('a', role) },
    { putNode: nodeNamed('b', role) },
    { putNode: nodeNamed('c') },
  ];
  applyTransaction(tables, 1, { actions, expect: [], atMs: 5, origin: 'test' });
  const alone = soleManagerActions(tables, { raftId: 1, nodeId: 'a' });
  applyTransaction(tables, 2, { actions: alone, expect: [], atMs: 6, origin: 'test' });
  t.deepEqual(
    tables.managers().map(({ raftId, removed, wantsVote }) => [raftId, removed, wantsVote]),
    [
      [1, false, true],
      [2, true, false],
      [3, true, false],
    ],
  );
  t.deepEqual(
    tables.nodes().map(({ id, wantedRole, role: is }) => [id, wantedRole, is]),
    [
      ['a', NodeRole.MANAGER, NodeRole.MANAGER],
      ['b', NodeRole.WORKER, NodeRole.WORKER],
      ['c', NodeRole.WORKER, NodeRole.WORKER],
    ],
  );
  t.is(alone.length, 2, 'what is right already is left alone');
});

test('who goes on alone is a manager to stay, also if it was to leave', (t) => {
  const tables = new Tables();
  const leaving = { role: NodeRole.MANAGER, wantedRole: NodeRole.WORKER, removing: true };
  const actions = [{ putManager: manager(1, 'a', true) }, { putManager: manager(2, 'b') }, { putNode: nodeNamed('a', leaving) }];
  applyTransaction(tables, 1, { actions, expect: [], atMs: 5, origin: 'test' });
  applyTransaction(tables, 2, { actions: soleManagerActions(tables, { raftId: 1, nodeId: 'a' }), expect: [], atMs: 6, origin: 'test' });
  t.like(tables.manager('1'), { removed: false, wantsVote: true });
  t.like(tables.node('a'), { role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER, removing: false });
});
