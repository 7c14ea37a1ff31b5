import { NodeState, present, ServiceMode, TaskState } from '@tso/proto';
import test from 'ava';
import { movesAhead } from '../moves-ahead.ts';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { rebalanceChanges } from './rebalance.ts';
import { stackView } from './stack-view.ts';

const grown = (...services: ReturnType<typeof serviceSpec>[]): World => {
  const world = new World([nodeNamed('a'), nodeNamed('b', { state: NodeState.NODE_DOWN })]);
  world.up(stackSpec('shop', services));
  world.run();
  world.changeNode('b', { state: NodeState.NODE_READY });
  return world;
};

test('it is said which task goes where, and that is what happens', (t) => {
  const world = grown(serviceSpec('web', { replicas: 5 }));
  const { changes, actions } = rebalanceChanges(world.tables, 'shop', [], world.now, movesAhead);
  t.deepEqual(changes, [
    {
      kind: 'service',
      name: 'web',
      action: 'update',
      changes: [
        { path: 'web.5', from: 'a', to: 'b' },
        { path: 'web.4', from: 'a', to: 'b' },
      ],
    },
  ]);
  world.commit(actions);
  t.false(stackView(world.tables, 'shop').services[0]?.converged, 'a service whose tasks are being moved has not converged');
  world.run();
  t.true(stackView(world.tables, 'shop').services[0]?.converged);
  t.deepEqual(
    world.lines().filter((line) => line.includes('running on b')),
    ['web.4 running on b', 'web.5 running on b'],
  );
});

test('who shares the network of others is not moved away from them', (t) => {
  const world = grown(serviceSpec('db'), serviceSpec('side', { replicas: 3, task: { networkMode: 'service:db' } }));
  const { changes, actions } = rebalanceChanges(world.tables, 'shop', ['side'], world.now, movesAhead);
  t.deepEqual(
    changes.map(({ action, changes: [first] }) => [action, first?.to]),
    [['none', 'its tasks stay beside those whose network, processes or IPC they share']],
  );
  t.deepEqual(actions, []);
});

test('what cannot be moved, or need not be, is none, and says why', (t) => {
  const placement = { constraints: ['node.hostname==a'], spreadOver: [], maxReplicasPerNode: 0 };
  const world = grown(
    serviceSpec('all', { mode: ServiceMode.GLOBAL }),
    serviceSpec('one'),
    serviceSpec('web', { replicas: 2, task: { placement } }),
  );
  world.run();
  const { changes } = rebalanceChanges(world.tables, 'shop', [], world.now, movesAhead);
  t.deepEqual(
    changes.map(({ name, action, changes: [first] }) => [name, action, first?.to]),
    [
      ['all', 'none', 'it has one task on every node as it is'],
      ['one', 'update', 'b'],
      ['web', 'none', 'its tasks are spread as evenly as they may be'],
    ],
    'of four tasks on one node and one on the other, one goes',
  );
});

test('nothing to do is no action at all', (t) => {
  const world = grown(serviceSpec('web'));
  const { actions, changes } = rebalanceChanges(world.tables, 'shop', ['web'], world.now, movesAhead);
  t.deepEqual([actions, changes[0]?.action], [[], 'none']);
});

test('stacks and services that do not exist are named', (t) => {
  const world = grown(serviceSpec('web'));
  t.throws(() => rebalanceChanges(world.tables, 'blog', [], 0, movesAhead), { code: 'NOT_FOUND', message: 'there is no stack blog' });
  t.throws(() => rebalanceChanges(world.tables, 'shop', ['db'], 0, movesAhead), {
    code: 'NOT_FOUND',
    message: 'stack shop has no service db',
  });
});

test('applying the same file again takes up a move that was given up', (t) => {
  const spec = stackSpec('shop', [serviceSpec('web', { replicas: 2 })]);
  const world = grown(...spec.services);
  world.commit(rebalanceChanges(world.tables, 'shop', [], world.now, movesAhead).actions);
  const [service] = world.tables.services();
  if (service === undefined) throw new Error('no service');
  world.commit([{ putService: { ...service, rebalancePaused: 'a task failed on the new node' } }]);
  const [shown] = stackView(world.tables, 'shop').services;
  t.deepEqual([shown?.failed, shown?.waitingReason], [true, 'a task failed on the new node']);
  t.deepEqual(world.up(spec).changes.find(({ name }) => name === 'web')?.changes, [{ path: 'rebalance', from: 'paused', to: 'resumed' }]);
  world.run();
  t.true(stackView(world.tables, 'shop').services[0]?.converged);
});

test('while tasks start, or an update goes on, it is accepted for later', (t) => {
  const world = grown(serviceSpec('web', { replicas: 4 }));
  world.scale('shop', 'web', 5);
  const starting = rebalanceChanges(world.tables, 'shop', ['web'], world.now, movesAhead).changes[0];
  t.deepEqual([starting?.action, starting?.changes[0]?.to], ['update', 'once all its tasks run']);
  world.run();
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 5, task: { container: { image: 'busybox:2' } } })]));
  const { changes, actions } = rebalanceChanges(world.tables, 'shop', ['web'], world.now, movesAhead);
  t.deepEqual([changes[0]?.action, changes[0]?.changes[0]?.to], ['update', 'once its update is done']);
  world.commit(actions);
  for (let step = 0; step < 50; step += 1) {
    world.run();
    if (world.sleep() === 0) break;
  }
  t.true(stackView(world.tables, 'shop').services[0]?.converged);
});

const failMove = (world: World): void => {
  const isMover = ({ nodeId, status }: { readonly nodeId: string; readonly status: { readonly state: TaskState } }): boolean =>
    nodeId === 'b' && status.state < TaskState.RUNNING;
  world.report(present(world.tables.tasks().find(isMover), 'the new task'), { state: TaskState.REJECTED, error: 'no image' });
};

test('a move that fails is noticed whatever the clock of the manager that was asked says', (t) => {
  const world = grown(serviceSpec('web', { replicas: 2 }));
  world.commit(rebalanceChanges(world.tables, 'shop', [], world.now + 3_600_000, movesAhead).actions);
  world.now += 10;
  world.settle();
  failMove(world);
  world.settle();
  t.regex(world.tables.services()[0]?.rebalancePaused ?? '', /no image/);
});

test('what failed before does not count when moves that were given up are taken up again', (t) => {
  const spec = stackSpec('shop', [serviceSpec('web', { replicas: 2 })]);
  const world = grown(...spec.services);
  world.commit(rebalanceChanges(world.tables, 'shop', [], world.now, movesAhead).actions);
  world.now += 10;
  world.settle();
  failMove(world);
  world.run();
  t.regex(world.tables.services()[0]?.rebalancePaused ?? '', /no image/);
  world.up(spec);
  world.run();
  t.is(world.tables.services()[0]?.rebalancePaused, undefined);
  t.is(world.lines().filter((line) => line.endsWith('running on b')).length, 1);
});
