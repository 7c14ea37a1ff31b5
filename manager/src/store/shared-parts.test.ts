import { newService } from '@tso/proto';
import test from 'ava';
import { task } from '../dispatcher/dispatcher-fixture.ts';
import { serviceSpec } from '../testing/specs.ts';
import { applyTransaction } from './apply.ts';
import { restoreSnapshot, takeSnapshot } from './snapshot.ts';
import { Tables } from './tables.ts';

const spec = (image = 'web:1') => serviceSpec('web', { task: { container: { image } } });
const service = () => ({ ...newService, id: 'service-web', stack: 'shop', spec: spec(), specVersion: 1 });

const world = () => {
  const tables = new Tables();
  const put = (image: string, message = '') => {
    const base = task('x', 'a', { spec: spec(image).task });
    const putTask = { ...base, status: { ...base.status, message } };
    applyTransaction(tables, tables.index + 1, { actions: [{ putTask }], expect: [], atMs: 1, origin: 'test' });
    return putTask;
  };
  applyTransaction(tables, 1, { actions: [{ putService: service() }], expect: [], atMs: 1, origin: 'test' });
  return { tables, put };
};

test('a task holds its service’s spec, not a copy, and its own when that is another', (t) => {
  const { tables, put } = world();
  put('web:1');
  t.is(tables.task('x')?.spec, tables.service('service-web')?.spec.task);
  const own = put('web:2');
  t.is(tables.task('x')?.spec, own.spec);
  const again = put('web:2', 'another word');
  t.is(tables.task('x')?.spec, own.spec, 'and keeps it through its statuses');
  t.not(again.spec, own.spec);
  t.deepEqual(tables.task('x')?.networks, again.networks);
  t.is(tables.task('x')?.status.message, 'another word');
});

test('a restored store shares as well, and holds the same', (t) => {
  const { tables, put } = world();
  put('web:1');
  const copy = structuredClone(takeSnapshot(tables));
  const restored = restoreSnapshot(copy);
  t.is(restored.task('x')?.spec, restored.service('service-web')?.spec.task);
  t.deepEqual(restored.tasks(), tables.tasks());
});
