import { NodeState, type StoreAction, TaskState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { applyTransaction } from '../store/apply.ts';
import { removeAction } from '../store/kinds.ts';
import { Tables } from '../store/tables.ts';
import { isEmptyDifference, type NodeShare, shareDifference } from './assignments.ts';
import { network, node, status, task, volume, withVolume } from './dispatcher-fixture.ts';
import { Shares } from './shares.ts';

const commit = (tables: Tables, shares: Shares, ...actions: readonly StoreAction[]): void => {
  const result = applyTransaction(tables, tables.index + 1, { actions, expect: [], atMs: 1, origin: 'test' });
  if (result.ok) shares.notice(result.changes, tables);
};

const begun = (...actions: readonly StoreAction[]) => {
  const tables = new Tables();
  const shares = new Shares();
  commit(tables, shares, ...actions);
  shares.reset(tables);
  shares.take(tables);
  return { tables, shares };
};

test('only nodes that learn something are looked at', (t) => {
  const { tables, shares } = begun(
    { putNode: node('a') },
    { putNode: node('bb') },
    { putNode: node('c') },
    { putNetwork: network('net') },
    { putTask: task('x', 'a') },
    { putTask: task('y', 'bb') },
    { putTask: task('z', 'c', { networks: [] }) },
  );
  const touchedBy = (...actions: readonly StoreAction[]): unknown => {
    commit(tables, shares, ...actions);
    const touched = shares.take(tables);
    return touched === 'all' ? 'all' : [...touched].sort().join(' ');
  };
  t.is(touchedBy({ putTask: task('x', 'a', { status: status(TaskState.RUNNING, { message: 'well' }) }) }), '', 'its own words');
  t.is(touchedBy({ putTask: task('x', 'a', { status: status(TaskState.STARTING) }) }), 'a bb', 'it does not serve');
  t.is(touchedBy({ putTask: task('z', 'c', { networks: [], desiredState: TaskState.SHUTDOWN }) }), 'c');
  t.is(touchedBy({ putTask: task('w', 'bb', { networks: [], desiredState: TaskState.RUNNING }) }), 'bb');
  t.is(touchedBy({ putNode: node('a', { address: '198.51.100.7' }) }), 'a bb', 'others reach its tasks there');
  t.is(touchedBy(removeAction('task', 'w')), 'bb');
  t.is(touchedBy({ putVolume: volume('data') }), 'all');
  t.is(touchedBy(), '');
});

test('everything is looked at again when changes were missed, and doomed volumes stay doomed', (t) => {
  const { tables, shares } = begun({ putVolume: volume('data', true) });
  applyTransaction(tables, 9, { actions: [removeAction('volume', 'volume-data')], expect: [], atMs: 1, origin: 'test' });
  shares.reset(tables);
  t.is(shares.take(tables), 'all');
  t.deepEqual([...shares.of(tables, 'a').removedVolumes], ['data']);
});

const nodeIds = ['a', 'bb', 'ccc'];
const states = [TaskState.ALLOCATED, TaskState.ASSIGNED, TaskState.RUNNING, TaskState.FAILED, TaskState.ORPHANED];
const desired = [TaskState.RUNNING, TaskState.SHUTDOWN, TaskState.REMOVE];
const networks = (ids: readonly string[]) =>
  ids.map((networkId) => ({ networkId, address: `10.0.0.${networkId.length}`, address6: '', mac: '', aliases: [] }));

const someTask = fc
  .record({
    id: fc.constantFrom('t1', 't2', 't3', 't4'),
    nodeId: fc.constantFrom('', ...nodeIds),
    state: fc.constantFrom(...states),
    desiredState: fc.constantFrom(...desired),
    on: fc.subarray(['net', 'other']),
    mounts: fc.boolean(),
  })
  .map(({ id, nodeId, state, desiredState, on, mounts }): StoreAction => {
    const one = task(id, nodeId, { status: status(state), desiredState, networks: networks(on), specVersion: mounts ? 2 : 1 });
    return { putTask: mounts ? withVolume(one, 'data') : one };
  });
const someNode = fc
  .record({ id: fc.constantFrom(...nodeIds), down: fc.boolean(), address: fc.constantFrom('192.0.2.1', '192.0.2.2') })
  .map(({ id, down, address }): StoreAction => ({ putNode: node(id, { address, ...(down ? { state: NodeState.NODE_DOWN } : {}) }) }));
const someNetwork = fc
  .record({ id: fc.constantFrom('net', 'other'), internal: fc.boolean() })
  .map(({ id, internal }): StoreAction => ({ putNetwork: { ...network(id), spec: { ...network(id).spec, internal } } }));
const someVolume = fc.boolean().map((removing): StoreAction => ({ putVolume: volume('data', removing) }));
const someEnd = fc
  .constantFrom(
    ['task', 't1'] as const,
    ['task', 't2'] as const,
    ['network', 'net'] as const,
    ['node', 'a'] as const,
    ['volume', 'volume-data'] as const,
  )
  .map(([kind, id]) => removeAction(kind, id));
const batches = fc.array(
  fc.array(fc.oneof({ weight: 6, arbitrary: someTask }, someNode, someNetwork, someVolume, someEnd), { maxLength: 4 }),
  {
    maxLength: 12,
  },
);

test('who is told only what was touched knows the same as who is told everything, after whatever happened', (t) => {
  fc.assert(
    fc.property(batches, (all) => {
      const { tables, shares } = begun();
      const told = new Map<string, NodeShare>(nodeIds.map((id) => [id, shares.of(tables, id)]));
      for (const batch of all) {
        commit(tables, shares, ...batch);
        const touched = shares.take(tables);
        for (const id of touched === 'all' ? nodeIds : touched) if (told.has(id)) told.set(id, shares.of(tables, id));
        const fresh = new Shares();
        fresh.reset(tables);
        fresh.take(tables);
        for (const [id, known] of told) {
          const should = fresh.of(tables, id);
          const missing = shareDifference({ ...known, removedVolumes: new Set() }, { ...should, removedVolumes: new Set() });
          if (!isEmptyDifference(missing)) return false;
          if (![...should.removedVolumes].every((name) => known.removedVolumes.has(name))) return false;
        }
      }
      return true;
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('the first node that comes after a beginning is told its networks, though nothing has changed since', (t) => {
  const tables = new Tables();
  const shares = new Shares();
  const actions = [{ putNode: node('a') }, { putNetwork: network('net') }, { putTask: task('x', 'a') }];
  applyTransaction(tables, 1, { actions, expect: [], atMs: 1, origin: 'test' });
  shares.reset(tables);
  t.deepEqual(
    [...shares.of(tables, 'a').networks.values()].map(({ id, endpoints }) => [id, endpoints.length]),
    [['net', 1]],
  );
  t.is(shares.take(tables), 'all', 'and everybody is looked at once');
});
