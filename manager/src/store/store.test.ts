import {
  decode,
  encode,
  newService,
  newTaskStatus,
  ServiceMode,
  type StoreAction,
  type Task,
  TaskState,
  type Transaction,
} from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { nodeNamed, serviceSpec } from '../testing/specs.ts';
import type { Change } from './apply.ts';
import { applyTransaction, checkApplicable } from './apply.ts';
import { restoreSnapshot, takeSnapshot } from './snapshot.ts';
import { Tables } from './tables.ts';
import { Draft } from './transaction.ts';
import { StoreWatch } from './watch.ts';

const transaction = (actions: readonly StoreAction[], change: Partial<Transaction> = {}): Transaction => ({
  actions,
  expect: [],
  atMs: 1_000,
  origin: 'test',
  ...change,
});

const taskOn = (id: string, nodeId: string, serviceId = 's'): Task => ({
  id,
  meta: { version: 0, createdAtMs: 0, updatedAtMs: 0 },
  serviceId,
  serviceName: 'web',
  stack: 'shop',
  slot: 1,
  nodeId,
  spec: serviceSpec('web').task,
  specVersion: 1,
  desiredState: TaskState.RUNNING,
  status: newTaskStatus,
  networks: [],
  ports: [],
  pendingReason: '',
  notBeforeMs: 0,
  drainMs: 0,
  generic: [],
  networkOf: '',
  pidOf: '',
  serviceLabels: {},
  ipcOf: '',
  files: [],
  jobIteration: 0,
  mode: ServiceMode.REPLICATED,
});

const ids = (tasks: readonly Task[]): readonly string[] => tasks.map((task) => task.id).sort();

test('an applied object carries the index, the first and the last instant', (t) => {
  const tables = new Tables();
  applyTransaction(tables, 5, transaction([{ putNode: nodeNamed('alpha') }]));
  applyTransaction(tables, 6, transaction([{ putNode: nodeNamed('alpha', { address: '10.0.0.1' }) }], { atMs: 2_000 }));
  t.deepEqual(tables.node('alpha')?.meta, { version: 6, createdAtMs: 1_000, updatedAtMs: 2_000 });
  t.is(tables.index, 6);
});

test('a transaction whose expectation fails changes nothing and names the object', (t) => {
  const tables = new Tables();
  applyTransaction(tables, 1, transaction([{ putNode: nodeNamed('alpha') }]));
  const stale = transaction([{ putNode: nodeNamed('alpha', { address: 'x' }) }, { putNode: nodeNamed('beta') }], {
    expect: [
      { kind: 'node', id: 'beta', version: 0 },
      { kind: 'node', id: 'alpha', version: 7 },
    ],
  });
  t.deepEqual(applyTransaction(tables, 2, stale), { ok: false, conflict: { kind: 'node', id: 'alpha', expected: 7, actual: 1 } });
  t.is(tables.node('beta'), undefined);
  t.is(tables.node('alpha')?.address, '');
  t.is(tables.index, 2);
});

test('a transaction with an action that cannot be applied changes nothing', (t) => {
  const tables = new Tables();
  const broken = transaction([{ putNode: nodeNamed('alpha') }, { remove: { kind: 'planet', id: 'x' } }]);
  t.throws(() => applyTransaction(tables, 1, broken), { message: 'the store has no objects of kind "planet"' });
  t.is(tables.nodes().length, 0);
});

test('a service put with spec version 0 gets the index of its entry', (t) => {
  const tables = new Tables();
  const service = {
    ...newService,
    id: 's',
    stack: 'shop',
    spec: serviceSpec('web'),
  };
  applyTransaction(tables, 9, transaction([{ putService: service }]));
  t.is(tables.service('s')?.specVersion, 9);
});

test('changes tell what was there before and after', (t) => {
  const tables = new Tables();
  applyTransaction(tables, 1, transaction([{ putNode: nodeNamed('alpha') }]));
  const result = applyTransaction(
    tables,
    2,
    transaction([{ remove: { kind: 'node', id: 'alpha' } }, { remove: { kind: 'node', id: 'beta' } }]),
  );
  t.like(result, { ok: true, changes: { length: 1, 0: { kind: 'node', id: 'alpha', before: { id: 'alpha' } } } });
});

test('tasks are found by service, node and stack, also after they moved', (t) => {
  const tables = new Tables();
  applyTransaction(tables, 1, transaction([{ putTask: taskOn('a', '') }, { putTask: taskOn('b', 'alpha') }]));
  applyTransaction(tables, 2, transaction([{ putTask: taskOn('a', 'alpha') }]));
  t.deepEqual(ids(tables.tasksOfNode('alpha')), ['a', 'b']);
  t.deepEqual(ids(tables.tasksOfNode('')), []);
  t.deepEqual(ids(tables.tasksOfService('s')), ['a', 'b']);
  t.deepEqual(ids(tables.tasksOfStack('shop')), ['a', 'b']);
});

test('a draft reads its own writes and leaves its base alone', (t) => {
  const tables = new Tables();
  applyTransaction(tables, 1, transaction([{ putTask: taskOn('a', 'alpha') }, { putTask: taskOn('b', 'alpha') }]));
  const draft = new Draft(tables);
  draft.putTask(taskOn('c', 'alpha'));
  draft.remove('task', 'a');
  t.deepEqual(ids(draft.tasksOfNode('alpha')), ['b', 'c']);
  t.deepEqual(ids(tables.tasksOfNode('alpha')), ['a', 'b']);
  t.is(draft.actions().length, 2);
});

test('putting back what was there is no change', (t) => {
  const tables = new Tables();
  applyTransaction(tables, 1, transaction([{ putTask: taskOn('a', 'alpha') }]));
  const task = tables.task('a');
  if (task === undefined) throw new Error('the task must be there');
  const draft = new Draft(tables);
  draft.putTask({ ...task, pendingReason: 'x' });
  t.false(draft.isEmpty);
  draft.putTask({ ...task });
  t.true(draft.isEmpty);
  draft.putTask(taskOn('z', ''));
  draft.remove('task', 'z');
  t.deepEqual(draft.actions(), []);
});

type Operation = { readonly put: boolean; readonly id: string; readonly nodeId: string; readonly serviceId: string };
const operations = fc.array(
  fc.record({
    put: fc.boolean(),
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    nodeId: fc.constantFrom('', 'n1', 'n2'),
    serviceId: fc.constantFrom('s1', 's2'),
  }),
  { maxLength: 30 },
);
const perform = (target: { putTask(task: Task): void; remove(kind: 'task', id: string): void }, operation: Operation): void =>
  operation.put ? target.putTask(taskOn(operation.id, operation.nodeId, operation.serviceId)) : target.remove('task', operation.id);

test('every indexed read of a draft equals a scan, and its actions bring the tables there', (t) => {
  fc.assert(
    fc.property(operations, operations, (first, second) => {
      const tables = new Tables();
      const base = new Draft(tables);
      for (const operation of first) perform(base, operation);
      applyTransaction(tables, 1, transaction(base.actions()));
      const draft = new Draft(tables);
      for (const operation of second) perform(draft, operation);
      const scanned = ids(draft.tasks());
      const expected = draft.tasks();
      for (const nodeId of ['', 'n1', 'n2'])
        t.deepEqual(ids(draft.tasksOfNode(nodeId)), ids(expected.filter((task) => task.nodeId === nodeId)));
      for (const serviceId of ['s1', 's2'])
        t.deepEqual(ids(draft.tasksOfService(serviceId)), ids(expected.filter((task) => task.serviceId === serviceId)));
      applyTransaction(tables, 2, transaction(draft.actions()));
      t.deepEqual(ids(tables.tasks()), scanned);
      t.deepEqual(takeSnapshot(restoreSnapshot(takeSnapshot(tables))), takeSnapshot(tables));
    }),
  );
});

test('a snapshot survives the wire', (t) => {
  const tables = new Tables();
  applyTransaction(tables, 3, transaction([{ putTask: taskOn('a', 'alpha') }, { putNode: nodeNamed('alpha') }]));
  const restored = restoreSnapshot(decode('StoreSnapshot', encode('StoreSnapshot', takeSnapshot(tables))));
  t.deepEqual(takeSnapshot(restored), takeSnapshot(tables));
});

test('managers and configs are kept, found and forgotten like every object', (t) => {
  const tables = new Tables();
  const manager = { id: '2', meta: nodeNamed('x').meta, raftId: 2, nodeId: 'n', address: 'host:1', wantsVote: true, removed: false };
  const config = { id: 'a', meta: nodeNamed('x').meta, name: 'a', labels: { k: 'v' }, data: new Uint8Array([1]), stack: '' };
  applyTransaction(tables, 4, transaction([{ putManager: manager }, { putConfig: config }]));
  t.is(tables.manager('2')?.meta.version, 4);
  t.is(tables.managers().length, 1);
  t.is(tables.config('a'), tables.configByName('a'));
  t.is(tables.configByName('a')?.labels.k, 'v');
  const draft = new Draft(tables);
  draft.putConfig({ ...config, meta: { version: 4, createdAtMs: 1_000, updatedAtMs: 1_000 } });
  t.true(draft.isEmpty, 'bytes are compared by what they are');
  draft.putConfig({ ...config, data: new Uint8Array([2]) });
  draft.putManager({ ...manager, removed: true });
  t.deepEqual(
    draft.actions().map((action) => Object.keys(action)),
    [['putManager'], ['putConfig']],
  );
  const stale = transaction([{ putConfig: config }], { expect: [{ kind: 'config', id: 'a', version: 3 }] });
  t.like(applyTransaction(tables, 5, stale), { ok: false, conflict: { kind: 'config', id: 'a', expected: 3, actual: 4 } });
  applyTransaction(tables, 6, transaction([{ remove: { kind: 'config', id: 'a' } }]));
  t.deepEqual([tables.configs(), tables.configByName('a')], [[], undefined]);
});

test('what is let pass before it is logged can be applied', (t) => {
  t.notThrows(() => checkApplicable(transaction([{ putNode: nodeNamed('alpha') }, { remove: { kind: 'config', id: 'x' } }])));
  t.throws(() => checkApplicable(transaction([{}])), { code: 'INVALID_ARGUMENT' });
  t.throws(() => checkApplicable(transaction([{ remove: { kind: 'planet', id: 'x' } }])), { code: 'INVALID_ARGUMENT' });
  t.throws(() => checkApplicable(transaction([], { expect: [{ kind: 'planet', id: 'x', version: 0 }] })), { code: 'INVALID_ARGUMENT' });
});

const changeOf = (id: string): Change => ({ kind: 'node', id, after: nodeNamed(id) });

test('a subscriber gets what gathered since it last looked, filtered', async (t) => {
  const watch = new StoreWatch();
  const changes = watch.subscribe((change) => change.id !== 'beta', { limit: 10 })[Symbol.asyncIterator]();
  watch.publish([changeOf('alpha'), changeOf('beta')]);
  watch.publish([changeOf('gamma')]);
  t.deepEqual((await changes.next()).value, [changeOf('alpha'), changeOf('gamma')]);
  const waiting = changes.next();
  watch.publish([changeOf('delta')]);
  t.deepEqual((await waiting).value, [changeOf('delta')]);
});

test('a subscriber that is too slow is told to read everything again, once', async (t) => {
  const watch = new StoreWatch();
  const changes = watch.subscribe(() => true, { limit: 2 })[Symbol.asyncIterator]();
  watch.publish([changeOf('a'), changeOf('b'), changeOf('c')]);
  watch.publish([changeOf('d')]);
  t.is((await changes.next()).value, 'resync');
  watch.publish([changeOf('e')]);
  t.deepEqual((await changes.next()).value, [changeOf('e')]);
});

test('after the tables were replaced every subscriber is told to read everything again, whatever it wants to hear of', async (t) => {
  const watch = new StoreWatch();
  const held = watch.subscribe(() => true, { limit: 10 })[Symbol.asyncIterator]();
  const deaf = watch.subscribe(() => false, { limit: 10 })[Symbol.asyncIterator]();
  watch.publish([changeOf('a')]);
  watch.publishResync();
  t.is((await held.next()).value, 'resync', 'what it had not read yet is of the tables before');
  t.is((await deaf.next()).value, 'resync');
  watch.publish([changeOf('b')]);
  t.deepEqual((await held.next()).value, [changeOf('b')]);
});

test('a subscription ends by its signal, by leaving the loop and with the watch', async (t) => {
  const watch = new StoreWatch();
  const controller = new AbortController();
  const aborted = watch.subscribe(() => true, { limit: 1, signal: controller.signal })[Symbol.asyncIterator]();
  const waiting = aborted.next();
  controller.abort();
  t.true((await waiting).done);
  watch.publish([changeOf('a')]);
  const left = watch.subscribe(() => true, { limit: 1 });
  watch.publish([changeOf('a')]);
  for await (const _ of left) break;
  const closed = watch.subscribe(() => true, { limit: 1 })[Symbol.asyncIterator]();
  watch.close();
  t.true((await closed.next()).done);
  t.is(watch.subscribers, 0);
});
