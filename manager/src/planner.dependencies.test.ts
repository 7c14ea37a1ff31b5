import {
  type DependsOn,
  HealthState,
  NodeState,
  RestartCondition,
  ServiceMode,
  type ServiceSpec,
  TaskState,
  UpdateFailureAction,
  UpdateOrder,
} from '@tso/proto';
import test from 'ava';
import { stackView } from './api/stack-view.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

type Change = Partial<Omit<ServiceSpec, 'task'>> & { readonly image?: string; readonly restart?: ServiceSpec['task']['restart'] };

const on = (service: string, condition: DependsOn['condition'], change: Partial<DependsOn> = {}): DependsOn => ({
  service,
  condition: `service_${condition}`,
  required: true,
  restart: false,
  ...change,
});
const never = { condition: RestartCondition.RESTART_NONE, delayMs: 0, maxAttempts: 0, windowMs: 0 };
const make = (name: string, { image = `${name}:1`, restart, ...change }: Change = {}) =>
  serviceSpec(name, { ...change, task: { container: { image }, ...(restart === undefined ? {} : { restart }) } });
const shop = (...services: readonly ServiceSpec[]) => stackSpec('shop', services);

const line = (world: World, name: string): string => world.lines().find((each) => each.startsWith(`${name} `)) ?? 'none';
const linesOf = (world: World, name: string): readonly string[] => world.lines().filter((each) => each.startsWith(`${name}.`));
const said = (world: World, name: string) => {
  const view = stackView(world.tables, 'shop').services.find(({ service }) => service.spec.name === name);
  if (view === undefined) return 'gone';
  return `${view.converged ? 'converged' : 'not there'}${view.failed ? ', failed' : ''}${view.waitingReason === '' ? '' : `: ${view.waitingReason}`}`;
};

test('a chain is started link by link, each saying what it waits for', (t) => {
  const world = new World();
  world.up(
    shop(
      make('db'),
      make('api', { dependsOn: [on('db', 'healthy')] }),
      make('web', { dependsOn: [on('api', 'started'), on('db', 'healthy')] }),
    ),
  );
  t.is(line(world, 'api.1'), 'api.1 new: waits for db to be healthy');
  t.is(line(world, 'web.1'), 'web.1 new: waits for api to start; waits for db to be healthy');
  world.report(world.task('db.1'), { state: TaskState.RUNNING, health: HealthState.HEALTHY });
  t.is(line(world, 'api.1'), 'api.1 assigned on alpha');
  t.is(line(world, 'web.1'), 'web.1 new: waits for api to start');
  world.run();
  t.is(line(world, 'web.1'), 'web.1 running on alpha');
});

test('a service waits for a job to be done as a whole', (t) => {
  const world = new World();
  const migrate = make('migrate', { mode: ServiceMode.REPLICATED_JOB, replicas: 0, job: { totalCompletions: 2, maxConcurrent: 1 } });
  world.up(shop(migrate, make('web', { dependsOn: [on('migrate', 'completed_successfully')] })));
  world.run();
  world.complete('migrate.1');
  t.is(line(world, 'web.1'), 'web.1 new: waits for migrate to complete');
  world.run();
  world.complete('migrate.2');
  t.is(line(world, 'web.1'), 'web.1 assigned on alpha');
});

test('what can never come to be fails whoever waits for it with a sentence, unless that can do without', (t) => {
  const migrate = make('migrate', {
    mode: ServiceMode.REPLICATED_JOB,
    replicas: 0,
    job: { totalCompletions: 1, maxConcurrent: 0 },
    restart: never,
  });
  const world = new World();
  world.up(
    shop(
      migrate,
      make('api', { dependsOn: [on('migrate', 'completed_successfully', { required: false })] }),
      make('web', { dependsOn: [on('migrate', 'completed_successfully')] }),
    ),
  );
  t.is(line(world, 'api.1'), 'api.1 new: waits for migrate to complete');
  world.run();
  world.fail('migrate.1', 'exit code 3');
  const why = 'migrate.1 failed and its restart policy is "none": exit code 3';
  t.is(line(world, 'web.1'), `web.1 new: waits for migrate to complete, but ${why}`);
  t.is(said(world, 'web'), `not there, failed: it depends on migrate: ${why}`);
  t.is(line(world, 'api.1'), 'api.1 assigned on alpha');
  world.up(
    shop(
      migrate,
      make('api', { dependsOn: [on('migrate', 'completed_successfully', { required: false })] }),
      make('web', { dependsOn: [on('migrate', 'completed_successfully')] }),
    ),
  );
  world.run();
  world.complete('migrate.1');
  world.run();
  t.is(line(world, 'web.1'), 'web.1 running on alpha');
});

test('what has completed never becomes healthy, and says so', (t) => {
  const world = new World();
  world.up(shop(make('seed', { restart: never }), make('web', { dependsOn: [on('seed', 'healthy')] })));
  world.report(world.task('seed.1'), { state: TaskState.RUNNING, health: HealthState.HEALTH_STARTING });
  world.complete('seed.1');
  t.is(
    said(world, 'web'),
    'not there, failed: it depends on seed: it has completed and serves nobody any more; wait for service_completed_successfully instead',
  );
});

test('a dependency that is not there is done without, and one that is wished to have no task is not waited for', (t) => {
  const world = new World();
  world.up(
    shop(make('db', { replicas: 0 }), make('web', { dependsOn: [on('db', 'healthy'), on('cache', 'healthy', { required: false })] })),
  );
  t.is(line(world, 'web.1'), 'web.1 assigned on alpha');
});

test('services that are scaled up from nothing are started in order again', (t) => {
  const world = new World();
  const web = make('web', { dependsOn: [on('db', 'healthy')] });
  world.up(shop(make('db'), web));
  world.run();
  world.scale('shop', 'web', 0);
  world.scale('shop', 'db', 0);
  world.run();
  t.deepEqual(world.lines(), []);
  world.up(shop(make('db'), web));
  t.deepEqual(world.lines(), ['db.1 assigned on alpha', 'web.1 new: waits for db to be healthy']);
});

test('of services that change together those that depend on others come after them, and say so', (t) => {
  const world = new World();
  const both = (version: number) =>
    shop(make('db', { image: `db:${version}` }), make('web', { image: `web:${version}`, dependsOn: [on('db', 'healthy')] }));
  world.up(both(1));
  world.run();
  world.up(both(2));
  t.deepEqual(linesOf(world, 'web'), ['web.1 running on alpha']);
  t.is(said(world, 'web'), 'not there: waits for db to be healthy');
  world.agentsStep();
  world.agentsStep();
  t.is(line(world, 'db.1'), 'db.1 running on alpha');
  t.is(line(world, 'web.1'), 'web.1 assigned on alpha, wished ready');
  world.run();
  t.is(said(world, 'web'), 'converged');
  t.is(world.task('web.1').spec.container.image, 'web:2');
});

test('what had no room, and now waits for another one, takes nobody’s place before its turn has come', (t) => {
  const arm = { os: 'linux', architecture: 'arm64', variant: '' };
  const web = (image: string, platform: string) =>
    serviceSpec('web', { dependsOn: [on('db', 'healthy')], task: { container: { image, platform } } });
  const world = new World();
  world.up(shop(make('db'), web('web:1', '')));
  world.run();
  const before = world.task('web.1').id;
  world.up(shop(make('db'), web('web:2', 'linux/arm64')));
  t.is(linesOf(world, 'web')[0], 'web.1 allocated, wished ready: no node fits (1 is not linux/arm64)');
  world.up(shop(make('db', { image: 'db:2' }), web('web:2', 'linux/arm64')));
  t.is(linesOf(world, 'web')[0], 'web.1 allocated, wished ready: waits for db to be healthy');
  const beta = nodeNamed('beta');
  world.commit([{ putNode: { ...beta, description: { ...beta.description, platform: arm } } }]);
  world.settle();
  t.is(world.tables.task(before)?.desiredState, TaskState.RUNNING);
  world.run();
  t.is(world.task('web.1').spec.container.image, 'web:2');
  t.is(said(world, 'web'), 'converged');
});

test('a migration that changes runs before the services that wait for it are replaced, and keeps them as they are when it fails', (t) => {
  const migrate = (version: number) => make('migrate', { image: `app:${version}`, restart: never });
  const web = (version: number) => make('web', { image: `app:${version}`, dependsOn: [on('migrate', 'completed_successfully')] });
  const world = new World();
  world.up(shop(migrate(1), web(1)));
  world.run();
  world.complete('migrate.1');
  world.run();
  const before = world.task('web.1').id;
  world.up(shop(migrate(2), web(2)));
  world.run();
  t.is(world.task('web.1').id, before);
  world.fail('migrate.1', 'exit code 1');
  t.is(world.task('web.1').id, before);
  t.regex(said(world, 'web'), /^not there, failed: it depends on migrate: /);
  world.up(shop(migrate(3), web(3)));
  world.run();
  world.complete('migrate.1');
  world.run();
  t.is(said(world, 'web'), 'converged');
  t.is(world.task('web.1').spec.container.image, 'app:3');
});

test('a service is changed although one that it depends on, and that does not change, is down', (t) => {
  const world = new World();
  const web = (image: string) => make('web', { image, dependsOn: [on('db', 'healthy')] });
  world.up(shop(make('db'), web('web:1')));
  world.run();
  world.fail('db.1');
  world.up(shop(make('db'), web('web:2')));
  world.run();
  t.is(world.task('web.1').spec.container.image, 'web:2');
});

test('with restart: true a service is restarted once what it depends on was replaced, others are not', (t) => {
  const world = new World();
  const services = (image: string) => [
    make('db', { image }),
    make('web', { dependsOn: [on('db', 'healthy', { restart: true })] }),
    make('api', { dependsOn: [on('db', 'healthy')] }),
  ];
  world.up(shop(...services('db:1')));
  world.run();
  const [web, api] = [world.task('web.1').id, world.task('api.1').id];
  world.up(shop(...services('db:2')));
  t.is(said(world, 'db'), 'not there');
  t.is(world.task('web.1').id, web, 'not before the other one is there');
  world.agentsStep();
  t.is(world.task('web.1').id, web);
  world.agentsStep();
  t.not(world.task('web.1').id, web);
  t.is(said(world, 'web'), 'not there');
  world.run();
  t.is(said(world, 'web'), 'converged');
  t.is(world.task('api.1').id, api);
  const restarted = world.task('web.1').id;
  world.advance(60_000);
  world.run();
  t.is(world.task('web.1').id, restarted, 'once');
  t.is(world.settle(), 0);
});

test('what ended by itself restarts nobody', (t) => {
  const world = new World();
  world.up(shop(make('db'), make('web', { dependsOn: [on('db', 'healthy', { restart: true })] })));
  world.run();
  const web = world.task('web.1').id;
  world.fail('db.1');
  world.sleep();
  world.run();
  t.is(world.task('web.1').id, web);
});

test('a restart goes on to those who are to be restarted in turn, each as its own updates go', (t) => {
  const world = new World();
  const services = (image: string) => [
    make('db', { image }),
    make('api', { replicas: 3, dependsOn: [on('db', 'started', { restart: true })] }),
    make('web', { dependsOn: [on('api', 'started', { restart: true })] }),
  ];
  world.up(shop(...services('db:1')));
  world.run();
  const before = new Set(world.tables.tasks().map(({ id }) => id));
  world.up(shop(...services('db:2')));
  let together = 0;
  for (let round = 0; world.agentsStep(); round += 1) {
    const stopping = world.tables
      .tasks()
      .filter(({ desiredState, status }) => desiredState === TaskState.SHUTDOWN && status.state === TaskState.RUNNING);
    together = Math.max(together, stopping.length);
    if (round > 100) break;
  }
  t.is(together, 1, 'one after the other');
  world.run();
  t.true(world.tables.tasks().every(({ id, status }) => status.state !== TaskState.RUNNING || !before.has(id)));
  t.deepEqual(
    ['db', 'api', 'web'].map((name) => said(world, name)),
    ['converged', 'converged', 'converged'],
  );
});

test('a job that runs anew restarts those that are to be restarted after it', (t) => {
  const world = new World();
  const services = (image: string) => [
    make('seed', { image, mode: ServiceMode.REPLICATED_JOB, replicas: 0, job: { totalCompletions: 1, maxConcurrent: 0 } }),
    make('web', { dependsOn: [on('seed', 'completed_successfully', { restart: true })] }),
  ];
  world.up(shop(...services('seed:1')));
  world.run();
  world.complete('seed.1');
  world.run();
  const before = world.task('web.1').id;
  world.up(shop(...services('seed:2')));
  world.run();
  t.is(world.task('web.1').id, before);
  world.complete('seed.1');
  t.not(world.task('web.1').id, before);
});

test('start-first restarts go beside as well, once the other one is there', (t) => {
  const world = new World();
  const update = { ...serviceSpec('web').update, order: UpdateOrder.START_FIRST };
  const services = (image: string) => [
    make('db', { image, update }),
    make('web', { update, dependsOn: [on('db', 'started', { restart: true })] }),
  ];
  world.up(shop(...services('db:1')));
  world.run();
  world.up(shop(...services('db:2')));
  world.run();
  t.is(linesOf(world, 'web').filter((each) => each === 'web.1 running on alpha').length, 1);
  t.is(said(world, 'web'), 'converged');
});

test('a stack goes down in the order opposite to that in which it came, whatever the nodes', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  world.up(
    shop(make('db'), make('api', { dependsOn: [on('db', 'started')] }), make('web', { replicas: 2, dependsOn: [on('api', 'started')] })),
  );
  world.run();
  world.down('shop');
  const wished = () =>
    world.tables
      .tasks()
      .map(({ serviceName, slot, desiredState }) => `${serviceName}.${slot} ${desiredState === TaskState.RUNNING ? 'runs' : 'stops'}`)
      .toSorted();
  t.deepEqual(wished(), ['api.1 runs', 'db.1 runs', 'web.1 stops', 'web.2 stops']);
  t.is(said(world, 'db'), 'not there: waits for api to end, which depends on it');
  world.report(world.tables.tasks().find(({ serviceName, slot }) => serviceName === 'web' && slot === 1) ?? world.task('none'), {
    state: TaskState.SHUTDOWN,
  });
  t.deepEqual(wished(), ['api.1 runs', 'db.1 runs', 'web.2 stops']);
  world.agentsStep();
  t.deepEqual(wished(), ['api.1 stops', 'db.1 runs']);
  world.agentsStep();
  t.deepEqual(wished(), ['db.1 stops']);
  world.run();
  t.deepEqual([world.tables.tasks().length, world.tables.services().length, world.tables.stacks().length], [0, 0, 0]);
});

test('services that the file no longer has go down in order, those that stay are not waited for', (t) => {
  const world = new World();
  const keep = make('keep', { dependsOn: [on('db', 'started', { required: false })] });
  world.up(shop(make('db'), make('web', { dependsOn: [on('db', 'started')] }), keep));
  world.run();
  world.up(shop(keep), { removeOrphans: true });
  t.is(world.tables.tasks().find(({ serviceName }) => serviceName === 'db')?.desiredState, TaskState.RUNNING);
  world.agentsStep();
  t.is(world.tables.tasks().find(({ serviceName }) => serviceName === 'db')?.desiredState, TaskState.REMOVE);
  world.run();
  t.deepEqual(world.lines(), ['keep.1 running on alpha']);
});

test('a task that nobody hears of any more holds up the way down only until its node is down', (t) => {
  const world = new World([nodeNamed('alpha')]);
  world.up(shop(make('db'), make('web', { dependsOn: [on('db', 'started')] })));
  world.run();
  world.down('shop');
  world.changeNode('alpha', { state: NodeState.NODE_DOWN });
  t.deepEqual(world.lines(), []);
  t.is(world.tables.services().length, 0);
});

test('what depends on a service that failed and went back to what it was is not changed without it', (t) => {
  const update = { ...serviceSpec('db').update, failureAction: UpdateFailureAction.FAILURE_ROLLBACK };
  const both = (version: number) =>
    shop(
      make('db', { image: `db:${version}`, update }),
      make('web', { image: `web:${version}`, dependsOn: [on('db', 'healthy', { restart: true })] }),
    );
  const world = new World();
  world.up(both(1));
  world.run();
  const before = world.task('web.1').id;
  world.up(both(2));
  world.reject('db.1', 'image db:2 could not be pulled');
  world.run();
  world.advance(60_000);
  world.run();
  t.is(world.task('db.1').spec.container.image, 'db:1');
  t.is(world.task('web.1').id, before);
  t.regex(said(world, 'web'), /^not there, failed: it depends on db: /);
  world.up(both(1));
  world.run();
  t.deepEqual(
    ['db', 'web'].map((name) => said(world, name)),
    ['converged', 'converged'],
  );
});
