import { present, ServiceMode, ServiceVerb } from '@tso/proto';
import test from 'ava';
import { Draft } from '../store/transaction.ts';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { scaleChanges } from './scale.ts';
import { validateStack } from './validate.ts';

const autoscale = { min: 2, max: 5, cpuPercent: 70, memoryPercent: 0, coolDownMs: 60_000 };
const made = (...services: readonly ReturnType<typeof serviceSpec>[]): World => {
  const world = new World([nodeNamed('a'), nodeNamed('b')]);
  world.up(stackSpec('shop', services));
  world.run();
  return world;
};
const by = { changedBy: 'alice', now: 9_000, random: (count: number) => new Uint8Array(count) };
const service = (world: World) => present(world.tables.services()[0], 'web');
const running = (world: World) => world.lines().filter((line) => line.includes(' running on ')).length;

test('the number of an autoscaled service is set within its bounds, and its spec stays as its file says', (t) => {
  const world = made(serviceSpec('web', { replicas: 1, autoscale }));
  t.is(running(world), 2);
  const stack = present(world.tables.stackByName('shop'), 'shop');
  const { changes } = world.scale('shop', 'web', 4);
  t.deepEqual(changes, [
    {
      kind: 'service',
      name: 'web',
      action: 'update',
      changes: [{ path: 'autoscale.replicas', from: '2', to: '4' }],
      effect: '2 tasks more',
    },
  ]);
  world.run();
  t.is(running(world), 4);
  t.like(service(world), { spec: { replicas: 1 }, autoscale: { replicas: 4, message: 'went from 2 to 4: test asked for it' } });
  t.is(world.tables.stackByName('shop'), stack);
  t.deepEqual(world.scale('shop', 'web', 4).changes[0]?.action, 'none');
});

test('a number outside the bounds of autoscaling is refused with them', (t) => {
  const world = made(serviceSpec('web', { replicas: 2, autoscale }));
  for (const replicas of [0, 1, 6])
    t.throws(() => scaleChanges(world.tables, 'shop', [{ service: 'web', replicas }], by), {
      code: 'FAILED_PRECONDITION',
      message: `service web is autoscaled between 2 and 5 tasks and cannot have ${replicas}`,
    });
});

test('what only one task can have keeps an autoscaled service at one', (t) => {
  const view = new World([nodeNamed('a')]).tables;
  const mac = '02:42:ac:11:00:02';
  const networks = [networkSpec('shop_default')];
  const one = serviceSpec('web', { replicas: 2, autoscale, task: { networks: [attachment('shop_default', { macAddress: mac })] } });
  t.like(validateStack(view, stackSpec('shop', [one], { networks })), {
    message: 'service web: one mac_address cannot be given to several tasks',
    hint: 'Leave mac_address out, or set max of x-tso-autoscale to 1',
  });
  const named = serviceSpec('web', { replicas: 2, autoscale, task: { container: { containerName: 'front' } } });
  t.regex(validateStack(view, stackSpec('shop', [named]))?.message ?? '', /container_name front cannot be given to several tasks/);
  // Accepted by an earlier release.
  const world = made(serviceSpec('web', { replicas: 2, autoscale }));
  const draft = new Draft(world.tables);
  draft.putService({ ...service(world), spec: named });
  world.commit(draft.actions());
  t.throws(() => scaleChanges(world.tables, 'shop', [{ service: 'web', replicas: 3 }], by), {
    message: 'service web has a container_name and cannot have 3 replicas',
  });
});

test('applying the same file again leaves the number that a load has led to; without autoscaling the file counts again', (t) => {
  const world = made(serviceSpec('web', { replicas: 2, autoscale }));
  world.scale('shop', 'web', 5);
  world.run();
  t.deepEqual(
    world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2, autoscale })])).changes.map(({ action }) => action),
    ['none'],
  );
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2, labels: { a: 'b' }, autoscale })]));
  world.run();
  t.is(running(world), 5);
  const { changes } = world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2, labels: { a: 'b' } })]));
  t.is(changes[0]?.effect, '3 tasks fewer');
  world.run();
  t.is(running(world), 2);
  t.is(service(world).autoscale, undefined);
});

test('one that is stopped is given another number and stays stopped', (t) => {
  const world = made(serviceSpec('web', { replicas: 2 }));
  world.verb('shop', ServiceVerb.VERB_STOP);
  world.run();
  t.is(world.scale('shop', 'web', 3).changes[0]?.effect, 'no task starts: it is stopped');
  world.run();
  t.is(running(world), 0);
  world.verb('shop', ServiceVerb.VERB_START);
  world.run();
  t.is(running(world), 3);
});

test('numbers that cannot be, two of one service, and services that are not there are refused before anything changes', (t) => {
  const world = made(serviceSpec('web'), serviceSpec('db'), serviceSpec('all', { mode: ServiceMode.GLOBAL }));
  const refused = (scales: Parameters<typeof scaleChanges>[2]) => t.throws(() => scaleChanges(world.tables, 'shop', scales, by))?.message;
  const { index } = world.tables;
  t.is(refused([{ service: 'web', replicas: -1 }]), 'service web cannot have -1 replicas');
  t.is(refused([{ service: 'web', replicas: Number.NaN }]), 'service web cannot have NaN replicas');
  t.is(refused([{ service: 'web', replicas: 20_000 }]), 'service web: 20000 replicas are more than the 10000 a service may have');
  t.is(
    refused([
      { service: 'web', replicas: 1 },
      { service: 'web', replicas: 2 },
    ]),
    'service web is given two numbers',
  );
  t.is(
    refused([
      { service: 'web', replicas: 5 },
      { service: 'cache', replicas: 2 },
    ]),
    'stack shop has no service cache',
  );
  t.is(refused([{ service: 'all', replicas: 2 }]), 'service all is global: it has one task on every node and has no number of replicas');
  t.is(t.throws(() => scaleChanges(world.tables, 'none', [], by))?.message, 'there is no stack none');
  t.is(world.tables.index, index);
});

test('a job of which more completions are wished says how many more', (t) => {
  const world = made(serviceSpec('job', { mode: ServiceMode.REPLICATED_JOB, job: { totalCompletions: 2, maxConcurrent: 1 } }));
  t.is(world.scale('shop', 'job', 5).changes[0]?.effect, '3 completions more');
});
