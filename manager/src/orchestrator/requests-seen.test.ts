import { emptyMeta } from '@tso/proto';
import test from 'ava';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { RequestWatch } from './requests-seen.ts';

const tablesOf = (...ids: readonly string[]): Tables => {
  const tables = new Tables();
  put(tables, ...ids);
  return tables;
};

const put = (tables: Tables, ...ids: readonly string[]): void => {
  const actions = ids.map((id) => ({ putRequest: { id, meta: emptyMeta, method: '', reply: new Uint8Array(), requestDigest: '' } }));
  applyTransaction(tables, tables.index + 1, { actions, expect: [], atMs: 1, origin: 'test' });
};

test('a request is known since it was first seen, in that order, and no longer than it is there', (t) => {
  const watch = new RequestWatch();
  const tables = tablesOf('b', 'a');
  t.deepEqual(
    [...watch.look(tables, 10)],
    [
      ['b', 10],
      ['a', 10],
    ],
  );
  put(tables, 'c');
  t.deepEqual(
    [...watch.look(tables, 20)],
    [
      ['b', 10],
      ['a', 10],
      ['c', 20],
    ],
  );
  applyTransaction(tables, tables.index + 1, { actions: [{ remove: { kind: 'request', id: 'b' } }], expect: [], atMs: 1, origin: 'test' });
  t.deepEqual(
    [...watch.look(tables, 30)],
    [
      ['a', 10],
      ['c', 20],
    ],
  );
});

test('in a store that came in place of the former, in whatever order, what is new is found and what was known stays', (t) => {
  const watch = new RequestWatch();
  watch.look(tablesOf('a', 'b'), 10);
  const seen = watch.look(tablesOf('b', 'c', 'a', 'd'), 20);
  t.deepEqual(Object.fromEntries(seen), { a: 10, b: 10, c: 20, d: 20 });
});
