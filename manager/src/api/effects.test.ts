import { defaultUpdateConfig, ServiceMode, type ServiceSpec, ServiceVerb, TaskState, UpdateOrder } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';

type Change = Parameters<typeof serviceSpec>[1];

const nodes = () => [
  nodeNamed('a', { labels: { disk: 'ssd' } }),
  nodeNamed('b', { labels: { disk: 'hdd' } }),
  nodeNamed('c', { labels: { disk: 'ssd' } }),
];
const settled = (world: World): void => {
  for (let round = 0; round < 40; round += 1) {
    world.run();
    if (world.wakeAtMs === undefined || world.wakeAtMs > world.now + 600_000) return;
    world.sleep();
  }
};
const up = (world: World, ...services: readonly ServiceSpec[]) => {
  const { changes } = world.up(stackSpec('shop', services));
  return changes.map(({ name, action, effect }) => `${name} ${action}${effect === undefined ? '' : `: ${effect}`}`);
};
const running = (world: World): ReadonlySet<string> =>
  new Set(world.tables.tasks().flatMap(({ id, status }) => (status.state === TaskState.RUNNING ? [id] : [])));
const web = (change: Change = {}) => serviceSpec('web', change);
const image = (name: string): Change => ({ task: { container: { image: name } } });

test('what begins says how much of it', (t) => {
  const world = new World(nodes());
  const schedule = { cron: '@daily', timeZone: '', concurrency: 0, successfulHistory: 1, failedHistory: 1, startingDeadlineMs: 0 } as const;
  const placement = { constraints: ['node.labels.disk==ssd'], spreadOver: [], maxReplicasPerNode: 0 };
  t.deepEqual(
    up(
      world,
      serviceSpec('all', { mode: ServiceMode.GLOBAL }),
      serviceSpec('each', { mode: ServiceMode.GLOBAL_JOB, task: { placement } }),
      serviceSpec('job', { mode: ServiceMode.REPLICATED_JOB, job: { totalCompletions: 3, maxConcurrent: 1 } }),
      serviceSpec('nightly', { mode: ServiceMode.REPLICATED_JOB, schedule }),
      web({ replicas: 1 }),
    ),
    [
      'all create: starts a task on 3 nodes',
      'each create: runs once on 2 nodes of 3',
      'job create: runs 3 times',
      'nightly create: runs when it is due',
      'web create: starts 1 task',
    ],
  );
  settled(world);
  t.deepEqual(
    world.down('shop').changes.map(({ name, effect }) => `${name} ${effect}`),
    ['all stops 3 tasks', 'each stops 2 tasks', 'job stops 1 task', 'nightly nothing of it runs', 'web stops 1 task'],
  );
});

test('how tasks are replaced is told as the update has it', (t) => {
  const effect = (replicas: number, update: Partial<ServiceSpec['update']>) => {
    const world = new World(nodes());
    const config = { ...defaultUpdateConfig, ...update };
    up(world, web({ replicas, update: config }));
    settled(world);
    return up(world, web({ replicas, update: config, ...image('web:2') }))[0]?.replace('web update: ', '');
  };
  t.is(effect(1, {}), '1 task replaced, the old one stopped first');
  t.is(effect(3, { order: UpdateOrder.START_FIRST }), '3 tasks replaced, 1 at a time, the new one first');
  t.is(effect(3, { parallelism: 0 }), '3 tasks replaced, all at once, the old one stopped first');
  t.is(effect(3, { parallelism: 5 }), '3 tasks replaced, all at once, the old one stopped first');
  t.is(effect(5, { parallelism: 2, pauseAfter: 2 }), '5 tasks replaced, 2 at a time, the old one stopped first, standing still after 2');
});

test('who restarts with a service, or shares something with its tasks, is told too', (t) => {
  const world = new World(nodes());
  const dependsOn = [{ service: 'web', condition: 'service_started', required: true, restart: true }];
  const services = (name: string) => [
    web(image(name)),
    serviceSpec('other'),
    serviceSpec('proxy', { dependsOn }),
    serviceSpec('side', { task: { networkMode: 'service:web' } }),
  ];
  up(world, ...services('web:1'));
  settled(world);
  t.deepEqual(up(world, ...services('web:2')), [
    'web update: 1 task replaced, the old one stopped first; proxy, side restart with it',
    'other none',
    'proxy none',
    'side none',
  ]);
  const labelled = (label: string) => up(world, ...services('web:2').map((spec) => ({ ...spec, labels: { label } })))[0];
  t.is(labelled('while it goes on'), 'web update: no task restarts');
  settled(world);
  t.is(labelled('when it is over'), 'web update: no task restarts');
});

test('a job tells what becomes of what it is at, a scheduled one that it waits', (t) => {
  const world = new World(nodes());
  const job = (name: string, more: Change = {}) => serviceSpec('job', { mode: ServiceMode.REPLICATED_JOB, ...image(name), ...more });
  up(world, job('a'));
  world.run();
  t.deepEqual(up(world, job('b')), ['job update: runs anew, 1 time, and what is under way ends']);
  settled(world);
  world.complete('job.1');
  t.deepEqual(up(world, job('c')), ['job update: runs anew, 1 time']);
  t.deepEqual(up(world, job('c', { labels: { a: 'b' } })), ['job update: no task restarts']);
  const schedule = { cron: '@daily', timeZone: '', concurrency: 0, successfulHistory: 1, failedHistory: 1, startingDeadlineMs: 0 } as const;
  t.deepEqual(up(world, job('d', { schedule })), ['job update: no task starts before it is due']);
});

test('what failed for good is tried again when its file is applied again, and that is told', (t) => {
  const restart = { ...web().task.restart, maxAttempts: 1, delayMs: 0 };
  const world = new World(nodes());
  up(world, web({ task: { restart } }));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    world.run();
    world.fail('web.1');
    world.sleep();
  }
  t.deepEqual(up(world, web({ task: { restart } })), ['web update: tasks that failed are tried again']);
});

test('a service of another mode begins anew', (t) => {
  const world = new World(nodes());
  up(world, web({ replicas: 2 }));
  settled(world);
  t.deepEqual(up(world, web({ mode: ServiceMode.GLOBAL })), ['web update: stops 2 tasks, starts a task on 3 nodes']);
  settled(world);
  t.is(running(world).size, 3);
  t.deepEqual(up(world, web({ mode: ServiceMode.REPLICATED_JOB })), ['web update: stops 3 tasks, runs 1 time']);
});

/** What changes of a service; each task of it then is replaced, moved, or not. */
const changes = fc.record({
  image: fc.constantFrom('web:1', 'web:2'),
  replicas: fc.integer({ min: 0, max: 5 }),
  labels: fc.constantFrom({}, { team: 'a' }),
  parallelism: fc.integer({ min: 0, max: 3 }),
  order: fc.constantFrom(UpdateOrder.STOP_FIRST, UpdateOrder.START_FIRST),
  priority: fc.constantFrom(0, 5),
});

const specOf = ({
  image: name,
  replicas,
  labels,
  parallelism,
  order,
  priority,
}: typeof changes extends fc.Arbitrary<infer T> ? T : never): ServiceSpec =>
  web({ replicas, labels, priority, update: { ...defaultUpdateConfig, parallelism, order, monitorMs: 0 }, ...image(name) });

const figure = (effect: string, pattern: RegExp): number => Number(pattern.exec(effect)?.[1] ?? 0);

test('what is told of tasks is what becomes of them', (t) => {
  fc.assert(
    fc.property(changes, changes, fc.boolean(), (from, to, restarts) => {
      const world = new World(nodes());
      up(world, specOf(from));
      settled(world);
      const before = running(world);
      const [told] = restarts ? world.verb('shop', ServiceVerb.VERB_RESTART).changes : world.up(stackSpec('shop', [specOf(to)])).changes;
      settled(world);
      const after = running(world);
      const effect = told?.effect ?? '';
      const gone = [...before].filter((id) => !after.has(id)).length;
      const replaced = figure(effect, /(\d+) tasks? replaced/);
      const fewer = figure(effect, /(\d+) tasks? fewer/) + figure(effect, /stops (\d+) tasks?/);
      const more = figure(effect, /(\d+) tasks? more/);
      t.is(gone, replaced + fewer, `${effect}: of ${before.size} tasks ${gone} went`);
      t.is(after.size - before.size, more - fewer, effect);
    }),
    { numRuns: 60 },
  );
});
