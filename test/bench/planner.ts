// The planner alone, on the real store in the real form of the log, without a log, a network or agents:
//   node test/bench/planner.ts [--tasks 100000] [--nodes 5000] [--services 1000] [--per-stack 10] [--placed] [--seconds 10] [--rate 1000] [--only starting,weight,failing,changes] [--format json]
// Places everything from nothing, plans changes of one service, takes in what agents say of tasks, and weighs a task.
// Figures are seconds of processor time of this process, the threads of its runtime included, so that others at work on the machine
// matter little; they are printed, never asserted.
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { present, type Task, TaskState } from '@tso/proto';
import { Fleet, processSeconds, type Report } from './planner-fleet.ts';

const text = (value: string) => ({ type: 'string', default: value }) as const;
const { values } = parseArgs({
  options: {
    tasks: text('100000'),
    nodes: text('5000'),
    services: text('1000'),
    'per-stack': text('10'),
    placed: { type: 'boolean', default: false },
    seconds: text('10'),
    rate: text('1000'),
    format: text('text'),
    only: text('starting,weight,failing,changes'),
  },
});
const size = {
  tasks: Number(values.tasks),
  nodes: Number(values.nodes),
  services: Number(values.services),
  servicesPerStack: Number(values['per-stack']),
  placed: values.placed,
};

const figures: { readonly what: string; readonly value: number; readonly unit: string; readonly goal?: string }[] = [];
const figure = (what: string, value: number, unit: string, goal = ''): void => {
  figures.push({ what, value, unit, ...(goal === '' ? {} : { goal }) });
  if (values.format !== 'json')
    console.log(`${what.padEnd(66)} ${value.toFixed(value < 100 ? 2 : 0).padStart(8)} ${unit.padEnd(4)} ${goal}`.trimEnd());
};

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const heapBytes = (): number => {
  gc();
  gc();
  return process.memoryUsage().heapUsed;
};

/** What this machine is worth now: a fixed piece of work of the same kind, to compare runs by when others are at work on it. */
const yardstick = (): void => {
  const began = processSeconds();
  const kept = new Map<string, { readonly at: number }>();
  for (let at = 0; at < 3_000_000; at += 1) kept.set(`key ${at % 200_000}`, { at });
  figure('yardstick: three million writes to a map of 200 000', processSeconds() - began, 's');
};

yardstick();
const fleet = new Fleet(size);
const { spent } = fleet;
const emptyBytes = heapBytes();
fleet.wish();

const fromNothing = (): void => {
  fleet.settle();
  figure(`${size.tasks} tasks on ${size.nodes} nodes from nothing: plans`, spent.planSeconds, 's', 'goal < 10 with the next line');
  figure('  of it written: encoded, decoded, applied', spent.writeSeconds, 's');
  figure('  how many plans', spent.plans, '');
  figure('  the longest plan, on the wall', spent.longestMs, 'ms');
  const placed = fleet.view.tasks().filter(({ nodeId }) => nodeId !== '').length;
  if (placed !== size.tasks)
    throw new Error(`${placed} of ${size.tasks} tasks are placed: ${fleet.view.tasks().find((one) => one.nodeId === '')?.pendingReason}`);
  const loads = fleet.view.nodes().map(({ id }) => fleet.view.tasksOfNode(id).length);
  figure('  tasks of the fullest and of the emptiest node', Math.max(...loads), '', `and ${Math.min(...loads)}`);
};

/** The first plan after each of these changes: what is to begin at once; the rest of an update follows by and by. */
const oneService = (what: string, change: (index: number) => void): void => {
  const times: number[] = [];
  for (let index = 0; index < 25; index += 1) {
    change((index * 37) % size.services);
    const began = processSeconds();
    const { actions } = fleet.plan();
    times.push((processSeconds() - began) * 1_000);
    if (actions.length === 0) throw new Error(`${what} changed nothing`);
    fleet.settle();
    fleet.now += 1_000;
  }
  times.sort((a, b) => a - b);
  figure(`${what}: the first plan and its writing, median of ${times.length}`, times[times.length >> 1] ?? 0, 'ms', 'goal < 20');
  figure('  the slowest', times.at(-1) ?? 0, 'ms');
};

const oneServiceChanges = (): void => {
  oneService('one service scaled by one', (index) => fleet.change(index, (spec) => ({ ...spec, replicas: spec.replicas + 1 })));
  oneService('one service with a label more', (index) =>
    fleet.change(index, (spec) => ({
      ...spec,
      task: { ...spec.task, container: { ...spec.task.container, labels: { x: String(fleet.now) } } },
    })),
  );
  oneService('one service with another image', (index) =>
    fleet.change(index, (spec) => ({ ...spec, task: { ...spec.task, container: { ...spec.task.container, image: `app:${fleet.now}` } } })),
  );
};

/** Statuses come in every 10 ms, as the manager gathers them, of tasks all over the fleet; after each a plan, until it is content. */
const statuses = (what: string, next: () => readonly Report[]): void => {
  const seconds = Number(values.seconds);
  const before = { plans: spent.plans, planning: spent.planSeconds, writing: spent.writeSeconds };
  const changes = { count: 0, seconds: 0 };
  for (let window = 0; window < seconds * 100; window += 1) {
    fleet.now += 10;
    const some = next();
    const began = processSeconds();
    if (some.length > 0) fleet.report(some);
    changes.seconds += processSeconds() - began;
    changes.count += some.length;
    fleet.settle();
  }
  const rate = changes.count / seconds;
  const own = spent.planSeconds + spent.writeSeconds - before.planning - before.writing;
  figure(`${what}, ${rate.toFixed(0)} a second: plans and their writing`, (100 * own) / seconds, '%', 'goal < 50 of one core');
  figure('  of it plans', (100 * (spent.planSeconds - before.planning)) / seconds, '%');
  figure('  plans a second', (spent.plans - before.plans) / seconds, '');
  figure('  the statuses themselves: encoded, decoded, applied', (100 * changes.seconds) / seconds, '%');
};

const perWindow = Math.round(Number(values.rate) / 100);

const steps = [TaskState.PREPARING, TaskState.READY, TaskState.STARTING, TaskState.RUNNING] as const;

const stride = 7_919;
let at = 0;
/** Those of all services by turns. */
const nextTask = (): Task | undefined => {
  const tasks = fleet.view.tasks();
  at += 1;
  return tasks[(at * stride) % tasks.length];
};

/** As they start: each task step by step, those of all services at the same time. */
const starting = (): void => {
  const ids = fleet.view.tasks().map(({ id }) => id);
  let turn = 0;
  statuses('tasks that start', () => {
    const some = Array.from({ length: perWindow }, (_, index) => ids[((turn + index) * stride) % ids.length] ?? '');
    const state = steps.find((one) => one > present(fleet.view.task(some[0] ?? ''), 'task').status.state) ?? TaskState.RUNNING;
    if (state === TaskState.RUNNING) turn += perWindow;
    return some.map(
      (id) => [present(fleet.view.task(id), id), { state, startedAtMs: state === TaskState.RUNNING ? fleet.now : 0 }] as const,
    );
  });
};

/** Of what is reported a tenth are failures, each of which begins anew elsewhere; the rest is said of tasks that run. */
const failing = (): void => {
  fleet.now += 60_000;
  fleet.settle();
  let window = 0;
  statuses('tasks of which a tenth fail and begin anew', () => {
    window += 1;
    const some = new Map(
      Array.from({ length: perWindow }, () => nextTask()).flatMap((task) => (task === undefined ? [] : [[task.id, task] as const])),
    );
    return [...some.values()].flatMap((task, index): readonly Report[] => {
      if (task.status.state === TaskState.ASSIGNED) return [[task, { state: TaskState.RUNNING, startedAtMs: fleet.now }]];
      if (task.status.state !== TaskState.RUNNING) return [];
      if (index === 0) return [[task, { state: TaskState.FAILED, exitCode: 1, finishedAtMs: fleet.now }]];
      return [[task, { state: TaskState.RUNNING, pid: 2 + (window % 30_000) }]];
    });
  });
};

const weight = (): void => {
  fleet.runAll();
  fleet.settle();
  const bytes = heapBytes() - emptyBytes;
  const count = fleet.view.tasks().length;
  figure('memory of a running task with its network and address', bytes / count / 1_024, 'KiB', 'goal < 4');
};

// Changes come last: of their updates only the beginning is looked at.
const parts = { starting, weight, failing, changes: oneServiceChanges };
fromNothing();
for (const [name, part] of Object.entries(parts)) {
  if (values.only.split(',').includes(name)) part();
  else if (name === 'weight') fleet.runAll();
}
if (values.format === 'json') console.log(JSON.stringify(figures));
