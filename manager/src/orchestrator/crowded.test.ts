import { emptyResources, type GenericResource, type Node, newService, type Service, type Task, TaskState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { status, task } from '../dispatcher/dispatcher-fixture.ts';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { nodeNamed, serviceSpec, taskSpec } from '../testing/specs.ts';
import { beyondMost, crowdedOut, reserves } from './crowded.ts';

interface Wish {
  readonly slot?: number;
  readonly memoryBytes?: number;
  readonly nanoCpus?: number;
  readonly generic?: readonly GenericResource[];
  readonly more?: Partial<Task>;
}

const gib = 1024 ** 3;
const gpu = (count: number, ...ids: readonly string[]): GenericResource => ({ kind: 'gpu', count, ids });
const alphaWith = (memoryBytes: number, nanoCpus = 0, generic: readonly GenericResource[] = []): Node => {
  const alpha = nodeNamed('alpha');
  return { ...alpha, description: { ...alpha.description, resources: { nanoCpus, memoryBytes, pids: 0 }, generic } };
};

/** A store with these tasks on alpha, made one after the other. */
const tablesWith = (wishes: readonly Wish[]): Tables => {
  const tables = new Tables();
  for (const [at, { slot = at + 1, memoryBytes = 0, nanoCpus = 0, generic = [], more = {} }] of wishes.entries()) {
    const reservations = { ...emptyResources, nanoCpus, memoryBytes };
    const made = { serviceId: 'web', slot, status: status(TaskState.RUNNING), networks: [], spec: taskSpec({ reservations }), generic };
    const actions = [{ putTask: task(`t${at + 1}`, 'alpha', { ...made, ...more }) }];
    applyTransaction(tables, tables.index + 1, { actions, expect: [], atMs: 1_000 + at, origin: 'test' });
  }
  return tables;
};
const out = (wishes: readonly Wish[], node: Node): readonly string[] =>
  [...crowdedOut(tablesWith(wishes), node)].map(([id, why]) => `${id} ${why}`);

test('the newest tasks that a node has no room for any more leave it, and those that still fit stay', (t) => {
  const wishes = [{ memoryBytes: gib }, { memoryBytes: 2 * gib }, { memoryBytes: gib }, {}];
  t.deepEqual(out(wishes, alphaWith(4 * gib)), []);
  t.deepEqual(out(wishes, alphaWith(3 * gib)), ['t3 has only 3 GiB of memory for all that is reserved there']);
  t.deepEqual(out(wishes, alphaWith(2 * gib)), ['t2 has only 2 GiB of memory for all that is reserved there']);
  t.deepEqual(out([{ nanoCpus: 1e9 }, { nanoCpus: 2e9 }], alphaWith(0, 2.5e9)), ['t2 has only 2.5 CPUs for all that is reserved there']);
});

test('a node that does not say what it has is never too small, nor is one for what is asked to stop already', (t) => {
  t.deepEqual(out([{ memoryBytes: gib, nanoCpus: 9e9 }], alphaWith(0)), []);
  const going: Wish = { memoryBytes: gib, more: { desiredState: TaskState.SHUTDOWN } };
  const ended: Wish = { memoryBytes: gib, more: { status: status(TaskState.FAILED) } };
  t.deepEqual(out([going, ended, { memoryBytes: gib }], alphaWith(gib)), []);
});

test('things that a node has no more leave it with who has them, by their ids or by number', (t) => {
  t.deepEqual(out([{ generic: [gpu(1, 'a')] }, { generic: [gpu(1, 'b')] }], alphaWith(0, 0, [gpu(0, 'b', 'c')])), [
    't1 has no gpu a any more',
  ]);
  t.deepEqual(out([{ generic: [gpu(2)] }, { generic: [gpu(1)] }], alphaWith(0, 0, [gpu(2)])), ['t2 has only 2 of gpu']);
  t.deepEqual(out([{ generic: [gpu(1)] }], alphaWith(0)), ['t1 has only 0 of gpu']);
});

test('only what may run out is looked at', (t) => {
  const plain = task('a', 'alpha', { spec: taskSpec() });
  t.false(reserves(plain));
  t.true(reserves({ ...plain, generic: [gpu(1)] }));
  t.true(reserves({ ...plain, spec: taskSpec({ reservations: { ...emptyResources, memoryBytes: 1 } }) }));
});

test('who stays has room, and no one who leaves would have had it beside those that were there before', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(4), { maxLength: 8 }), fc.integer({ min: 1, max: 12 }), (sizes, room) => {
      const wishes = sizes.map((size) => ({ memoryBytes: size * gib }));
      const leaving = new Set([...crowdedOut(tablesWith(wishes), alphaWith(room * gib)).keys()]);
      let taken = 0;
      for (const [at, size] of sizes.entries()) {
        if (leaving.has(`t${at + 1}`)) t.true(taken + size > room);
        else taken += size;
      }
      t.true(taken <= room);
    }),
    { numRuns: 50 },
  );
});

test('of more than a node may have of a service the newest leave, but for what is moved away already', (t) => {
  const web = (most: number): Service => ({
    ...newService,
    id: 'web',
    spec: serviceSpec('web', { task: { placement: { constraints: [], spreadOver: [], maxReplicasPerNode: most } } }),
    specVersion: 1,
  });
  const three = tablesWith([{}, {}, {}]);
  t.deepEqual([...beyondMost(three, web(2))], ['t3']);
  t.deepEqual([...beyondMost(three, web(0))], []);
  const moving = tablesWith([{}, {}, {}, { slot: 3, more: { nodeId: 'beta', replaces: 't3' } }]);
  t.deepEqual([...beyondMost(moving, web(2))], []);
});
