import { type AutoscaleSpec, HealthState, type Resources, type Task } from '@tso/proto';
import test from 'ava';
import { serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { cpuBase, loadOf, memoryBase, type TaskFigures } from './autoscale-load.ts';

const mib = 1024 ** 2;
const spec: AutoscaleSpec = { min: 1, max: 100, cpuPercent: 50, memoryPercent: 0, coolDownMs: 60_000 };
const resources = (nanoCpus: number, memoryBytes: number): Resources => ({ nanoCpus, memoryBytes, pids: 0 });

/** Running tasks of one service. */
const tasksOf = (count: number, task: NonNullable<Parameters<typeof serviceSpec>[1]>['task'] = {}): readonly Task[] => {
  const world = new World();
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: count, task })]));
  world.run();
  return world.tables.tasks();
};

/** What is needed when the tasks take that many CPUs; undefined: nobody measured it. */
const needed = (tasks: readonly Task[], cpus: readonly (number | undefined)[], wish: Partial<AutoscaleSpec> = {}): number | undefined => {
  const figures = new Map<string, TaskFigures>();
  tasks.forEach(({ id }, index) => {
    const taken = cpus[index];
    if (taken !== undefined) figures.set(id, { nanoCpus: taken * 1e9, memoryBytes: taken * 100 });
  });
  return loadOf({ ...spec, ...wish }, tasks, tasks.length, 0, (id) => figures.get(id)).needed;
};

test('as many are needed as bring the mean to its target', (t) => {
  t.is(needed(tasksOf(1), [0.5]), 1);
  t.is(needed(tasksOf(1), [1]), 2);
  t.is(needed(tasksOf(2), [1, 0.7]), 4, '3.4 are 4');
  t.is(needed(tasksOf(4), [0.1, 0.1, 0.1, 0.1]), 1);
  t.is(needed(tasksOf(3), [0, 0, 0]), 1, 'never none');
  t.is(needed(tasksOf(3), [0.5, 0.3, 0.7]), 3);
});

test('within a tenth of the target nothing is needed', (t) => {
  for (const taken of [0.451, 0.5, 0.549]) t.is(needed(tasksOf(2), [taken, taken]), 2);
  t.is(needed(tasksOf(2), [0.56, 0.56]), 3);
});

test('who has no figures is idle when more are asked for, and at the target when fewer are', (t) => {
  t.is(needed(tasksOf(2), [0.9, undefined]), 2, 'two at 45 %');
  t.is(needed(tasksOf(2), [1.5, undefined]), 3);
  t.is(needed(tasksOf(2), [0.1, undefined]), 2, '60 % of one together');
  t.is(needed(tasksOf(4), [0.1, 0.1, 0.1, undefined]), 2, '80 % together');
  t.is(needed(tasksOf(2), [undefined, undefined]), undefined);
});

test('places without a task count as those without figures do', (t) => {
  const [one] = tasksOf(1);
  const figures = { nanoCpus: 0.9e9, memoryBytes: 0 };
  t.is(loadOf(spec, one === undefined ? [] : [one], 2, 0, () => figures).needed, 2);
});

test('tasks that do not serve yet, or are paused, are not measured', (t) => {
  const [busy, other] = tasksOf(2);
  if (busy === undefined || other === undefined) throw new Error('there are two');
  const of = (task: Task): number | undefined => loadOf(spec, [busy, task], 2, 0, () => ({ nanoCpus: 1e9, memoryBytes: 0 })).needed;
  t.is(of(other), 4);
  t.is(of({ ...other, status: { ...other.status, health: HealthState.HEALTH_STARTING } }), 2);
  t.is(of({ ...other, paused: true }), 2);
  t.is(of({ ...other, status: { ...other.status, paused: true } }), 2);
});

test('percent are of what is reserved, else of the limit, else of one CPU', (t) => {
  t.is(cpuBase({ reservations: resources(5e8, 0), limits: resources(2e9, 0) }), 5e8);
  t.is(cpuBase({ reservations: resources(0, 0), limits: resources(2e9, 0) }), 2e9);
  t.is(cpuBase({ reservations: resources(0, 0), limits: resources(0, 0) }), 1e9);
  t.is(memoryBase({ reservations: resources(0, 7), limits: resources(0, 9) }), 7);
  t.is(memoryBase({ reservations: resources(0, 0), limits: resources(0, 9) }), 9);
  t.is(memoryBase({ reservations: resources(0, 0), limits: resources(0, 0) }), 0);
});

test('of two targets the one that needs more counts, and is named first', (t) => {
  const tasks = tasksOf(1, { reservations: resources(0, 100 * mib) });
  const wish = { ...spec, memoryPercent: 20 };
  const load = loadOf(wish, tasks, 1, 0, () => ({ nanoCpus: 1e9, memoryBytes: 60 * mib }));
  t.deepEqual(load, { needed: 3, text: 'mean memory 60 % (20 % wished), mean CPU 100 % (50 % wished)' });
  t.is(loadOf({ ...wish, cpuPercent: 0 }, tasks, 1, 0, () => ({ nanoCpus: 9e9, memoryBytes: 60 * mib })).needed, 3);
  t.is(
    loadOf({ ...wish, cpuPercent: 0 }, tasksOf(1), 1, 0, () => ({ nanoCpus: 9e9, memoryBytes: 60 * mib })).needed,
    undefined,
    'nothing to measure it by',
  );
});
