import { NodeAvailability } from '@tso/proto';
import test from 'ava';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { explainPlacement } from './verdicts.ts';

const service = (world: World, name: string) => {
  const found = world.tables.services().find(({ spec }) => spec.name === name);
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};

const explained = (world: World, name: string) => {
  const task = world.task(name);
  return explainPlacement(world.tables, world.now, service(world, task.serviceName), task);
};

test('every node is judged: those that fit best first, the others by name with what each lacks', (t) => {
  const nodes = [
    nodeNamed('n4', { availability: NodeAvailability.DRAIN, labels: { disk: 'ssd' } }),
    nodeNamed('n3', {}),
    nodeNamed('n2', { labels: { disk: 'ssd' } }),
    nodeNamed('n1', { labels: { disk: 'ssd' } }),
  ];
  const world = new World(nodes);
  const placement = { constraints: ['node.labels.disk==ssd'], spreadOver: [], maxReplicasPerNode: 0 };
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2, task: { placement } })]));
  t.is(world.task('web.1').nodeId, 'n1');
  t.deepEqual(
    explained(world, 'web.1').nodes.map(({ hostname, fits }) => `${hostname} ${fits}`),
    ['n1 true', 'n2 true', 'n3 false', 'n4 false'],
    'its own node is judged as if it were not there',
  );
  t.deepEqual(
    explained(world, 'web.1')
      .nodes.map(({ reason }) => reason)
      .slice(2),
    ['lacks label disk=ssd', 'drained'],
  );
});

test('a task that is nowhere says why in the same words as its pending reason', (t) => {
  const world = new World([nodeNamed('a', { availability: NodeAvailability.PAUSE })]);
  world.up(stackSpec('shop', [serviceSpec('web')]));
  t.is(explained(world, 'web.1').sentence, 'no node fits (1 paused)');
  t.is(explained(world, 'web.1').sentence, world.task('web.1').pendingReason);
});
