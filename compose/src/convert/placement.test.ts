import { PlacementStrategy } from '@tso/proto';
import test from 'ava';
import { placesOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const file = (placement: string, mode = 'replicated'): string => oneService(`deploy: {mode: ${mode}, placement: ${placement}}`);

test('constraints, preferences and the most on one node are passed on', (t) => {
  const said =
    '{constraints: ["node.ip != 10.0.0.0/8", engine.labels.gpu==yes], preferences: [{spread: node.labels.zone}], max_replicas_per_node: 2}';
  t.deepEqual(serviceOf(file(said)).task.placement, {
    constraints: ['node.ip != 10.0.0.0/8', 'engine.labels.gpu==yes'],
    spreadOver: ['node.labels.zone'],
    maxReplicasPerNode: 2,
  });
});

test('tasks are packed where the placement says so, and have the priority that the service says', (t) => {
  t.is(serviceOf(file('{x-tso-strategy: binpack}')).task.placement.strategy, PlacementStrategy.BINPACK);
  t.is(serviceOf(file('{x-tso-strategy: spread}')).task.placement.strategy, undefined);
  t.regex(toldOf(file('{x-tso-strategy: pack}')).join(), /E202 "pack" is not a way to place tasks/);
  t.deepEqual(placesOf(file('{x-tso-strategy: binpack}', 'global')), ['4:56 E303']);
  const priority = (value: string): string => oneService(`deploy: {x-tso-priority: ${value}}`);
  t.is(serviceOf(priority('-5')).priority, -5);
  t.is(serviceOf(priority('"10"')).priority, 10);
  t.is(serviceOf(oneService('tty: true')).priority, 0);
  for (const wrong of ['1001', '1.5', 'high', '[1]', '{}']) t.is(placesOf(priority(wrong)).length, 1, wrong);
});

test('what no node can be asked is told at its line', (t) => {
  t.regex(toldOf(file('{constraints: [disk==ssd]}')).join(), /E202 the constraint 'disk==ssd' cannot be understood: "disk" is not one of/);
  t.regex(toldOf(file('{preferences: [{spread: node.role}]}')).join(), /E202 'node.role' is no label to spread over/);
  t.deepEqual(placesOf(file('{max_replicas_per_node: 1}', 'global')), ['4:63 E303']);
});
