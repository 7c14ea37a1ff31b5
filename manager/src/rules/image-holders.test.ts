import { emptyTaskSpec, NodeState, type StoreAction, type Task, TaskState } from '@tso/proto';
import test from 'ava';
import { node, status, tablesOf, task } from '../dispatcher/dispatcher-fixture.ts';
import { hasPrepared, imageHolders, imageTakers, mayFetchImage } from './image-holders.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const made = (id: string, nodeId: string, state: TaskState): StoreAction => {
  const spec = { ...emptyTaskSpec, container: { ...emptyTaskSpec.container, builtDigest: digest } };
  return { putTask: task(id, nodeId, { spec, status: status(state) }) satisfies Task };
};
const nodes = (...ids: readonly string[]): readonly StoreAction[] => ids.map((id) => ({ putNode: node(id) }));
const ids = (found: readonly { readonly id: string }[]): readonly string[] => found.map(({ id }) => id);
const idle = { except: '', loadedOn: new Set<string>(), busy: () => 0, gave: [] };

test('an image may be fetched by the nodes whose tasks name it and have not ended, and by no others', (t) => {
  const view = tablesOf(...nodes('a', 'b', 'c'), made('x', 'a', TaskState.PREPARING), made('y', 'b', TaskState.FAILED));
  t.true(mayFetchImage(view, 'a', digest));
  t.false(mayFetchImage(view, 'b', digest));
  t.false(mayFetchImage(view, 'c', digest));
  t.false(mayFetchImage(view, 'a', `sha256:${'b'.repeat(64)}`));
});

test('an image is asked for where it was loaded or prepared, then everywhere, and never at a node that is down or wants it', (t) => {
  const down: StoreAction = { putNode: node('down', { state: NodeState.NODE_DOWN }) };
  const view = tablesOf(...nodes('a', 'b', 'c', 'd'), down, made('x', 'c', TaskState.RUNNING), made('y', 'b', TaskState.PREPARING));
  t.deepEqual(ids(imageHolders(view, digest, { ...idle, except: 'a', loadedOn: new Set(['d', 'down']) })), ['c', 'd', 'b']);
});

test('among nodes that are as likely to have an image the least busy one gives it', (t) => {
  const view = tablesOf(...nodes('a', 'b', 'c'), ...['a', 'b', 'c'].map((id) => made(`task-${id}`, id, TaskState.RUNNING)));
  const busy = (id: string): number => ({ a: 2, b: 0, c: 1 })[id] ?? 0;
  t.deepEqual(ids(imageHolders(view, digest, { ...idle, busy })), ['b', 'c', 'a']);
});

test('who gave an image already is asked after all others, and who gave it last comes last', (t) => {
  const view = tablesOf(...nodes('a', 'b', 'c', 'd'), made('x', 'a', TaskState.RUNNING));
  t.deepEqual(ids(imageHolders(view, digest, { ...idle, loadedOn: new Set(['b']), gave: ['b', 'a'] })), ['c', 'd', 'b', 'a']);
});

test('a node whose task was rejected need not have its image', (t) => {
  const view = tablesOf(...nodes('a', 'b', 'c'), made('x', 'b', TaskState.REJECTED), made('y', 'c', TaskState.FAILED));
  t.deepEqual(ids(imageHolders(view, digest, idle)), ['c', 'a', 'b']);
});

test('a node has prepared an image as long as a task of it that is ready or runs is there', (t) => {
  const view = tablesOf(
    ...nodes('a', 'b', 'c'),
    made('x', 'a', TaskState.PREPARING),
    made('y', 'b', TaskState.READY),
    made('z', 'c', TaskState.FAILED),
  );
  t.deepEqual(
    ['a', 'b', 'c'].map((id) => hasPrepared(view, id, digest)),
    [false, true, false],
  );
});

test('an image is put on a node that has it, else on the own one, else by hostname', (t) => {
  const view = tablesOf(...nodes('a', 'b', 'c', 'd'), made('x', 'd', TaskState.COMPLETE));
  t.deepEqual(ids(imageTakers(view, digest, 'c')), ['d', 'c', 'a', 'b']);
  t.deepEqual(ids(imageTakers(view, '', 'c')), ['c', 'a', 'b', 'd']);
});
