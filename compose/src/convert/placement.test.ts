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

test('what no node can be asked is told at its line', (t) => {
  t.regex(toldOf(file('{constraints: [disk==ssd]}')).join(), /E202 the constraint 'disk==ssd' cannot be understood: "disk" is not one of/);
  t.regex(toldOf(file('{preferences: [{spread: node.role}]}')).join(), /E202 'node.role' is no label to spread over/);
  t.deepEqual(placesOf(file('{max_replicas_per_node: 1}', 'global')), ['4:63 E303']);
});
