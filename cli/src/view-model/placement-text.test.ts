import type { NodeVerdict, PlacementView } from '@tso/proto';
import test from 'ava';
import { aTask } from '../testing/views.ts';
import { placementRow, placementsText } from './placement-text.ts';

const verdict = (hostname: string, fits: boolean, reason: string): NodeVerdict => ({ nodeId: `${hostname}-id`, hostname, fits, reason });
const verdicts = [
  verdict('host-a', true, '1 task of web'),
  verdict('host-b', true, '1 task of web'),
  verdict('host-e', true, '2 tasks of web'),
  verdict('host-c', false, 'lacks label disk=ssd'),
  verdict('host-d', false, 'lacks label disk=ssd'),
];
const placed = (slot: number, node: string, nodes = verdicts): PlacementView => ({
  task: aTask({ slot }),
  node,
  sentence: node === '' ? 'no node fits (2 lack label disk=ssd)' : 'fewest tasks of web (0)',
  nodes,
});

test('where a task is and why stands above the nodes by reason, the best first', (t) => {
  t.is(
    placementsText([placed(1, 'host-a')]),
    `web.1 is on host-a: fewest tasks of web (0)
  fits:         host-a, host-b: 1 task of web
                host-e: 2 tasks of web
  does not fit: host-c, host-d: lacks label disk=ssd
`,
  );
});

test('tasks of which all nodes say the same share the lines below', (t) => {
  const lines = placementsText([placed(1, 'host-a'), placed(2, 'host-b'), placed(3, '', verdicts.slice(3))]).split('\n');
  t.deepEqual(
    lines.filter((line) => line.startsWith('web')),
    [
      'web.1 is on host-a: fewest tasks of web (0)',
      'web.2 is on host-b: fewest tasks of web (0)',
      'web.3 waits: no node fits (2 lack label disk=ssd)',
    ],
  );
  t.is(lines.filter((line) => line.includes('host-e')).length, 1);
});

test('of very many nodes some are named and the rest is counted', (t) => {
  const nodes = Array.from({ length: 25 }, (_, index) => verdict(`n${index}`, false, 'is drained'));
  t.regex(placementsText([placed(1, '', nodes)]), /does not fit: n0, n1, .*, n9 and 15 more: is drained\n$/);
  const reasons = Array.from({ length: 15 }, (_, index) => verdict(`n${index}`, false, `lacks label l${index}`));
  t.regex(placementsText([placed(1, '', reasons)]), /n11: lacks label l11\n +3 more nodes; --format json has all\n$/);
});

test('tasks of several stacks have theirs before their names', (t) => {
  const other = placed(1, 'host-a');
  t.regex(
    placementsText([placed(1, 'host-a'), { ...other, task: { ...other.task, stack: 'blog' } }]),
    /^visits_web\.1 is on host-a.*\nblog_web\.1/,
  );
});

test('the document has every node', (t) => {
  t.deepEqual(placementRow(placed(1, '')), {
    taskId: 'web-task-1',
    stack: 'visits',
    service: 'web',
    slot: 1,
    node: null,
    because: 'no node fits (2 lack label disk=ssd)',
    nodes: verdicts.map(({ nodeId, ...rest }) => ({ id: nodeId, ...rest })),
  });
});
