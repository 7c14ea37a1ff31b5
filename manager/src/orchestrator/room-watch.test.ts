import { newNetwork, newService, newTaskStatus, type StoreAction, TaskState } from '@tso/proto';
import test from 'ava';
import { status, task } from '../dispatcher/dispatcher-fixture.ts';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { networkSpec, serviceSpec } from '../testing/specs.ts';
import { RoomWatch } from './room-watch.ts';

const taskIn = (state: TaskState, nodeId = 'a', desiredState: TaskState = TaskState.RUNNING): StoreAction => ({
  putTask: task('x', nodeId, { desiredState, status: state === TaskState.NEW ? newTaskStatus : status(state), networks: [] }),
});
const web = newService;
const serviceWith = (change: Partial<typeof web>): StoreAction => ({
  putService: { ...web, id: 'web', stack: 'shop', spec: serviceSpec('web'), specVersion: 1, ...change },
});
const net = (change: Partial<typeof newNetwork>): StoreAction => ({
  putNetwork: { ...newNetwork, id: 'net', spec: networkSpec('net'), subnet: '10.0.0.0/24', ...change },
});

const watched = (...before: readonly StoreAction[]) => {
  const tables = new Tables();
  const watch = new RoomWatch();
  const commit = (...actions: readonly StoreAction[]): void => {
    applyTransaction(tables, tables.index + 1, { actions, expect: [], atMs: 1, origin: 'test' });
  };
  commit(...before);
  let last = watch.look(tables);
  /** Whether that is something to who waits for room. */
  const matters = (action: StoreAction): boolean => {
    commit(action);
    const now = watch.look(tables);
    const changed = now !== last;
    last = now;
    return changed;
  };
  return matters;
};

test('room is taken when a task is given a node, and given back when it ends, is to end, or goes', (t) => {
  const matters = watched();
  t.false(matters(taskIn(TaskState.NEW, '')), 'it waits too');
  t.true(matters(taskIn(TaskState.ASSIGNED)));
  t.false(matters(taskIn(TaskState.STARTING)));
  t.false(matters(taskIn(TaskState.RUNNING)));
  t.true(matters(taskIn(TaskState.RUNNING, 'a', TaskState.SHUTDOWN)), 'it is to end');
  t.true(matters(taskIn(TaskState.SHUTDOWN, 'a', TaskState.SHUTDOWN)));
  t.false(matters({ remove: { kind: 'task', id: 'x' } }), 'it had ended');
});

test('a service that asks for something else, or goes, may leave room to others; how far its update is does not matter', (t) => {
  const matters = watched(serviceWith({}));
  t.false(matters(serviceWith({ update: { state: 1, startedAtMs: 5, completedAtMs: 0, message: 'under way' } })));
  t.true(matters(serviceWith({ spec: serviceSpec('web', { priority: 5 }) })));
  t.true(matters(serviceWith({ spec: serviceSpec('web', { priority: 5 }), removing: true })));
  t.true(matters({ remove: { kind: 'service', id: 'web' } }));
});

test('of a network all matters but which address was given out last', (t) => {
  const matters = watched(net({}));
  t.false(matters(net({ nextHost: 7 })));
  t.true(matters(net({ subnet: '10.0.1.0/24' })));
  t.true(matters({ remove: { kind: 'network', id: 'net' } }));
});

test('what is not known to be the same is taken for another store', (t) => {
  const watch = new RoomWatch();
  const first = watch.look(new Tables());
  t.not(watch.look(new Tables()), first);
});
