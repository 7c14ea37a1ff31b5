import { NodeAvailability, NodeState, present, RestartCondition, ServiceMode, type ServiceSpec, TaskState, UpdateState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { stackView } from './api/stack-view.ts';
import { isDone } from './rules/jobs.ts';
import { isLive } from './rules/task-facts.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

const never = { condition: RestartCondition.RESTART_NONE, delayMs: 0, maxAttempts: 0, windowMs: 0 };
const onFailure = { condition: RestartCondition.RESTART_ON_FAILURE, delayMs: 1_000, maxAttempts: 2, windowMs: 0 };

const job = (totalCompletions: number, maxConcurrent = 0, change: Parameters<typeof serviceSpec>[1] = {}): ServiceSpec =>
  serviceSpec('job', { mode: ServiceMode.REPLICATED_JOB, replicas: 0, job: { totalCompletions, maxConcurrent }, ...change });
const everywhere = (image = 'job:1') => serviceSpec('job', { mode: ServiceMode.GLOBAL_JOB, replicas: 0, task: { container: { image } } });
const shop = (...services: ServiceSpec[]) => stackSpec('shop', services);
const live = (world: World) => world.lines().filter((line) => !/ (complete|shutdown|failed|rejected|orphaned) /.test(line));

const summary = (world: World, name = 'job') => {
  const view = stackView(world.tables, 'shop').services.find(({ service }) => service.spec.name === name);
  if (view === undefined) return 'gone';
  const reason = view.waitingReason === '' ? '' : `: ${view.waitingReason}`;
  return `${view.completed} of ${view.desired} done, ${view.running} running${view.converged ? ', converged' : ''}${view.failed ? ', failed' : ''}${reason}`;
};

test('a job has as many tasks as it has completions to do, and has converged once all of them completed', (t) => {
  const world = new World();
  world.up(shop(job(3)));
  world.run();
  t.is(summary(world), '0 of 3 done, 3 running');
  world.complete('job.2');
  t.is(summary(world), '1 of 3 done, 2 running');
  world.complete('job.1');
  world.complete('job.3');
  t.is(summary(world), '3 of 3 done, 0 running, converged');
  t.is(world.settle(), 0);
  t.deepEqual(world.lines(), ['job.1 complete on alpha', 'job.2 complete on alpha', 'job.3 complete on alpha']);
});

test('no more tasks of a job go on at once than it allows', (t) => {
  const world = new World();
  world.up(shop(job(5, 2)));
  world.run();
  t.deepEqual(world.lines(), ['job.1 running on alpha', 'job.2 running on alpha']);
  world.complete('job.1');
  t.deepEqual(live(world), ['job.2 running on alpha', 'job.3 assigned on alpha']);
  for (const name of ['job.2', 'job.3', 'job.4', 'job.5']) {
    world.run();
    world.complete(name);
  }
  t.is(summary(world), '5 of 5 done, 0 running, converged');
});

test('a job of no completions is done as it is', (t) => {
  const world = new World();
  world.up(shop(job(0)));
  t.is(summary(world), '0 of 0 done, 0 running, converged');
});

test('what a job failed at is tried again after the delay, as often as its policy says, and then has failed for good', (t) => {
  const world = new World();
  world.up(shop(job(2, 0, { task: { restart: onFailure } })));
  world.run();
  world.complete('job.1');
  for (let attempt = 0; attempt < 3; attempt += 1) {
    world.run();
    world.fail('job.2', 'exit code 7');
    if (attempt === 0) t.is(live(world)[0], 'job.2 new: starts again 1 s after it ended (attempt 2): exit code 7');
    world.sleep();
  }
  t.is(summary(world), '1 of 2 done, 0 running, failed: job.2 failed and its 2 restart attempts are used up: exit code 7');
  t.is(world.wakeAtMs, undefined);
});

test('what a job completed is not done again, though its policy says any', (t) => {
  const world = new World();
  world.up(shop(job(1)));
  world.run();
  world.complete('job.1');
  t.is(world.wakeAtMs, undefined);
  t.deepEqual(world.lines(), ['job.1 complete on alpha']);
  t.deepEqual(
    world.up(shop(job(1))).changes.map(({ action }) => action),
    ['none'],
  );
  t.deepEqual(world.lines(), ['job.1 complete on alpha']);
});

test('a job that gave up does, applied again, only what is still to be done', (t) => {
  const world = new World();
  world.up(shop(job(2, 0, { task: { restart: never } })));
  world.run();
  world.complete('job.1');
  world.fail('job.2', 'exit code 7');
  t.is(summary(world), '1 of 2 done, 0 running, failed: job.2 failed and its restart policy is "none": exit code 7');
  world.up(shop(job(2, 0, { task: { restart: never } })));
  world.run();
  t.deepEqual(live(world), ['job.2 running on alpha']);
  world.complete('job.2');
  t.is(summary(world), '2 of 2 done, 0 running, converged');
  t.is(world.tables.services()[0]?.jobIteration, 0);
});

test('a changed job runs anew: what goes on is stopped, and its place does nothing twice at once', (t) => {
  const world = new World();
  world.up(shop(job(2)));
  world.run();
  world.complete('job.1');
  world.up(shop(job(2, 0, { task: { container: { image: 'job:2' } } })));
  t.deepEqual(world.lines(), [
    'job.1 assigned on alpha',
    'job.1 complete on alpha, wished shutdown',
    'job.2 assigned on alpha, wished ready',
    'job.2 running on alpha, wished shutdown',
  ]);
  t.is(summary(world), '0 of 2 done, 0 running');
  world.run();
  t.deepEqual(live(world), ['job.1 running on alpha', 'job.2 running on alpha']);
  t.is(world.tables.services()[0]?.update?.state, UpdateState.UPDATING);
  world.complete('job.1');
  world.complete('job.2');
  t.is(summary(world), '2 of 2 done, 0 running, converged');
  t.is(world.tables.services()[0]?.update?.state, UpdateState.UPDATE_COMPLETED);
  t.is(world.tables.services()[0]?.jobIteration, 1);
});

test('what a task does not feel changes nothing of a job', (t) => {
  const world = new World();
  world.up(shop(job(1)));
  world.run();
  world.complete('job.1');
  world.up(shop(job(1, 0, { labels: { a: 'b' }, task: { restart: onFailure } })));
  t.is(summary(world), '1 of 1 done, 0 running, converged');
});

test('a job that is scaled does what is missing, and forgets what is too much, but not what is done', (t) => {
  const world = new World();
  world.up(shop(job(2, 2)));
  world.run();
  world.complete('job.1');
  world.complete('job.2');
  world.scale('shop', 'job', 4);
  world.run();
  t.deepEqual(live(world), ['job.3 running on alpha', 'job.4 running on alpha']);
  world.complete('job.4');
  world.scale('shop', 'job', 3);
  world.run();
  t.deepEqual(world.lines(), ['job.1 complete on alpha', 'job.2 complete on alpha', 'job.4 complete on alpha']);
  t.is(summary(world), '3 of 3 done, 0 running, converged');
  t.deepEqual(world.tables.stackByName('shop')?.spec.services[0]?.job, { totalCompletions: 3, maxConcurrent: 3 });
});

test('a task of a job whose node is drained or lost is run elsewhere; what is done there stays done', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  world.up(shop(job(4)));
  world.run();
  const onBeta = world.tables.tasksOfNode('beta').map(({ slot }) => `job.${slot}`);
  world.complete(onBeta[0] ?? '');
  world.changeNode('beta', { state: NodeState.NODE_DOWN });
  world.run();
  t.is(summary(world), '1 of 4 done, 3 running');
  t.true(live(world).every((line) => line.includes('on alpha')));
});

test('a job on every node runs once on each that fits, also on one that comes later, and not again on one that comes back', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  world.up(shop(everywhere()));
  world.run();
  t.deepEqual(world.lines().toSorted(), ['job running on alpha', 'job running on beta']);
  for (const task of world.tables.tasks()) world.report(task, { state: TaskState.COMPLETE, exitCode: 0 });
  t.is(summary(world), '2 of 2 done, 0 running, converged');
  world.changeNode('beta', { availability: NodeAvailability.DRAIN });
  t.is(summary(world), '2 of 2 done, 0 running, converged');
  world.changeNode('beta', { availability: NodeAvailability.ACTIVE });
  world.run();
  t.is(summary(world), '2 of 2 done, 0 running, converged');
  world.commit([{ putNode: nodeNamed('gamma') }]);
  world.settle();
  world.run();
  t.is(summary(world), '2 of 3 done, 1 running');
  world.up(shop(everywhere('job:2')));
  world.run();
  t.deepEqual(live(world).toSorted(), ['job running on alpha', 'job running on beta', 'job running on gamma']);
});

test('a service that becomes a job, or no longer is one, begins anew', (t) => {
  const world = new World();
  world.up(shop(serviceSpec('job')));
  world.run();
  world.up(shop(job(1)));
  world.run();
  t.deepEqual(live(world), ['job.1 running on alpha']);
  world.complete('job.1');
  t.is(summary(world), '1 of 1 done, 0 running, converged');
  world.up(shop(serviceSpec('job')));
  world.run();
  t.deepEqual(live(world), ['job.1 running on alpha']);
});

test('a service that becomes a job while its tasks are to be spread anew is not waited for to be spread', (t) => {
  const world = new World();
  world.up(shop(serviceSpec('job')));
  world.run();
  const service = present(world.tables.services()[0], 'job');
  world.commit([{ putService: { ...service, rebalance: service.rebalanced + 1 } }]);
  world.up(shop(job(1)));
  t.is(world.tables.services()[0]?.rebalance, service.rebalanced + 1);
  world.run();
  world.complete('job.1');
  t.is(summary(world), '1 of 1 done, 0 running, converged');
});

test('a number of completions is nothing that a job on every node has', (t) => {
  const world = new World();
  world.up(shop(everywhere()));
  t.throws(() => world.scale('shop', 'job', 2), {
    message: 'service job is global: it runs once on every node and has no number of completions',
  });
});

const step = fc.oneof(
  fc.record({ does: fc.constant('up' as const), total: fc.nat(5), most: fc.nat(3), image: fc.constantFrom('job:1', 'job:2') }),
  fc.record({ does: fc.constantFrom('agents' as const, 'run' as const, 'wait' as const) }),
  fc.record({ does: fc.constant('end' as const), state: fc.constantFrom(TaskState.FAILED, TaskState.COMPLETE), pick: fc.nat(10) }),
  fc.record({ does: fc.constant('node' as const), availability: fc.constantFrom(NodeAvailability.ACTIVE, NodeAvailability.DRAIN) }),
);

/** Throws when a slot does its work twice, at once or in one iteration, or more go on than may. */
class Watcher {
  #done = new Map<string, string>();
  #going = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** After another wish what is done may be forgotten. */
  begin(): void {
    this.#done = new Map();
  }

  look(): void {
    const [service] = this.#world.tables.services();
    if (service === undefined) return;
    const tasks = this.#world.tables.tasks();
    const going = tasks.filter((task) => isLive(task) && task.desiredState === TaskState.RUNNING);
    const most = service.spec.job?.maxConcurrent ?? 0;
    const isTwice = new Set(going.map(({ slot }) => slot)).size < going.length;
    const isTooMuch = most > 0 && going.length > most && going.length > this.#going;
    this.#going = going.length;
    if (isTwice || isTooMuch) throw new Error(`${isTwice ? 'a slot twice' : 'too many'}:\n${this.#world.lines().join('\n')}`);
    for (const task of tasks.filter((each) => isDone(service, each))) {
      const other = this.#done.get(`${service.jobIteration} ${task.slot}`) ?? task.id;
      if (other !== task.id) throw new Error(`slot ${task.slot} was done again:\n${this.#world.lines().join('\n')}`);
      this.#done.set(`${service.jobIteration} ${task.slot}`, task.id);
    }
  }
}

/** Lets everything go well until nothing is left to do. */
const finish = (world: World, watcher: Watcher): void => {
  for (let round = 0; round < 40; round += 1) {
    world.run();
    world.advance(60_000);
    const running = world.tables.tasks().find((task) => task.status.state === TaskState.RUNNING);
    if (running !== undefined) world.report(running, { state: TaskState.COMPLETE, exitCode: 0 });
    watcher.look();
  }
};

test('whatever happens, no slot of a job is done twice in one iteration, no more go on than may, and it comes to its end', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
      const watcher = new Watcher(world);
      world.up(shop(job(3, 2)));
      for (const each of steps) {
        if (each.does === 'up') {
          world.up(shop(job(each.total, each.most, { task: { container: { image: each.image } } })));
          watcher.begin();
        } else if (each.does === 'agents') world.agentsStep();
        else if (each.does === 'run') world.run();
        else if (each.does === 'wait') world.advance(10_000);
        else if (each.does === 'node') world.changeNode('beta', { availability: each.availability });
        else if (each.does === 'end') {
          const running = world.tables.tasks().filter(({ status }) => status.state === TaskState.RUNNING);
          const task = running[each.pick % Math.max(1, running.length)];
          if (task !== undefined) world.report(task, { state: each.state, error: '' });
        }
        watcher.look();
      }
      finish(world, watcher);
      if (!summary(world).includes('converged')) throw new Error(`${summary(world)}\n${world.lines().join('\n')}`);
    }),
    { numRuns: 60, includeErrorInReport: true },
  );
  t.pass();
});

test('what a job did on a node that is drained is not done again when the same file is applied and the node is back', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  const spec = shop({ ...everywhere(), task: { ...everywhere().task, restart: { ...never, maxAttempts: 1 } } });
  world.up(spec);
  world.run();
  const on = (node: string) => world.tables.tasks().find(({ nodeId }) => nodeId === node);
  const [first, other] = [on('alpha'), on('beta')];
  if (first === undefined || other === undefined) throw new Error('each node has a task');
  world.report(first, { state: TaskState.COMPLETE, exitCode: 0 });
  world.report(other, { state: TaskState.FAILED, exitCode: 1, error: 'no' });
  world.changeNode('alpha', { availability: NodeAvailability.DRAIN });
  world.up(spec);
  world.changeNode('alpha', { availability: NodeAvailability.ACTIVE });
  world.run();
  t.deepEqual(
    world.tables.tasks().flatMap(({ nodeId, id }) => (nodeId === 'alpha' ? [id] : [])),
    [first.id],
  );
});
