import { defaultUpdateConfig, NodeState, TaskState, TsoError, UpdateFailureAction, UpdateState } from '@tso/proto';
import test from 'ava';
import { stackView } from './api/stack-view.ts';
import { goBack } from './rules/rollback.ts';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

type Spec = Parameters<typeof serviceSpec>[1];

const rollback = { ...defaultUpdateConfig, failureAction: UpdateFailureAction.FAILURE_ROLLBACK };
const web = (image: string, change: Spec = {}) =>
  stackSpec('shop', [serviceSpec('web', { replicas: 3, update: rollback, task: { container: { image } }, ...change })]);

const begun = (change: Spec = {}): World => {
  const world = new World();
  world.up(web('web:1', change));
  world.run();
  return world;
};
const service = (world: World) => {
  const [only] = world.tables.services();
  if (only === undefined) throw new Error('there is no service');
  return only;
};
const view = (world: World) => {
  const [only] = stackView(world.tables, 'shop').services;
  if (only === undefined) throw new Error('there is no service');
  return only;
};
const pass = (world: World, ms: number): void => {
  world.now += ms;
  world.settle();
};
const images = (world: World): readonly string[] =>
  world.tables
    .tasks()
    .filter(({ status }) => status.state === TaskState.RUNNING)
    .map(({ spec }) => spec.container.image);
const why = 'web.1 failed: image web:2 could not be pulled';

test('a failed update goes back by itself, and what was not replaced yet is left as it runs', (t) => {
  const world = begun();
  const before = new Map(world.tables.tasks().map(({ id, slot }) => [slot, id]));
  world.up(web('web:2'));
  world.reject('web.1', 'image web:2 could not be pulled');
  t.is(service(world).update?.state, UpdateState.ROLLBACK_STARTED);
  t.is(service(world).update?.message, `the update failed in 1 of 3 places, and the service goes back to what it was: ${why}`);
  world.run();
  t.deepEqual(images(world), ['web:1', 'web:1', 'web:1']);
  for (const slot of [2, 3]) t.is(world.task(`web.${slot}`).id, before.get(slot) ?? '');
  pass(world, defaultUpdateConfig.monitorMs);
  t.is(service(world).update?.state, UpdateState.ROLLBACK_COMPLETED);
  t.is(service(world).previousSpec, undefined, 'there is nothing to go back to from here');
});

test('who waits for the update hears that it failed, though all tasks run', (t) => {
  const world = begun();
  world.up(web('web:2'));
  world.reject('web.1', 'image web:2 could not be pulled');
  world.run();
  pass(world, defaultUpdateConfig.monitorMs);
  t.true(view(world).failed);
  t.false(view(world).converged);
  t.is(view(world).waitingReason, `the update failed in 1 of 3 places, and the service goes back to what it was: ${why}`);
});

test('the same file begins the update again, and the former one is content with what runs', (t) => {
  const world = begun();
  world.up(web('web:2'));
  world.reject('web.1', 'image web:2 could not be pulled');
  world.run();
  pass(world, defaultUpdateConfig.monitorMs);
  const ids = world.tables.tasks().map(({ id }) => id);
  t.is(world.up(web('web:1')).changes[0]?.action, 'none');
  t.is(service(world).update, undefined);
  t.true(view(world).converged);
  t.deepEqual(
    world.tables.tasks().map(({ id }) => id),
    ids,
  );
  world.up(web('web:2'));
  world.run();
  t.deepEqual(images(world), ['web:2', 'web:2', 'web:2']);
});

test('a rollback goes by its own pace, and one that fails too is paused', (t) => {
  const slow = { ...defaultUpdateConfig, parallelism: 1, delayMs: 60_000 };
  const world = begun({ rollback: slow, update: { ...rollback, parallelism: 0 } });
  world.up(web('web:2', { rollback: slow, update: { ...rollback, parallelism: 0 } }));
  world.run();
  t.deepEqual(images(world), ['web:2', 'web:2', 'web:2']);
  world.fail('web.1');
  world.run();
  t.deepEqual(images(world).toSorted(), ['web:1', 'web:2', 'web:2'], 'one after the other');
  pass(world, 60_000);
  world.reject('web.2', 'image web:1 is gone');
  t.is(service(world).update?.state, UpdateState.ROLLBACK_PAUSED);
  t.is(service(world).update?.message, 'the rollback is paused after 1 of 3 replacements failed: web.2 failed: image web:1 is gone');
  t.true(view(world).failed);
});

test('what is gone back to is what ran before the update, whatever was changed on its way', (t) => {
  const world = begun();
  world.up(web('web:2'));
  world.up(web('web:2', { labels: { a: 'b' } }));
  world.up(web('web:3'));
  world.reject('web.1', 'image web:3 could not be pulled');
  world.run();
  t.deepEqual(images(world), ['web:1', 'web:1', 'web:1']);
});

test('an update that fails a second time after a rollback with nothing changed since goes back again', (t) => {
  const world = begun();
  for (const image of ['web:2', 'web:3']) {
    world.up(web(image));
    world.reject('web.1', `image ${image} could not be pulled`);
    world.run();
    pass(world, defaultUpdateConfig.monitorMs);
    t.deepEqual(images(world), ['web:1', 'web:1', 'web:1']);
    t.is(service(world).update?.state, UpdateState.ROLLBACK_COMPLETED);
  }
});

test('another number of replicas is no update, and clears what was said of the last one', (t) => {
  const world = begun();
  world.up(web('web:2'));
  world.reject('web.1', 'image web:2 could not be pulled');
  world.run();
  pass(world, defaultUpdateConfig.monitorMs);
  world.scale('shop', 'web', 4);
  world.run();
  t.deepEqual(images(world), ['web:1', 'web:1', 'web:1', 'web:1']);
  t.true(view(world).converged);
});

test('while it goes back the service is not what was wished, though each of its tasks runs', (t) => {
  const world = begun();
  world.up(web('web:2'));
  world.reject('web.1', 'image web:2 could not be pulled');
  world.run();
  t.deepEqual(images(world), ['web:1', 'web:1', 'web:1']);
  t.is(service(world).update?.state, UpdateState.ROLLBACK_STARTED);
  t.false(view(world).converged, 'who waits would take it for done');
  t.false(view(world).failed, 'it is not over yet');
  t.regex(view(world).waitingReason, /the service goes back to what it was: web\.1 failed/);
});

test('an update that may go back is waited for until nobody watches its tasks any more; a first start, and one that only pauses, are not', (t) => {
  const world = begun();
  t.true(view(world).converged);
  world.up(web('web:2'));
  world.run();
  t.false(view(world).converged);
  t.is(view(world).waitingReason, 'its new tasks are watched for 5 s: when one fails, the service goes back to what it was');
  world.fail('web.3');
  t.is(service(world).update?.state, UpdateState.ROLLBACK_STARTED);
  world.run();
  pass(world, defaultUpdateConfig.monitorMs);
  t.true(view(world).failed);
  world.up(web('web:3'));
  world.run();
  t.false(view(world).converged);
  pass(world, defaultUpdateConfig.monitorMs);
  t.true(view(world).converged);
  t.is(view(world).waitingReason, '');

  const pausing = begun({ update: defaultUpdateConfig });
  pausing.up(web('web:2', { update: defaultUpdateConfig }));
  pausing.run();
  t.true(view(pausing).converged);
});

test('the former file while the service goes back to it is content with that', (t) => {
  const world = begun();
  world.up(web('web:2'));
  world.reject('web.1', 'image web:2 could not be pulled');
  t.is(world.up(web('web:1')).changes[0]?.action, 'none');
  world.run();
  t.deepEqual(images(world), ['web:1', 'web:1', 'web:1'], 'before its tasks are watched to the end');
  pass(world, defaultUpdateConfig.monitorMs);
  t.deepEqual(images(world), ['web:1', 'web:1', 'web:1']);
  t.false(view(world).failed);
  t.true(view(world).converged);
});

test('a spec that has proven itself is not gone back from: neither when it is restarted after another service, nor when it is tried again', (t) => {
  const db = (image: string) => serviceSpec('db', { task: { container: { image } } });
  const after = [{ service: 'db', condition: 'service_started', required: true, restart: true }];
  const both = (image: string, of: string) =>
    stackSpec('shop', [serviceSpec('web', { replicas: 1, update: rollback, dependsOn: after, task: { container: { image } } }), db(of)]);
  const world = new World();
  const webNow = () => world.tables.services().find(({ spec }) => spec.name === 'web');
  const restful = (): void => {
    for (let round = 0; round < 5; round += 1) {
      world.run();
      pass(world, defaultUpdateConfig.monitorMs);
    }
  };
  world.up(both('web:1', 'db:1'));
  restful();
  world.up(both('web:2', 'db:1'));
  restful();
  t.is(webNow()?.update?.state, UpdateState.UPDATE_COMPLETED);
  world.up(both('web:2', 'db:2'));
  world.run();
  world.fail('web.1', 'db cannot be reached');
  t.is(webNow()?.update?.state, UpdateState.UPDATE_PAUSED);
  t.is(webNow()?.spec.task.container.image, 'web:2');
  world.up(both('web:2', 'db:2'));
  world.run();
  world.fail('web.1', 'db cannot be reached');
  t.is(webNow()?.spec.task.container.image, 'web:2');
});

test('a network that only the former spec names waits for the end of the update, and is there for the way back', (t) => {
  const on = (image: string, ...names: readonly string[]) =>
    stackSpec(
      'shop',
      [
        serviceSpec('web', {
          replicas: 1,
          update: rollback,
          task: { container: { image }, networks: names.map((name) => attachment(name)) },
        }),
      ],
      { networks: names.map((name) => networkSpec(name)) },
    );
  const names = (world: World) => world.tables.networks().map(({ spec, removing }) => `${spec.name}${removing ? ' removing' : ''}`);
  for (const fails of [true, false]) {
    const world = new World();
    world.up(on('web:1', 'a', 'b'));
    world.run();
    world.up(on('web:2', 'b'));
    world.run();
    t.deepEqual(names(world).toSorted(), ['a removing', 'b']);
    if (fails) world.fail('web.1');
    world.run();
    pass(world, defaultUpdateConfig.monitorMs);
    t.deepEqual(names(world).toSorted(), fails ? ['a', 'b'] : ['b']);
    t.deepEqual(images(world), [fails ? 'web:1' : 'web:2']);
  }
});

test('tasks are not spread anew on the way back, not even while the last of them are watched', (t) => {
  const world = new World([nodeNamed('a'), nodeNamed('b', { state: NodeState.NODE_DOWN })]);
  world.up(web('web:1', { replicas: 2 }));
  world.run();
  world.up(web('web:2', { replicas: 2 }));
  world.reject('web.1', 'image web:2 could not be pulled');
  world.run();
  world.changeNode('b', { state: NodeState.NODE_READY });
  world.commit([{ putService: { ...service(world), rebalance: service(world).rebalance + 1, rebalancedAtMs: world.now } }]);
  world.settle();
  t.is(service(world).update?.state, UpdateState.ROLLBACK_STARTED);
  t.true(world.tables.tasks().every(({ replaces }) => replaces === undefined));
  pass(world, defaultUpdateConfig.monitorMs);
  t.is(service(world).update?.state, UpdateState.ROLLBACK_COMPLETED);
  world.run();
  t.deepEqual(world.lines().filter((line) => / running /.test(line)).length, 2);
  t.true(world.lines().includes('web.2 running on b'));
});

test('the way back that somebody asked for keeps a network that the update had let go, in its middle too', (t) => {
  const on = (network: string, image: string) =>
    stackSpec('shop', [serviceSpec('web', { replicas: 2, task: { container: { image }, networks: [attachment(network)] } })], {
      networks: [networkSpec(network)],
    });
  const world = new World();
  world.up(on('shop_old', 'web:1'));
  world.run();
  world.up(on('shop_new', 'web:2'));
  world.agentsStep();
  t.true(world.tables.networkByName('shop_old')?.removing);
  const back = goBack(service(world), world.now);
  if (back instanceof TsoError) throw back;
  world.commit([{ putService: back }]);
  world.run();
  t.false(world.tables.networkByName('shop_old')?.removing);
  t.deepEqual(images(world), ['web:1', 'web:1']);
  pass(world, defaultUpdateConfig.monitorMs);
  t.is(service(world).update?.state, UpdateState.ROLLBACK_COMPLETED);
  t.true(view(world).converged, 'somebody asked for it: nothing has failed');
  t.false(view(world).failed);
});

test('what was gone back to by hand is undone by going back again', (t) => {
  const world = begun();
  world.up(web('web:2'));
  world.run();
  pass(world, defaultUpdateConfig.monitorMs);
  const { spec: present, previousSpec: former } = service(world);
  for (const [wished, other] of [
    [former, present],
    [present, former],
  ]) {
    const back = goBack(service(world), world.now);
    if (back instanceof TsoError) throw back;
    world.commit([{ putService: back }]);
    world.run();
    pass(world, defaultUpdateConfig.monitorMs);
    t.deepEqual([service(world).spec, service(world).previousSpec], [wished, other]);
    t.true(view(world).converged);
  }
  t.deepEqual(images(world), ['web:2', 'web:2', 'web:2']);
});
