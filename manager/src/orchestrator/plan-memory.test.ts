import { NodeState, newService, type Service, type StoreAction, TaskState } from '@tso/proto';
import test from 'ava';
import { node, status, task } from '../dispatcher/dispatcher-fixture.ts';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { serviceSpec } from '../testing/specs.ts';
import { PlanMemory, tasksLookedAt } from './plan-memory.ts';

const service = (id: string, more: Partial<Service> = {}): StoreAction => ({
  putService: { ...newService, id, stack: 'shop', spec: serviceSpec(id), specVersion: 1, ...more },
});
const taskOf = (serviceId: string, id: string, state: TaskState = TaskState.RUNNING): StoreAction => ({
  putTask: task(id, state < TaskState.ASSIGNED ? '' : 'a', { serviceId, status: status(state), networks: [] }),
});

const world = (...actions: readonly StoreAction[]) => {
  const tables = new Tables();
  const memory = new PlanMemory();
  const commit = (...more: readonly StoreAction[]): void => {
    applyTransaction(tables, tables.index + 1, { actions: more, expect: [], atMs: 1, origin: 'test' });
  };
  /** The services that a plan looks at, which changes `changed` and wants to be woken. */
  const look = ({
    now = 0,
    changed = [],
    wakes = {},
  }: {
    now?: number;
    changed?: string[];
    wakes?: Record<string, number>;
  } = {}): string => {
    const scope = memory.scope(tables, now);
    memory.looked(tables, scope, { changed: new Set(changed), wakes: new Map(Object.entries(wakes)) });
    return [...scope.serviceIds].sort().join(' ') + (scope.isPartial ? ' …' : '');
  };
  commit(...actions);
  return { tables, memory, commit, look };
};

test('a service that nothing has changed for is not looked at again', (t) => {
  // Each lacks a task, so that a look at those it has does not tell that nothing is to be done.
  const ofTwo = (id: string) => service(id, { spec: serviceSpec(id, { replicas: 2 }) });
  const { commit, look } = world({ putNode: node('a') }, ofTwo('x'), ofTwo('y'), taskOf('x', 'x1'), taskOf('y', 'y1'));
  t.is(look(), 'x y');
  t.is(look(), '');
  commit(taskOf('y', 'y1'));
  t.is(look(), 'y', 'one of its tasks');
  commit(ofTwo('x'));
  t.is(look(), 'x', 'itself');
  commit({ putNode: node('a', { stateMessage: 'certificate renewed', authorityEpoch: 9 }) });
  t.is(look(), '', 'what no plan sees of a node');
  commit({ putNode: node('a', { state: NodeState.NODE_DOWN }) });
  t.is(look(), 'x y', 'a node');
  commit({ remove: { kind: 'task', id: 'x1' } });
  t.is(look(), 'x', 'the end of a task');
});

test('a service that has what it is to have is not planned, whatever is said of its tasks, until something is missing', (t) => {
  const { commit, look } = world({ putNode: node('a') }, service('x'), taskOf('x', 'x1', TaskState.ASSIGNED));
  t.is(look(), '');
  commit(taskOf('x', 'x1', TaskState.STARTING));
  t.is(look(), '');
  commit(taskOf('x', 'x1', TaskState.RUNNING));
  t.is(look(), '');
  commit(taskOf('x', 'x1', TaskState.FAILED));
  t.is(look(), 'x', 'it has ended');
  commit(taskOf('x', 'x1'), taskOf('x', 'x2'));
  t.is(look(), 'x', 'two in one place');
  commit({ remove: { kind: 'task', id: 'x2' } });
  t.is(look(), '');
  commit(service('x', { specVersion: 2 }));
  t.is(look(), 'x', 'it is of an older spec');
});

test('what a plan changed is looked at again, whether or not the change was written', (t) => {
  const { look } = world(service('x'), taskOf('x', 'x1'));
  t.is(look({ changed: ['x'] }), 'x');
  t.is(look(), 'x');
  t.is(look(), '');
});

test('a service that waits for room is looked at when room is taken or given back, one that is spread anew after any change', (t) => {
  const { commit, look } = world(
    service('x'),
    service('y', { rebalance: 1 }),
    service('z'),
    taskOf('x', 'x1', TaskState.NEW),
    taskOf('y', 'y1'),
  );
  look();
  t.is(look(), '');
  commit(taskOf('z', 'z1', TaskState.ASSIGNED));
  t.is(look(), 'x y z');
  commit(taskOf('z', 'z1', TaskState.RUNNING));
  t.is(look(), 'y z', 'it only starts');
  commit(taskOf('z', 'z1', TaskState.FAILED));
  t.is(look(), 'x y z');
});

test('who wanted to be woken is looked at then, and others are told when that is', (t) => {
  const { tables, memory, look } = world(service('x'), service('y'), taskOf('x', 'x1'), taskOf('y', 'y1'));
  look({ wakes: { x: 5_000 } });
  t.is(memory.scope(tables, 4_999).wakeAtMs, 5_000);
  t.is(look({ now: 4_999 }), '');
  t.is(look({ now: 5_000 }), 'x');
  t.is(memory.scope(tables, 5_000).wakeAtMs, undefined);
});

test('very many tasks are looked at part by part, in turn', (t) => {
  const many = (id: string): readonly StoreAction[] => Array.from({ length: tasksLookedAt - 10 }, (_, at) => taskOf(id, `${id}${at}`));
  const { commit, look } = world(service('x'), service('y'), service('z'), ...many('x'), ...many('y'), ...many('z'));
  t.deepEqual([look(), look(), look(), look()], ['x …', 'y …', 'z', '']);
  commit(taskOf('x', 'x0'), taskOf('y', 'y0'), taskOf('z', 'z0'));
  t.is(look(), 'x …');
  commit(taskOf('x', 'x0'));
  t.deepEqual([look(), look(), look(), look()], ['y …', 'z …', 'x', ''], 'a busy one keeps nobody waiting');
});

test('another store is looked at as a whole', (t) => {
  const { memory, look } = world(service('x'), taskOf('x', 'x1'));
  t.true(memory.scope(new Tables(), 0).isWhole);
  look();
  t.is(look(), '');
  const other = new Tables();
  applyTransaction(other, 1, { actions: [service('x'), taskOf('x', 'x1')], expect: [], atMs: 1, origin: 'test' });
  t.deepEqual([...memory.scope(other, 0).serviceIds], ['x']);
});

test('finding out that nothing is to be done looks at no service but itself and those that it is to be restarted after', (t) => {
  const count = 50;
  const after = [{ service: 's0', condition: 'service_started', required: true, restart: true }] as const;
  const services = Array.from({ length: count }, (_, at) =>
    service(`s${at}`, { spec: serviceSpec(`s${at}`, { dependsOn: at === 0 ? [] : after }) }),
  );
  const { tables, look } = world(...services);
  look();
  let read = 0;
  const table = tables.table('service');
  const by = table.by.bind(table);
  table.by = (index, key) => {
    const found = by(index, key);
    read += found.length;
    return found;
  };
  t.is(look(), '');
  t.is(read, count - 1);
});
