import { newService, newTaskStatus, ServiceMode, TaskState } from '@tso/proto';
import test from 'ava';
import { task } from '../dispatcher/dispatcher-fixture.ts';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { serviceSpec } from '../testing/specs.ts';
import { candidatesOf, hasUrgent } from './candidates.ts';

/** Services by name, each with a priority and the slots that wait. */
const world = (
  services: Readonly<Record<string, readonly [priority: number, ...slots: readonly number[]]>>,
  mode: ServiceMode = ServiceMode.REPLICATED,
) => {
  const tables = new Tables();
  const actions = Object.entries(services).flatMap(([id, [priority, ...slots]]) => [
    { putService: { ...newService, id, spec: serviceSpec(id, { priority, mode }) } },
    ...slots.map((slot) => ({
      putTask: task(`${id}-${slot}`, mode === ServiceMode.GLOBAL ? 'n1' : '', {
        serviceId: id,
        slot,
        desiredState: TaskState.RUNNING,
        status: { ...newTaskStatus, state: TaskState.NEW },
      }),
    })),
  ]);
  applyTransaction(tables, 1, { actions, expect: [], atMs: 1, origin: 'test' });
  const ids = (...names: readonly string[]): readonly string[] =>
    candidatesOf(
      tables,
      tables.services().filter(({ id }) => names.includes(id)),
    ).map((each) => each.task.id);
  return { tables, ids };
};

test('where nobody counts for more than others only those in question are placed, in the order of slots', (t) => {
  t.deepEqual(world({ a: [0, 2, 1], b: [0, 1] }).ids('a'), ['a-1', 'a-2']);
  t.deepEqual(world({ a: [0], b: [0, 1] }).ids('a'), []);
});

test('those who count for more go before, whether in question or not', (t) => {
  const { ids } = world({ low: [0, 1], high: [10, 2, 1], middle: [5, 1] });
  t.deepEqual(ids('low'), ['high-1', 'high-2', 'middle-1', 'low-1']);
  t.deepEqual(ids('high'), ['high-1', 'high-2']);
  t.deepEqual(ids('low'), ids('low', 'high', 'middle'), 'the order is the same however many are looked at');
});

test('of those who count for as much and may take room all are asked, so that the room of one is not given to the other', (t) => {
  const { ids } = world({ base: [0], first: [10, 1], second: [10, 1] });
  t.deepEqual(ids('second'), ['first-1', 'second-1']);
  t.deepEqual(world({ base: [0], first: [10, 1], second: [10, 1] }, ServiceMode.GLOBAL).ids('second'), ['first-1', 'second-1']);
});

test('a service has somebody before it as long as one that counts for more waits', (t) => {
  const { tables } = world({ low: [0, 1], high: [10, 1], top: [20] });
  const has = (id: string): boolean => hasUrgent(tables, tables.service(id) ?? newService);
  t.deepEqual([has('low'), has('high'), has('top')], [true, false, false]);
});
