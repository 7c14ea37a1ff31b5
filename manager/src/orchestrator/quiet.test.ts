import { type Node, NodeAvailability, NodeState, newNode, newService, type Service, type Task, TaskState } from '@tso/proto';
import test from 'ava';
import { status, task } from '../dispatcher/dispatcher-fixture.ts';
import { Tables } from '../store/tables.ts';
import { Draft } from '../store/transaction.ts';
import { serviceSpec } from '../testing/specs.ts';
import { isAlikeToQuiet, quietOf } from './quiet.ts';

const now = 1_000;
const web: Service = { ...newService, id: 'web', stack: 'shop', spec: serviceSpec('web', { replicas: 2 }), specVersion: 1 };
const node = { ...newNode, id: 'a', state: NodeState.NODE_READY };

const running = (slot: number, change: Partial<Task> = {}): Task =>
  task(`web${slot}`, 'a', {
    serviceId: 'web',
    slot,
    spec: web.spec.task,
    specVersion: 1,
    status: status(TaskState.RUNNING),
    networks: [],
    ...change,
  });

const quiet = (tasks: readonly Task[], service: Partial<Service> = {}, onNode: Partial<Node> = {}, isCrowded = false) => {
  const draft = new Draft(new Tables());
  const whole = { ...web, ...service };
  draft.putNode({ ...node, ...onNode });
  draft.putService(whole);
  for (const one of tasks) draft.putTask(one);
  return quietOf(draft, whole, now, () => isCrowded);
};

test('a service with a task in each place, where it may be, is quiet', (t) => {
  t.deepEqual(quiet([running(1), running(2)]), { untilMs: undefined });
  t.deepEqual(quiet([running(1), running(2, { status: status(TaskState.PREPARING) })]), { untilMs: undefined });
});

test('one that waits for its time is quiet until then', (t) => {
  const waiting = running(2, { nodeId: '', notBeforeMs: now + 500, status: status(TaskState.NEW) });
  t.deepEqual(quiet([running(1), waiting]), { untilMs: now + 500 });
  t.is(quiet([running(1), { ...waiting, notBeforeMs: now }]), undefined, 'its time has come');
});

test('whatever a plan could have to do, it is not quiet', (t) => {
  const both = [running(1), running(2)];
  t.is(quiet([running(1)]), undefined, 'a place is empty');
  t.is(quiet([...both, running(3)]), undefined, 'one is too many');
  t.is(quiet([...both, running(2, { id: 'again' })]), undefined, 'two in one place');
  t.is(quiet([running(1), running(2, { status: status(TaskState.FAILED) })]), undefined, 'one has ended');
  t.is(quiet([running(1), running(2, { desiredState: TaskState.READY })]), undefined, 'one is to be released');
  t.is(quiet([running(1), running(2, { desiredState: TaskState.REMOVE })]), undefined, 'one is to go');
  t.is(quiet(both, { specVersion: 2 }), undefined, 'of an older spec');
  t.is(quiet(both, { removing: true }), undefined);
  t.is(quiet(both, { stopped: true }), undefined);
  t.is(quiet(both, { rebalance: 1 }), undefined, 'spread anew');
  t.is(quiet(both, {}, { availability: NodeAvailability.DRAIN }), undefined);
  t.is(quiet(both, {}, { state: NodeState.NODE_DOWN }), undefined);
  t.is(quiet(both, {}, {}, true), undefined, 'its node has too little');
});

test('tasks that have ended and are kept to look back at do not matter, until they are too many', (t) => {
  const ended = (at: number) => running(1, { id: `old${at}`, desiredState: TaskState.SHUTDOWN, status: status(TaskState.FAILED) });
  const both = [running(1), running(2)];
  t.truthy(quiet([...both, ...[1, 2, 3, 4, 5].map(ended)]));
  t.is(quiet([...both, ...[1, 2, 3, 4, 5, 6].map(ended)]), undefined);
});

test('what an agent says of a task that lives stirs nobody; that it ended, or is wished otherwise, does', (t) => {
  const one = running(1);
  t.true(isAlikeToQuiet(one, { ...one, status: { ...status(TaskState.RUNNING), pid: 7, message: 'runs' } }));
  t.true(isAlikeToQuiet({ ...one, status: status(TaskState.STARTING) }, one));
  t.false(isAlikeToQuiet(one, { ...one, status: status(TaskState.FAILED) }));
  t.false(isAlikeToQuiet({ ...one, status: status(TaskState.NEW) }, one), 'given to a node');
  const changes: readonly Partial<Task>[] = [
    { desiredState: TaskState.SHUTDOWN },
    { specVersion: 2 },
    { nodeId: 'b' },
    { slot: 2 },
    { networkOf: 'x' },
  ];
  for (const change of changes) t.false(isAlikeToQuiet(one, { ...one, ...change }), JSON.stringify(change));
});
