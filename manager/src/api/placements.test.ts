import { NodeAvailability } from '@tso/proto';
import test from 'ava';
import { explainPlacement } from '../scheduler/verdicts.ts';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { explainPlacements } from './placements.ts';

const placement = { constraints: ['node.labels.disk==ssd'], spreadOver: [], maxReplicasPerNode: 1 };

test('each wished task has its node with why, or why it has none, and what every node says to it', (t) => {
  const world = new World([
    nodeNamed('a', { labels: { disk: 'ssd' } }),
    nodeNamed('b'),
    nodeNamed('c', { labels: { disk: 'ssd' }, availability: NodeAvailability.DRAIN }),
  ]);
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2, task: { placement } }), serviceSpec('db')]));
  world.run();
  const { placements, version } = explainPlacements(world.tables, { stack: 'shop', services: ['web'] }, world.now, explainPlacement);
  t.is(version, world.tables.index);
  t.deepEqual(
    placements.map(({ task, node }) => `${task.serviceName}.${task.slot} ${node}`),
    ['web.1 a', 'web.2 '],
  );
  const [first, second] = placements;
  t.not(first?.sentence, '');
  t.is(second?.sentence, second?.task.pendingReason);
  t.deepEqual(
    first?.nodes.map(({ hostname, fits }) => `${hostname} ${fits}`),
    ['a true', 'b false', 'c false'],
  );
  t.true(second?.nodes.every(({ fits, reason }) => !fits && reason !== ''));
});

test('without a name it is all services, by name and slot; what has ended is not asked about', (t) => {
  const world = new World([nodeNamed('a')]);
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2 }), serviceSpec('db')]));
  world.run();
  world.scale('shop', 'web', 1);
  world.run();
  const { placements } = explainPlacements(world.tables, { stack: 'shop', services: [] }, world.now, explainPlacement);
  t.deepEqual(
    placements.map(({ task }) => `${task.serviceName}.${task.slot}`),
    ['db.1', 'web.1'],
  );
  t.throws(() => explainPlacements(world.tables, { stack: 'shop', services: ['nope'] }, 0, explainPlacement), { code: 'NOT_FOUND' });
  t.throws(() => explainPlacements(world.tables, { stack: 'nope', services: [] }, 0, explainPlacement), { code: 'NOT_FOUND' });
});

test('of very many tasks on very many nodes those without a node are looked into first, and it is said how many are not', (t) => {
  const world = new World(Array.from({ length: 100 }, (_, at) => nodeNamed(`n${at}`)));
  const narrow = { constraints: ['node.labels.disk==ssd'], spreadOver: [], maxReplicasPerNode: 0 };
  world.up(
    stackSpec('shop', [serviceSpec('db'), serviceSpec('odd', { task: { placement: narrow } }), serviceSpec('web', { replicas: 550 })]),
  );
  world.run();
  const looked: string[] = [];
  const explain = (_view: unknown, _now: number, _service: unknown, { serviceName }: { readonly serviceName: string }) => {
    looked.push(serviceName);
    return { sentence: 'looked into', nodes: [] };
  };
  const { placements, cut } = explainPlacements(world.tables, { stack: 'shop', services: [] }, world.now, explain);
  t.is(placements.length, 552);
  t.is(looked.length, 500);
  t.is(cut, 52);
  t.deepEqual([looked.includes('odd'), looked.includes('db')], [true, true]);
  t.true(placements.every(({ sentence }) => sentence !== ''));
});
