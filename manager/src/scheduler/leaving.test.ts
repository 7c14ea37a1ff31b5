import { newService, newTaskStatus, type Task, TaskState } from '@tso/proto';
import test from 'ava';
import { newTask } from '../orchestrator/tasks.ts';
import { nodeNamed, serviceSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { leavingOf } from './leaving.ts';

const service = { ...newService, id: 'web', stack: 'shop', spec: serviceSpec('web', { replicas: 4 }), specVersion: 7 };

/** A store with such tasks of the service: slot, spec, node, and what is wished. */
const withTasks = (tasks: readonly (readonly [slot: number, specVersion: number, nodeId: string, desiredState: TaskState])[]) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  const made = tasks.map(([slot, specVersion, nodeId, desiredState], index): Task => {
    const pass = { now: world.now, random: (count: number) => new Uint8Array(count).fill(index) } as unknown as Parameters<
      typeof newTask
    >[0];
    const task = newTask(pass, service, { slot, nodeId }, { desiredState, notBeforeMs: 0, pendingReason: '' });
    return { ...task, id: `task${index}`, specVersion, status: { ...newTaskStatus, state: TaskState.RUNNING } };
  });
  world.commit([{ putService: service }, ...made.map((putTask) => ({ putTask }))]);
  return world.tables;
};

const { RUNNING, SHUTDOWN, READY } = TaskState;

test('what is being stopped is on its way out, and so is what a task of the spec has taken over from', (t) => {
  const view = withTasks([
    [1, 7, 'alpha', SHUTDOWN],
    [2, 3, 'beta', RUNNING],
    [2, 7, 'alpha', READY],
    [3, 7, 'beta', RUNNING],
  ]);
  t.deepEqual(leavingOf(view, service, 7), {
    byNode: new Map([
      ['alpha', 1],
      ['beta', 1],
    ]),
    bySlot: new Map(),
  });
});

test('what nobody has taken over from yet leaves once somebody does', (t) => {
  const view = withTasks([[4, 3, 'beta', RUNNING]]);
  t.deepEqual(leavingOf(view, service, 7), { byNode: new Map(), bySlot: new Map([[4, ['beta']]]) });
});

test('a slot that two older tasks hold is held once', (t) => {
  const view = withTasks([
    [1, 3, 'beta', RUNNING],
    [1, 5, 'beta', RUNNING],
  ]);
  t.deepEqual(leavingOf(view, service, 7), { byNode: new Map([['beta', 1]]), bySlot: new Map([[1, ['beta']]]) });
});
