import type { StoreAction } from '@tso/proto';
import test from 'ava';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { volume } from './dispatcher-fixture.ts';
import { doomedOf, withChanges } from './doomed-volumes.ts';

const follow = (...transactions: readonly (readonly StoreAction[])[]): readonly string[] => {
  const tables = new Tables();
  let doomed = doomedOf(tables);
  for (const [at, actions] of transactions.entries()) {
    const result = applyTransaction(tables, at + 1, { actions, expect: [], atMs: 1, origin: 'test' });
    if (result.ok) doomed = withChanges(doomed, result.changes);
  }
  return [...doomed];
};

test('a volume taken down stays doomed after the store forgot it, for the nodes that have not heard', (t) => {
  const remove = { remove: { kind: 'volume', id: 'volume-data' } };
  t.deepEqual(follow([{ putVolume: volume('data') }], [{ putVolume: volume('data', true) }], [remove]), ['data']);
});

test('a volume that went without being taken down keeps its data', (t) => {
  t.deepEqual(follow([{ putVolume: volume('data') }], [{ remove: { kind: 'volume', id: 'volume-data' } }]), []);
});

test('a new volume of the same name is not doomed', (t) => {
  t.deepEqual(follow([{ putVolume: volume('data', true) }], [{ putVolume: { ...volume('data'), id: 'another' } }]), []);
});
