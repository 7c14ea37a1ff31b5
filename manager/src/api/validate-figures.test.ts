import { defaultUpdateConfig, emptyPort, NodeState, PublishMode, ServiceMode, type ServiceSpec, UpdateOrder } from '@tso/proto';
import test from 'ava';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { stackWarnings } from './stack-warnings.ts';
import { validateStack } from './validate.ts';

type Change = Parameters<typeof serviceSpec>[1];

const gib = 1024 ** 3;
const nothing = new World([]);
const problems = (change: Change, world = nothing): readonly string[] => {
  const problem = validateStack(world.tables, stackSpec('shop', [serviceSpec('web', change)]));
  if (problem === undefined) return [];
  const all = problem.details.problems;
  return (Array.isArray(all) ? all.map(String) : [problem.sentence]).map((text) => text.replace('service web: ', ''));
};
const reserves = (memoryBytes: number, nanoCpus = 0, generic: ServiceSpec['task']['generic'] = []): Change => ({
  task: { reservations: { memoryBytes, nanoCpus, pids: 0 }, generic },
});
const sized = (
  id: string,
  memory: number,
  cpus: number,
  generic: ServiceSpec['task']['generic'] = [],
  state: NodeState = NodeState.NODE_READY,
) => {
  const node = nodeNamed(id, { state });
  return {
    ...node,
    description: { ...node.description, resources: { memoryBytes: memory * gib, nanoCpus: cpus * 1e9, pids: 0 }, generic },
  };
};
const gpus = (count: number): ServiceSpec['task']['generic'] => [{ kind: 'gpu', count, ids: [] }];

test('a reservation that is larger than any node is refused with the largest one', (t) => {
  const world = new World([sized('small', 8, 4), sized('big', 16, 2, gpus(2))]);
  const first = (change: Change) => problems(change, world)[0]?.split('. Lower ')[0];
  t.is(first(reserves(32 * gib)), 'the reservation of 32 GiB of memory fits on no node: the largest node, big, has 16 GiB');
  t.is(first(reserves(0, 8e9)), 'the reservation of 8 CPUs fits on no node: the largest node, small, has 4 CPUs');
  t.is(first(reserves(0, 0, gpus(3))), 'the reservation of 3 gpu fits on no node: the largest node, big, has 2 gpu');
  t.is(first(reserves(0, 0, [{ kind: 'fpga', count: 1, ids: [] }])), 'the reservation of 1 fpga fits on no node: no node has any');
  t.is(
    first(reserves(12 * gib, 3e9)),
    'the reservation of 12 GiB and 3 CPUs together fits on no node: the largest node, small, has 8 GiB and 4 CPUs',
  );
  t.deepEqual(problems(reserves(16 * gib, 2e9, gpus(2)), world), []);
  const problem = validateStack(world.tables, stackSpec('shop', [serviceSpec('web', reserves(32 * gib))]));
  t.like(problem, { code: 'FAILED_PRECONDITION', details: { outcome: 'refused', node: 'big' } });
});

test('resources that have ids are as many as they are', (t) => {
  const world = new World([sized('a', 8, 4, [{ kind: 'ssd', count: 0, ids: ['x', 'y'] }])]);
  t.deepEqual(problems(reserves(0, 0, [{ kind: 'ssd', count: 2, ids: [] }]), world), []);
  t.is(
    problems(reserves(0, 0, [{ kind: 'ssd', count: 3, ids: [] }]), world)[0],
    'the reservation of 3 ssd fits on no node: the largest node, a, has 2 ssd. Lower deploy.resources.reservations.generic_resources, or let a larger node join first',
  );
});

test('a node that is down may come back with what it has, one that says nothing may have enough, and before any is ready nothing is known', (t) => {
  t.deepEqual(problems(reserves(32 * gib), new World([sized('a', 8, 4), sized('b', 64, 4, [], NodeState.NODE_DOWN)])), []);
  t.deepEqual(problems(reserves(32 * gib), new World([sized('a', 8, 4), sized('b', 0, 0)])), []);
  t.deepEqual(problems(reserves(32 * gib), new World([sized('a', 8, 4, [], NodeState.NODE_DOWN)])), []);
  t.deepEqual(problems(reserves(32 * gib), new World([])), []);
});

test('what was accepted while a larger node was there may be applied again, and is refused only once it asks for something else', (t) => {
  const world = new World([sized('small', 8, 4), sized('big', 64, 4)]);
  world.up(stackSpec('shop', [serviceSpec('web', reserves(32 * gib))]));
  world.commit([{ remove: { kind: 'node', id: 'big' } }]);
  t.deepEqual(problems({ ...reserves(32 * gib), labels: { a: 'b' } }, world), []);
  t.regex(problems(reserves(48 * gib), world)[0] ?? '', /^the reservation of 48 GiB of memory fits on no node/);
});

const update = (change: Partial<typeof defaultUpdateConfig>): Change => ({ update: { ...defaultUpdateConfig, ...change } });
const restart = (change: Partial<ServiceSpec['task']['restart']>): Change => {
  const { task } = serviceSpec('x');
  return { task: { restart: { ...task.restart, ...change } } };
};
const autoscale = (change: Partial<NonNullable<ServiceSpec['autoscale']>>, more: Change = {}): Change => ({
  ...more,
  autoscale: { min: 1, max: 4, cpuPercent: 70, memoryPercent: 0, coolDownMs: 1_000, ...change },
});
const schedule = (
  change: Partial<NonNullable<ServiceSpec['schedule']>>,
  mode: ServiceSpec['mode'] = ServiceMode.REPLICATED_JOB,
): Change => ({
  mode,
  schedule: { cron: '@hourly', timeZone: '', concurrency: 0, successfulHistory: 3, failedHistory: 1, startingDeadlineMs: 0, ...change },
});

const refused: readonly (readonly [expected: string, change: Change])[] = [
  ['update_config.parallelism cannot be -1', update({ parallelism: -1 })],
  ['update_config.parallelism cannot be NaN', update({ parallelism: Number.NaN })],
  ['update_config.parallelism cannot be 1.5', update({ parallelism: 1.5 })],
  ['update_config.max_failure_ratio must lie between 0 and 1', update({ maxFailureRatio: 1.1 })],
  ['update_config.max_failure_ratio must lie between 0 and 1', update({ maxFailureRatio: -0.1 })],
  ['update_config.max_failure_ratio must lie between 0 and 1', update({ maxFailureRatio: Number.NaN })],
  ['update_config has a negative duration', update({ monitorMs: -1 })],
  ['update_config has a negative duration', update({ delayMs: Number.NaN })],
  ['update_config has a negative duration', update({ progressDeadlineMs: -5 })],
  ['update_config.x-tso-pause-after cannot be -1', update({ pauseAfter: -1 })],
  ['rollback_config.parallelism cannot be -2', { rollback: { ...defaultUpdateConfig, parallelism: -2 } }],
  ['the restart policy has a negative duration', restart({ delayMs: -1 })],
  ['the restart policy has a negative duration', restart({ windowMs: Number.NaN })],
  ['-1 restart attempts cannot be', restart({ maxAttempts: -1 })],
  ['a reservation cannot be -1', reserves(-1)],
  ['a reservation cannot be NaN', reserves(0, Number.NaN)],
  ['a limit cannot be -5', { task: { limits: { memoryBytes: 0, nanoCpus: 0, pids: -5 } } }],
  ['-1 replicas cannot be', { replicas: -1 }],
  ['NaN replicas cannot be', { replicas: Number.NaN }],
  ['stop_grace_period is negative', { task: { container: { stopGracePeriodMs: -1 } } }],
  ['the bounds of its log cannot be negative', { task: { logMaxSizeBytes: -1 } }],
  ['of gpu a number above 0 is reserved, not 0', reserves(0, 0, gpus(0))],
  ['of gpu a number above 0 is reserved, not a', reserves(0, 0, [{ kind: 'gpu', count: 1, ids: ['a'] }])],
  ['gpu is reserved twice', reserves(0, 0, [...gpus(1), ...gpus(2)])],
  ['"g p u" cannot be the kind of a generic resource', reserves(0, 0, [{ kind: 'g p u', count: 1, ids: [] }])],
  ['x-tso-autoscale.max 1 is below min 2', autoscale({ min: 2, max: 1 })],
  ['x-tso-autoscale.min cannot be 0', autoscale({ min: 0 })],
  ['x-tso-autoscale.max: 20000 replicas are more than the 10000 a service may have', autoscale({ max: 20_000 })],
  ['x-tso-autoscale says neither cpu nor memory to go by', autoscale({ cpuPercent: 0 })],
  ['x-tso-autoscale.cpu cannot be -1 %', autoscale({ cpuPercent: -1 })],
  ['x-tso-autoscale.memory is a part of what a task has reserved, and it reserves nothing', autoscale({ memoryPercent: 80 })],
  ['x-tso-autoscale.cool_down is negative', autoscale({ coolDownMs: -1 })],
  ['only a replicated service can be autoscaled', autoscale({}, { mode: ServiceMode.GLOBAL })],
  ['only a replicated service can be autoscaled', autoscale({}, { mode: ServiceMode.REPLICATED_JOB })],
  ['container_name x cannot be given to several tasks', autoscale({}, { task: { container: { containerName: 'x' } } })],
  ['it is no job, and has no times to run at', schedule({}, ServiceMode.REPLICATED)],
  ['x-tso-schedule.successful_history cannot be 101', schedule({ successfulHistory: 101 })],
  ['x-tso-schedule.failed_history cannot be -1', schedule({ failedHistory: -1 })],
  ['x-tso-schedule.starting_deadline cannot be -1 ms', schedule({ startingDeadlineMs: -1 })],
];
for (const [at, [expected, change]] of refused.entries())
  test(`a figure that cannot be is refused by name: ${expected} (${at})`, (t) => {
    const [first = 'accepted'] = problems(change);
    t.true(first.startsWith(expected), first);
  });

test('a schedule that is none is refused with why', (t) => {
  t.regex(problems(schedule({ cron: '99 * * * *' }))[0] ?? '', /^x-tso-schedule: "99 \* \* \* \*" is no schedule: /);
  t.regex(problems(schedule({ timeZone: 'Europe/Nowhere' }))[0] ?? '', /^x-tso-schedule: .*Europe\/Nowhere/);
});

test('figures at their bounds are accepted', (t) => {
  const accepted: readonly Change[] = [
    update({ parallelism: 0, maxFailureRatio: 1, delayMs: 0, monitorMs: 0, progressDeadlineMs: 0, pauseAfter: 0 }),
    autoscale({ min: 1, max: 1, cpuPercent: 1 }),
    autoscale({ memoryPercent: 80, cpuPercent: 0 }, { task: { limits: { memoryBytes: gib, nanoCpus: 0, pids: 0 } } }),
    schedule({ successfulHistory: 0, failedHistory: 0 }, ServiceMode.GLOBAL_JOB),
    { priority: -5 },
    { replicas: 0 },
  ];
  for (const change of accepted) t.deepEqual(problems(change), []);
});

const warnings = (change: Change): readonly string[] =>
  stackWarnings({ services: [serviceSpec('web', change)] }).map((text) => text.replace('service web: ', ''));

test('a window that is not above the delay is told what it means here', (t) => {
  const [told = ''] = warnings(restart({ maxAttempts: 3, windowMs: 5_000, delayMs: 10_000 }));
  t.is(
    told,
    'restart_policy.window (5 s) is not above delay (10 s): attempts are counted anew once a task has run for 5 s, however long it waited before',
  );
  t.deepEqual(warnings(restart({ maxAttempts: 3, windowMs: 20_000, delayMs: 10_000 })), []);
  t.deepEqual(warnings(restart({ maxAttempts: 0, windowMs: 5_000, delayMs: 10_000 })), []);
  t.deepEqual(warnings(restart({ maxAttempts: 100 })), ['more than 99 restart attempts are not counted and mean no limit']);
});

test('start-first with a port of the host is told that one may have to go first', (t) => {
  const ports = [{ ...emptyPort, target: 80, published: 8080, mode: PublishMode.HOST }];
  const startFirst = { ...defaultUpdateConfig, order: UpdateOrder.START_FIRST };
  t.deepEqual(warnings({ ports, update: startFirst }), [
    'update_config.order is start-first, and port 8080/tcp of a host serves one task at a time: where no other node is free, the old one is stopped first',
  ]);
  t.regex(warnings({ ports, rollback: startFirst })[0] ?? '', /^rollback_config/);
  t.deepEqual(warnings({ ports }), []);
  t.deepEqual(warnings({ ports: [{ ...emptyPort, target: 80, published: 8080 }], update: startFirst }), []);
});

test('replicas outside the bounds of autoscaling, and a deadline within the time of watching, are told', (t) => {
  t.deepEqual(warnings({ ...autoscale({ min: 2, max: 4 }), replicas: 1 }), [
    'replicas 1 lies outside x-tso-autoscale (2 to 4): it begins with 2',
  ]);
  t.deepEqual(warnings({ ...autoscale({ min: 2, max: 4 }), replicas: 9 }), [
    'replicas 9 lies outside x-tso-autoscale (2 to 4): it begins with 4',
  ]);
  t.deepEqual(warnings(update({ progressDeadlineMs: 5_000, monitorMs: 5_000 })), [
    'update_config.x-tso-progress-deadline (5 s) is not above monitor (5 s)',
  ]);
});
