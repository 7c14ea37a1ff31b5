import type { Node } from '@tso/proto';
import { NodeAvailability, NodeRole, NodeState, parseConstraint } from '@tso/proto';
import test from 'ava';
import { matchesConstraint } from '../rules/constraints.ts';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { nowhereText, Tally } from './explain.ts';

const placement = (change: Partial<{ constraints: string[]; spreadOver: string[]; maxReplicasPerNode: number }>) => ({
  constraints: [],
  spreadOver: [],
  maxReplicasPerNode: 0,
  ...change,
});

const perNode = (world: World): Readonly<Record<string, number>> =>
  Object.fromEntries(world.tables.nodes().map((node) => [node.id, world.tables.tasksOfNode(node.id).length]));

test('tasks go where the service has fewest, then where fewest are, then to the lowest id', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta'), nodeNamed('gamma')]);
  world.up(stackSpec('one', [serviceSpec('a', { replicas: 4 })]));
  t.deepEqual(perNode(world), { alpha: 2, beta: 1, gamma: 1 });
  world.up(stackSpec('two', [serviceSpec('b', { replicas: 2 })]));
  t.deepEqual(perNode(world), { alpha: 2, beta: 2, gamma: 2 });
});

test('a placement preference evens out the branches of a label before anything else', (t) => {
  const zone = (id: string, name: string) => nodeNamed(id, { labels: { zone: name } });
  const world = new World([zone('a1', 'a'), zone('a2', 'a'), zone('a3', 'a'), zone('b1', 'b')]);
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 6, task: { placement: placement({ spreadOver: ['node.labels.zone'] }) } })]));
  t.deepEqual(perNode(world), { a1: 1, a2: 1, a3: 1, b1: 3 });
});

test('no node takes more of a service than its placement allows', (t) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 3, task: { placement: placement({ maxReplicasPerNode: 1 }) } })]));
  t.is(world.task('web.3').pendingReason, 'no node fits (2 already have 1 of this service, the most a node may have)');
});

test('reserved processors and memory are counted until a task has ended', (t) => {
  const world = new World();
  const reservations = { nanoCpus: 1.5e9, memoryBytes: 0, pids: 0 };
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 3, task: { reservations } })]));
  t.is(world.task('web.3').pendingReason, 'no node fits (1 has 1 CPU left for 1.5 CPUs reserved)');
  world.scale('shop', 'web', 1);
  world.run();
  world.scale('shop', 'web', 2);
  t.is(world.task('web.2').pendingReason, '');
});

test('a task on an encrypted network goes only to nodes that can encrypt', (t) => {
  const { description } = nodeNamed('beta');
  const able = nodeNamed('beta', { description: { ...description, wireguardKey: 'key', wireguardPort: 24_790 } });
  const up = (world: World, name: string, driverOpts: Readonly<Record<string, string>>): string => {
    const service = serviceSpec(name, { task: { networks: [attachment(`${name}_net`)] } });
    world.up(stackSpec(name, [service], { networks: [networkSpec(`${name}_net`, { driverOpts })] }));
    return world.task(`${name}.1`).pendingReason || world.task(`${name}.1`).nodeId;
  };
  t.is(up(new World([nodeNamed('alpha'), able]), 'secret', { encrypted: 'true' }), 'beta');
  t.is(up(new World([nodeNamed('alpha'), able]), 'open', { encrypted: 'false' }), 'alpha');
  const none = new World([nodeNamed('alpha'), nodeNamed('gamma'), nodeNamed('delta', { availability: NodeAvailability.DRAIN })]);
  t.is(up(none, 'secret', { encrypted: 'true' }), 'no node fits (2 whose kernels have no WireGuard, 1 drained)');
  t.is(up(new World(), 'secret', { encrypted: 'true' }), 'no node fits (1 whose kernel has no WireGuard)');
});

test('nodes that are down, paused, drained or silent take nothing, and are counted by reason', (t) => {
  const world = new World([
    nodeNamed('a', { state: NodeState.NODE_DOWN }),
    nodeNamed('b', { state: NodeState.NODE_DOWN }),
    nodeNamed('c', { availability: NodeAvailability.PAUSE }),
    nodeNamed('d', { availability: NodeAvailability.DRAIN }),
    nodeNamed('e', { state: NodeState.NODE_UNKNOWN }),
  ]);
  world.up(stackSpec('shop', [serviceSpec('web')]));
  t.is(world.task('web.1').pendingReason, 'no node fits (2 are down, 1 is not connected, 1 drained, 1 paused)');
});

test('an empty cluster explains itself', (t) => {
  t.is(nowhereText(new Tally()), 'no node fits (the cluster has none yet)');
});

const manager: Node = nodeNamed('id1', {
  role: NodeRole.MANAGER,
  address: '10.1.2.3',
  labels: { disk: 'SSD' },
  description: {
    ...nodeNamed('host1').description,
    engineLabels: { gpu: 'yes' },
    platform: { os: 'linux', architecture: 'x86_64', variant: '' },
  },
});

for (const [text, expected] of [
  ['node.id==id1', true],
  ['node.id == id2', false],
  ['node.hostname==HOST1', true],
  ['node.role==manager', true],
  ['node.role!=manager', false],
  ['node.labels.disk==ssd', true],
  ['node.labels.Disk==ssd', false],
  ['node.labels.zone!=a', true],
  ['engine.labels.gpu==yes', true],
  ['node.platform.os==linux', true],
  ['node.ip==10.1.2.3', true],
  ['node.ip!=10.1.0.0/16', false],
  ['node.ip==192.168.0.0/16', false],
  ['node.platform.arch==amd64', true],
  ['node.platform.arch==x86_64', true],
  ['node.platform.arch!=arm64', true],
] as const) {
  test(`a manager with a fast disk ${expected ? 'meets' : 'does not meet'} ${text}`, (t) => {
    const constraint = parseConstraint(text);
    t.true(typeof constraint !== 'string' && matchesConstraint(manager, constraint) === expected);
  });
}
